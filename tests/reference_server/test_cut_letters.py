"""An emoji that a gateway has cut in two reaches the user whole, and half a letter ends no answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from reference_server.gemini_compat.answer import Answer
from reference_server.gemini_compat.failure import GeminiFailure

CALL = {"function": {"name": "create_task", "arguments": '{"title": "Water \ud83c'}, "index": 0, "id": "a"}
REST = {"function": {"arguments": '\udf3f"}'}, "index": 0}


class Body:
    """A response: an event for each delta, each in a read of its own or all in one."""

    def __init__(self, *events: bytes, together: bool) -> None:
        self.headers: dict[str, str] = {}
        self.reads = (b"".join(events),) if together else events

    async def aiter_raw(self) -> AsyncIterator[bytes]:
        """What comes from the network."""
        for read in self.reads:
            yield read


class Heard:
    """Who listens, and keeps each text."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.thoughts: list[str] = []

    def write(self, text: str) -> None:
        """The next words."""
        self.texts.append(text)

    def thinking(self, text: str) -> None:
        """The next words of a thought."""
        self.thoughts.append(text)

    def calling(self, tool: str) -> None:
        """A call is not of interest here."""

    def end(self) -> None:
        """Neither is the end."""


def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    """An event in JSON that escapes what is no ASCII, halves of letters as well."""
    return b"data: %b\n\n" % json.dumps({"choices": [{"delta": delta, "finish_reason": finish}]}).encode()


async def read(deltas: Sequence[dict[str, Any]], *, together: bool = False) -> tuple[Answer, Heard]:
    """An answer of these deltas, and what was heard of it."""
    heard = Heard()
    answer = Answer((), heard)
    events = [event(delta) for delta in deltas]
    await answer.read(Body(*events, event({}, "stop"), b"data: [DONE]\n\n", together=together))
    return answer, heard


CUT = {
    "an emoji in two": (["Fern \ud83c", "\udf3f!"], "Fern \N{HERB}!"),
    "an emoji in two deltas of its own": (["\ud83c", "\udf3f"], "\N{HERB}"),
    "an empty delta between the halves": (["\ud83c", "", "\udf3f"], "\N{HERB}"),
    "a family, cut in each of its emoji": (
        ["\ud83d", "\udc69\u200d\ud83d", "\udc67\u200d", "\ud83d", "\udc66"],
        "\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY}",
    ),
    "one delta that ends and begins with a half": (["a\ud83c", "\udf3f\ud83c", "\udf3fb"], "a\N{HERB}\N{HERB}b"),
    "a first half alone": (["Fern \ud83c"], "Fern \ufffd"),
    "a first half, and then other text": (["Fern \ud83c", " leaf"], "Fern \ufffd leaf"),
    "a second half alone": (["\udf3f Fern"], "\ufffd Fern"),
    "whole ones": (["Fern \N{HERB}", "\N{HERB}"], "Fern \N{HERB}\N{HERB}"),
}
"""Deltas, and the text that they are."""


@pytest.mark.parametrize("together", [False, True], ids=["apart", "together"])
@pytest.mark.parametrize("name", CUT)
async def test_the_halves_of_a_letter_are_one(name: str, together: bool) -> None:
    """Halves in two deltas are one letter, one by itself is U+FFFD, and each piece that is sent on is UTF-8."""
    texts, said = CUT[name]
    answer, heard = await read([{"content": text} for text in texts], together=together)
    assert answer.text == said
    assert "".join(heard.texts) == said
    assert all(text.encode() for text in heard.texts)


async def test_halves_in_the_arguments_of_a_call_are_one() -> None:
    """Arguments that come in two pieces are put together as text is, and a text before them is not held back."""
    answer, heard = await read([{"content": "So \ud83c"}, {"tool_calls": [CALL]}, {"tool_calls": [REST]}])
    assert json.loads(answer.calls[0].arguments) == {"title": "Water \N{HERB}"}
    assert heard.texts == ["So ", "\ufffd"]


async def test_halves_in_a_thought_are_one() -> None:
    """A thought is put together as well, and no half of it slips into the answer."""
    flagged = {"extra_content": {"google": {"thought": True}}}
    thought = [{"content": "<thought>Ferns \ud83c", **flagged}, {"content": "\udf3f.", **flagged}]
    answer, heard = await read([*thought, {"content": "</thought>Hello."}])
    assert answer.text == "Hello."
    assert "".join(heard.thoughts) == "Ferns \N{HERB}."


async def test_broken_json_is_told_beside_half_a_letter() -> None:
    """What is no JSON, or nested without end, stays a failure where half a letter stands in it."""
    for broken in (b'data: {"a": "\\ud83c\n\n', b'data: {"a": "\\ud83c", "b": ' + b"[" * 100_000 + b"\n\n"):
        with pytest.raises(GeminiFailure, match="not JSON"):
            await Answer((), Heard()).read(Body(broken, together=False))
