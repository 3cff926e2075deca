"""Answers of a Gemini, or of a gateway before it, that are ill in form: each is read, or told in our words, in time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from reference_server.gemini_compat.answer import Answer
from reference_server.gemini_compat.client import GeminiClient
from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.gemini_compat.model import Gemini, GeminiModel, Patience
from reference_server.gemini_compat.tool_calls import Call, ToolCalls

from .test_cut_letters import Body, Heard, event

DONE = b"data: [DONE]\n\n"
CANARY = "AIzaSyCanaryCanaryCanaryCanary"
QUICK_S = 10.0
"""Seconds for the longest answer; reading in squares took minutes."""


async def _read(*events: bytes, together: bool = True) -> tuple[Answer, Heard]:
    heard = Heard()
    answer = Answer((), heard)
    await answer.read(Body(*events, together=together))
    return answer, heard


def _calls(*pieces: dict[str, Any]) -> list[Call]:
    calls = ToolCalls(())
    for piece in pieces:
        calls.take([piece])
    calls.close()
    return calls.all


def _piece(arguments: str, *, name: str = "create_task", id: str = "c1", index: int = 0) -> dict[str, Any]:
    return {"index": index, "id": id, "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize("together", [False, True], ids=["apart", "together"])
async def test_a_mark_of_the_byte_order_loses_no_word(together: bool) -> None:
    """The first words of a stream that begins with a mark of the byte order are read, as in a browser."""
    events = [b"\xef\xbb\xbf" + event({"content": "Fine "}), event({"content": "here."}, "stop"), DONE]
    assert (await _read(*events, together=together))[0].text == "Fine here."


@pytest.mark.parametrize("reason", ["stop", "STOP", "Stop", "TOOL_CALLS"])
async def test_a_reason_in_capitals_is_the_same_reason(reason: str) -> None:
    """What a gateway writes as the native API does, STOP, ends an answer as stop does."""
    assert (await _read(event({"content": "Hi"}, reason), DONE))[0].text == "Hi"


async def test_the_native_word_for_a_used_up_limit_is_told_as_one() -> None:
    """MAX_TOKENS is the limit, not a refusal."""
    with pytest.raises(GeminiFailure, match="token limit before the end"):
        await _read(event({"content": "Hi"}, "MAX_TOKENS"), DONE)


ENDLESS = {
    "data lines without data": [b"data:\n" * 1000] * 2600,
    "blanks before any word": [event({"content": " "})] * 100_000,
    "one letter at a time": [event({"content": "a"})] * 100_000,
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_many_small_pieces_are_read_in_a_line(name: str) -> None:
    """What comes in a hundred thousand pieces takes seconds of the loop that all users share, not minutes."""
    before = time.process_time()
    try:
        await _read(*ENDLESS[name], event({}, "stop"), DONE, together=False)
    except GeminiFailure as told:
        assert "above a megabyte" in told.message  # noqa: PT017  # of one of the three alone
    assert time.process_time() - before < QUICK_S


def test_a_name_that_is_repeated_with_each_piece_is_one_call() -> None:
    """Gateways that send name and id with each piece of the arguments mean one call."""
    (call,) = _calls(_piece(""), _piece('{"title": '), _piece('"Milk"}'))
    assert json.loads(call.arguments) == {"title": "Milk"}


@pytest.mark.parametrize("id", ["c1", ""])
def test_whole_calls_of_one_id_are_several(id: str) -> None:
    """Two calls whose arguments are closed stay two, also where a model gives both the same index and id."""
    first, second = _calls(_piece('{"title": "A"}', id=id), _piece('{"title": "B"}', id=id))
    assert [json.loads(c.arguments)["title"] for c in (first, second)] == ["A", "B"]
    assert first.id != second.id


@pytest.mark.parametrize("arguments", ["[" * 100_000, '{"title": ' + "[" * 50_000 + "]" * 50_000 + "}"])
def test_arguments_nested_without_end_are_told(arguments: str) -> None:
    """Arguments that no reader's stack holds are a call in a form that cannot be read, not a fault of ours."""
    with pytest.raises(GeminiFailure, match="cannot be read"):
        _calls(_piece(arguments))


@asynccontextmanager
async def _upstream(answer: bytes) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def _asked(answer: bytes, heard: Heard) -> None:
    async with _upstream(answer) as url:
        client = GeminiClient(api_key="k", base_url=url, connect_s=2, silence_s=2)
        gemini = Gemini(client, silence_s=2, patience=Patience(waits_s=()))
        async with client:
            await GeminiModel("gemini", gemini, heard)._answer(b'{"messages": []}', [], frozenset({"create_task"}))


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
NO_HTTP = {
    "another protocol": b"hello there\n",
    "a status in letters": b"HTTP/1.1 abc X\r\n\r\n",
    "a header without end": OK + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
    "50,000 headers": OK + b"".join(b"X%d: a\r\n" % n for n in range(50_000)) + b"\r\n",
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
    "a length below none": OK + b"Content-Length: -1\r\n\r\n",
    "a chunk of no size": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("name", NO_HTTP)
async def test_what_is_no_http_is_told_in_our_words(name: str) -> None:
    """An answer that is no HTTP is a failure of Gemini's: told as one, and not as a fault of ours."""
    with pytest.raises(GeminiFailure, match=r"no HTTP that can be read|broke off|could not be reached") as told:
        await _asked(NO_HTTP[name], Heard())
    assert told.value.passing


@pytest.mark.parametrize("charset", ["base64", "zlib", "rot13", "punycode", "idna", "nonsense"])
async def test_an_error_in_a_coding_that_is_no_text_is_still_that_error(charset: str) -> None:
    """An error's body is read as UTF-8 whatever coding it names: 429 stays 429, with the wait that it asks for."""
    body = json.dumps([{"error": {"code": 429, "message": "Please retry in 41s."}}]).encode()
    head = f"HTTP/1.1 429 X\r\nContent-Type: application/json; charset={charset}\r\nContent-Length: {len(body)}\r\n\r\n"
    with pytest.raises(GeminiFailure, match="Try again in 41 s"):
        await _asked(head.encode() + body, Heard())


class _Told(Heard):
    """Who listens to the names of tools as well."""

    def __init__(self) -> None:
        super().__init__()
        self.tools: list[str] = []

    def calling(self, tool: str) -> None:
        """The tool's name."""
        self.tools.append(tool)


async def test_a_tool_that_the_model_made_up_is_named_to_nobody() -> None:
    """A name that is no tool's, a key among them, is not shown to the user; that of a tool is."""
    made_up, known = _piece("{}", name=f"<b>{CANARY}\u202e"), _piece("{}", id="c2", index=1)
    told = _Told()
    body = event({"tool_calls": [made_up]}) + event({"tool_calls": [known]}, "stop") + DONE
    await _asked(OK + b"Connection: close\r\n\r\n" + body, told)
    assert told.tools == ["create_task"]
