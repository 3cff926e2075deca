"""Gemini's stream, read from the bytes: what the OpenAI SDK's own reader passes over in silence is an error here.

Read at this level because only the bytes show a bare JSON error between events, a missing `[DONE]` and a page of HTML.
Chunks that came in one network read are given together, so that a busy server handles them in one go.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from typing import Any, Protocol

import httpx2
from pydantic_core import from_json

from reference_server.gemini_compat.failure import GeminiFailure, error_in, from_body, from_text, timed_out
from reference_server.gemini_compat.packing import Unpacker

Chunk = dict[str, Any]

# After [DONE] the body's end is due at once; reading it lets the connection be used again.
_END_OF_BODY_S = 0.25
_LONGEST_STRAY = 64 * 1024
# One event of Gemini's has some hundred bytes, one with a thought signature some thousand; an answer of its 65,536
# tokens has less than a megabyte of text, and three times that around it.
_LARGEST_EVENT = 1_000_000
_LARGEST_ANSWER = 16_000_000


class Body(Protocol):
    """The part of an HTTP response that is read here."""

    @property
    def headers(self) -> Any: ...

    def aiter_raw(self) -> AsyncIterator[bytes]: ...


class EventReader:
    """Bytes in, parsed chunks out. `done` is true once `[DONE]` was read."""

    def __init__(self) -> None:
        self.done = False
        self._rest: list[bytes] = []
        self._pending = 0
        self._size = 0
        self._data: list[bytes] = []
        self._held = 0
        self._begun = False
        self._stray: list[bytes] = []
        self._stray_size = 0

    def feed(self, read: bytes) -> list[Chunk]:
        """The chunks that `read` completes.

        Raises GeminiFailure for an error event, for data that is not JSON, and for more than an answer can have.
        """
        self._size += len(read)
        self._pending += len(read)
        if self._size > _LARGEST_ANSWER:
            raise GeminiFailure("Gemini's answer was larger than any answer can be.", passing=False)
        self._rest.append(read)
        if b"\n" not in read:
            self._bound()
            return []
        lines = b"".join(self._rest).split(b"\n")
        self._rest = [lines.pop()]
        chunks = list(self._chunks(lines))
        self._pending = len(self._rest[0]) + self._held
        self._bound()
        return chunks

    def _bound(self) -> None:
        if self._pending > _LARGEST_EVENT:
            raise GeminiFailure("Gemini's answer could not be read: an event was above a megabyte.", passing=False)

    def close(self) -> list[Chunk]:
        """The chunk that the end completes. Raises GeminiFailure when there was text outside of any event."""
        chunks = list(self._chunks([b"".join(self._rest), b""]))
        self._rest = []
        if self._stray and not self.done:
            raise from_text(b"\n".join(self._stray).decode("utf-8", "replace"))
        return chunks

    def _chunks(self, lines: Iterable[bytes]) -> Iterable[Chunk]:
        for raw in lines:
            line = raw.rstrip(b"\r")
            if not self._begun:
                # A mark of the byte order before the first event (HTML standard, 9.2.5) is none of its text.
                self._begun, line = True, line.removeprefix(b"\xef\xbb\xbf")
            if line.startswith(b"data:"):
                self._data.append(line[5:].lstrip(b" "))
                self._held += len(line)
            elif line:
                if not line.startswith((b":", b"event:", b"id:", b"retry:")):
                    self._keep_stray(line)
            elif self._data:
                data, self._data, self._held = b"\n".join(self._data), [], 0
                if data.startswith(b"[DONE]"):
                    self.done = True
                    return
                yield _chunk(data)

    def _keep_stray(self, line: bytes) -> None:
        self._stray_size += len(line)
        if self._stray_size > _LONGEST_STRAY:
            raise GeminiFailure("Gemini's answer was not an event stream.")
        self._stray.append(line)


async def read_chunks(body: Body, reader: EventReader) -> AsyncIterator[list[Chunk]]:
    """The chunks of a response, one list for each network read. Raises GeminiFailure."""
    received = _unpacked(body)
    try:
        async for read in received:
            if chunks := reader.feed(read):
                yield chunks
            if reader.done:
                with suppress(TimeoutError, httpx2.HTTPError):
                    async with asyncio.timeout(_END_OF_BODY_S):
                        async for _ in received:
                            pass
                return
    except GeminiFailure:
        raise
    except Exception as cut:  # the transport's own errors come through as well, where what was sent is no HTTP
        what = "Gemini stopped in the middle of its answer."
        if not timed_out(cut):
            what = "Gemini's answer broke off before it was complete."
        raise GeminiFailure(what) from cut
    if chunks := reader.close():
        yield chunks


async def _unpacked(body: Body) -> AsyncIterator[bytes]:
    """The bytes of a response as they were before they were packed, a bounded piece at a time."""
    unpacker = Unpacker(body.headers.get("content-encoding", ""))
    async for read in body.aiter_raw():
        for piece in unpacker.feed(read):
            yield piece
        if unpacker.ended:
            return


def _read(data: bytes) -> Any:
    """The value of a JSON text. Raises ValueError, or RecursionError where it is too deep."""
    try:
        return from_json(data)
    except ValueError:
        if b"\\ud" not in data.lower():
            raise
        return json.loads(data.decode())  # half a letter is legal JSON, which only Python's own reader takes


def _chunk(data: bytes) -> Chunk:
    try:
        value = _read(data)
    except (ValueError, RecursionError) as refusal:
        raise GeminiFailure("Gemini's answer could not be read: an event was not JSON.") from refusal
    if body := error_in(value):
        raise from_body(body)
    if not isinstance(value, dict):
        raise GeminiFailure("Gemini's answer could not be read: an event was not an object.")
    return value
