"""The bytes of a chat completion, written as Gemini's own API writes them while they are sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from typing import ClassVar

from ..compact import dumps
from ..split import Splitter
from ..wire import APART_S, EVENT_STREAM, PAUSES, Message, Send
from .said import native

WHOLE = b"application/json; charset=UTF-8"
DONE = b"[DONE]"


class NativeSend:
    """A `send` in front of another: each event as it passes, a body that is no stream at its end.

    Events end with CR LF CR LF, and no [DONE] ends the stream. What cannot be read (a fault's doing) passes as it is.
    `splitter` cuts what is written here, since the cuts of what comes are lost on the way.
    """

    NEVER: ClassVar = frozenset({"comment"})
    """Ways to split that this API never has: its own client takes each line that is no data for JSON."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._events = False
        self._held = b""
        self.splitter = Splitter((), random.Random(0))
        self._pauses = PAUSES

    async def __call__(self, message: Message) -> None:
        """Take one ASGI message."""
        if message["type"] == "http.response.start":
            self._begin(message)
            if self._events:
                await self._send(message)
            return
        last = not message.get("more_body")
        self._held += message.get("body", b"")
        if self._events:
            await self._body(self._ready(last), last)
        elif last:
            await self._whole()

    def _begin(self, message: Message) -> None:
        headers = dict(message["headers"])
        self._events = headers.get(b"content-type", b"").startswith(EVENT_STREAM.encode())
        message["headers"] = [
            (name, WHOLE if name == b"content-type" and not self._events and value == b"application/json" else value)
            for name, value in message["headers"]
            if name != b"content-length"
        ]
        self._start = message

    def _ready(self, last: bool) -> bytes:
        *events, rest = self._held.split(b"\n\n")
        self._held = b"" if last else rest
        return b"".join(self.event(event) for event in events) + (rest if last else b"")

    def event(self, event: bytes) -> bytes:
        """One event, without its end, as it is written."""
        return _event(event)

    def whole(self, body: bytes) -> bytes:
        """A body that is no stream, as it is written."""
        with contextlib.suppress(ValueError):
            return json.dumps(native(json.loads(body)), indent=2, ensure_ascii=False).encode()
        return body

    async def _whole(self) -> None:
        body, start = self.whole(self._held), self._start
        if start is not None:
            start["headers"] = [*start["headers"], (b"content-length", str(len(body)).encode())]
            await self._send(start)
        await self._body(body, last=True)

    async def _body(self, data: bytes, last: bool) -> None:
        *before, end = tuple(self.splitter.writes(data, event=self._events)) if data else (b"",)
        for piece in before:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            if self._pauses:
                self._pauses -= 1
                await asyncio.sleep(APART_S)
        await self._send({"type": "http.response.body", "body": end, "more_body": not last})


def _event(event: bytes) -> bytes:
    data = event.removeprefix(b"data: ")
    if data == DONE:
        return b""
    try:
        line = dumps(native(json.loads(data)))
    except ValueError:
        return event + b"\r\n\r\n"
    raw = line.encode() if isinstance(line, str) else line
    return b"data: " + raw + b"\r\n\r\n"
