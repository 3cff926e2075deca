"""What the model said in each of its answers, and whether it came to its end, as the stand-in wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..transcript import JSON, Call, Transcript
from .once import once

ENDS = ("stop", "tool_calls")
"""The finish reasons of an answer that is whole (Gemini's OpenAI endpoint gives `stop` with calls, too)."""

ENDLESS = "endless-text"
"""The fault of an answer without an end, of which the journal keeps the beginning."""

LASTING = re.compile(r"PerDay|prepay|credits are depleted|retry in \d+h")
"""In the words of a 429: a quota that does not come back within the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """One answer of the model.

    Args:
        text: its words, thoughts left out. spelled: the same, with a number that stands in the place of words.
        calls: id, name and arguments of each tool call, in order.
        finish: its finish reason, or "". trouble: why it is not a whole answer, or "".
        left: whether the server went away before it was whole: then the model is not to blame.
        refused: whether the request itself was wrong, and refused for that: then the server is to blame.
        known: whether anything is known of it. begun: whether only its beginning is known, since it had no end.
    """

    text: str = ""
    spelled: str = ""
    calls: tuple[tuple[str, str, str], ...] = ()
    finish: str = ""
    trouble: str = ""
    left: bool = False
    refused: bool = False
    known: bool = True
    begun: bool = False

    @property
    def whole(self) -> bool:
        """Whether it came to its end and said something."""
        return self.known and not self.trouble and not self.left


@once
def model_answers(t: Transcript) -> dict[int, ModelAnswer]:
    """What the model said in each call of a transcript, by the call's `n`."""
    return {call.n: model_answer(call) for call in t.calls}


def model_answer(call: Call) -> ModelAnswer:
    """What the model said in one call."""
    left = call.gone_at is not None
    if call.status >= 400:
        refused = bool(call.complaints) and not call.fault
        return ModelAnswer(trouble=f"HTTP {call.status}", left=left, refused=refused)
    if call.finished_at is None and not left and not call.sent:
        return ModelAnswer(known=False)
    chunks = list(_chunks(call))
    deltas = [delta for chunk in chunks if isinstance(chunk, dict) for delta in _deltas(chunk)]
    finish = next((f for chunk in reversed(chunks) if (f := _finish(chunk))), "")
    text = "".join(str(d["content"]) for d in deltas if isinstance(d.get("content"), str) and not _thought(d))
    calls = tuple(made for d in deltas for made in _calls(d))
    return ModelAnswer(
        text=text.removeprefix("</thought>"),
        spelled="".join(str(d["content"]) for d in deltas if _spells(d.get("content")) and not _thought(d)),
        calls=calls,
        finish=finish,
        trouble=_trouble(call, chunks, finish, bool(text.strip() or calls)),
        left=left,
        begun=call.fault == ENDLESS,
    )


def _spells(content: JSON) -> bool:
    """Whether it reads as words: a number does, in every language that puts it behind some."""
    return isinstance(content, str | int | float) and not isinstance(content, bool)


def _trouble(call: Call, chunks: list[JSON], finish: str, something: bool) -> str:
    if not chunks:
        return "nothing was sent"
    for chunk in chunks:
        if not isinstance(chunk, dict) or "error" in chunk or not isinstance(chunk.get("choices"), list):
            return "something else than an answer was sent"
    if finish not in ENDS:
        return f"finish_reason {finish}" if finish else "it was cut off"
    if call.sent[-1].data != "[DONE]" and call.fields.get("stream") is True:
        return "it ended without [DONE]"
    if call.fault:
        return f"the fault {call.fault!r}"
    return "" if something else "it said nothing"


def _chunks(call: Call) -> Iterator[JSON]:
    for sent in call.sent:
        data = sent.data.removeprefix("data: ").strip()
        if data and data != "[DONE]":
            try:
                yield json.loads(data)
            except (ValueError, RecursionError):
                yield None


def _choice(chunk: JSON) -> dict[str, Any]:
    choices = chunk.get("choices") if isinstance(chunk, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _deltas(chunk: dict[str, JSON]) -> Iterator[dict[str, Any]]:
    choice = _choice(chunk)
    delta = choice.get("delta") or choice.get("message")
    if isinstance(delta, dict):
        yield delta


def _finish(chunk: JSON) -> str:
    finish = _choice(chunk).get("finish_reason")
    return finish if isinstance(finish, str) else ""


def _thought(delta: dict[str, Any]) -> bool:
    google = (delta.get("extra_content") or {}).get("google") if isinstance(delta.get("extra_content"), dict) else None
    return isinstance(google, dict) and google.get("thought") is True


def _calls(delta: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    rows = delta.get("tool_calls")
    for row in rows if isinstance(rows, list) else ():
        function = row.get("function") if isinstance(row, dict) else None
        if isinstance(function, dict):
            yield str(row.get("id") or ""), str(function.get("name") or ""), str(function.get("arguments") or "")
