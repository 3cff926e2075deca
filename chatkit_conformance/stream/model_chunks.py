"""What one chunk of the model's answer brings: words of the answer, or tool calls. A thought is neither.

A chunk is a `chat.completion.chunk`, or the whole of an answer that is not streamed, as JSON text. Gemini flags each
delta of a thought, and ends the thought with a tag that the next delta begins with, or that stands in the whole text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..transcript import JSON, Call
from .event_kinds import readable

_THOUGHT_BEGIN, _THOUGHT_END = "<thought>", "</thought>"
_FLAG, _TAG = '"thought"', "thought>"


def _delta(data: str) -> Mapping[str, JSON]:
    """The first choice's delta or message, {} where there is none."""
    try:
        choice = json.loads(data)["choices"][0]
        delta = choice.get("delta") or choice.get("message")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return {}
    return delta if isinstance(delta, Mapping) else {}


def _is_thought(delta: Mapping[str, JSON]) -> bool:
    extra = delta.get("extra_content")
    google = extra.get("google") if isinstance(extra, Mapping) else None
    return isinstance(google, Mapping) and google.get("thought") is True


def words_in(data: str) -> str:
    """The words of the answer in this chunk, "" for none."""
    if '"content"' not in data:
        return ""
    delta = _delta(data)
    content = delta.get("content")
    if not isinstance(content, str):
        return ""
    _thought, ended, words = content.rpartition(_THOUGHT_END)
    return words if ended or not _is_thought(delta) else ""


def has_words(data: str) -> bool:
    """Whether this chunk brings words of the answer that a person can read."""
    return readable(words_in(data))


def tools_called(data: str) -> tuple[str, ...]:
    """The names of the tools that this chunk calls, "" for a call without a name; () for any other chunk."""
    if '"tool_calls"' not in data:
        return ()
    calls = _delta(data).get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []
    return tuple(str(f.get("name") or "") for f in functions if isinstance(f, Mapping))


def call_ids(data: str) -> list[JSON]:
    """The ids of the calls in this chunk, as they stand there: a model that breaks may give what is no text."""
    calls = _delta(data).get("tool_calls") if '"tool_calls"' in data else None
    return [call.get("id") for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []


def signature_of(row: Mapping[str, Any]) -> str:
    """The thought signature of a tool call, as it came or as it goes back; "" where it has none."""
    extra = row.get("extra_content")
    google = extra.get("google") if isinstance(extra, Mapping) else None
    value = google.get("thought_signature") if isinstance(google, Mapping) else None
    return value if isinstance(value, str) else ""


def signatures_given(call: Call) -> Iterator[tuple[str, str]]:
    """The ids of the calls that the model made with a thought signature, each with it."""
    for sent in call.sent:
        rows = _delta(sent.data).get("tool_calls") if '"thought_signature"' in sent.data else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, Mapping) and isinstance(row.get("id"), str) and row["id"] and signature_of(row):
                yield row["id"], signature_of(row)


def bare_thought_of(call: Call) -> str:
    """What the model thought at the beginning of one answer without a flag, as its own tags tell; "" for nothing."""
    if not any(_TAG in sent.data for sent in call.sent) or any(_FLAG in sent.data for sent in call.sent):
        return ""
    text = "".join(str(_delta(sent.data).get("content") or "") for sent in call.sent).lstrip()
    thought, closed, _ = text.removeprefix(_THOUGHT_BEGIN).partition(_THOUGHT_END)
    return thought.strip() if closed and text.startswith(_THOUGHT_BEGIN) else ""


def thought_of(call: Call) -> str:
    """What the model thought in one answer, without the tags around it; "" for nothing that is flagged as a thought."""
    deltas = (_delta(sent.data) for sent in call.sent if _FLAG in sent.data)
    texts = (str(delta.get("content") or "") for delta in deltas if _is_thought(delta))
    return "".join(texts).partition(_THOUGHT_END)[0].removeprefix(_THOUGHT_BEGIN).strip()
