"""An ASGI layer that stands between the browser and an application, and applies a `Wire` change."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from .mutant import Abort, Cut, Event, Hang, Memory, Wire

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

NO_CONTENT = 204
"""The status of an answer that has no body."""

FOR_EVER_S = 3600.0
"""Seconds for which a caller is left without an answer: longer than any run."""


class Between:
    """The application `app`, with `wire` applied to each POST.

    Args:
        app: any ASGI application. wire: what to change.
    """

    def __init__(self, app: App, wire: Wire) -> None:
        self._app = app
        self._wire = wire
        self._kept: dict[str, Any] = {}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        memory = Memory(request=_object(body), server=self._kept)
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        if self._wire.headers:
            headers = self._wire.headers(headers, memory)
        if self._wire.request and memory.request:
            with contextlib.suppress(AttributeError, TypeError):  # a request of a wrong shape is for the server below
                memory.request = self._wire.request(memory.request, memory)
            body = json.dumps(memory.request).encode()
            headers = {**headers, "content-length": str(len(body))}
        scope = {**scope, "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]}
        answer = _Answer(self._wire, memory, send)
        serving = asyncio.ensure_future(self._app(scope, _replay(body, receive, memory), answer.take))
        breaking = asyncio.ensure_future(answer.broken.wait())
        try:
            await asyncio.wait({serving, breaking}, return_when=asyncio.FIRST_COMPLETED)
            if answer.broken.is_set():
                # The server below closes the connection of an application that fails after it has begun to answer.
                raise ConnectionAbortedError("this mutant breaks the connection here")
            await serving
        finally:
            breaking.cancel()
            serving.cancel()


class _Answer:
    """One answer on its way out."""

    def __init__(self, wire: Wire, memory: Memory, send: Send) -> None:
        self._wire = wire
        self._memory = memory
        self._send = send
        self._start: Message = {}
        self._held = b""
        self._pieces: list[bytes] = []
        self._streamed = False
        self._over = False
        self.broken = asyncio.Event()

    async def take(self, message: Message) -> None:
        """Pass one message of the application on, changed."""
        if self._over:
            return
        if message["type"] == "http.response.start":
            await self._begin(message)
            return
        self._held += message.get("body", b"")
        last = not message.get("more_body", False)
        if not self._streamed:
            if last:
                await self._whole_answer()
            return
        while b"\n\n" in self._held and not self._over:
            block, self._held = self._held.split(b"\n\n", 1)
            await self._pass(block)
        if last and not self._over:
            await self._close()

    async def _close(self) -> None:
        """End the stream: the events that the change adds, what was held back, the last message."""
        if self._wire.end:
            await self._write(self._wire.end(self._memory))
        for piece in self._pieces:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        if self._wire.linger_s:
            await asyncio.sleep(self._wire.linger_s)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, start: Message) -> None:
        wire = self._wire
        headers: Headers = [(bytes(k).lower(), bytes(v)) for k, v in start.get("headers", ())]
        kind = dict(headers).get(b"content-type", b"")
        self._streamed = kind.startswith(b"text/event-stream")
        if wire.mute and wire.mute(self._memory):
            await asyncio.sleep(FOR_EVER_S)
        status = wire.status(start["status"], self._memory) if wire.status else start["status"]
        claimed = wire.content_type if self._streamed else wire.answer_type
        if claimed is not None:
            headers = [(k, v) for k, v in headers if k != b"content-type"]
            headers.append((b"content-type", claimed.encode()))
        self._start = {**start, "status": status, "headers": headers}
        if self._streamed:
            await self._send(self._start)

    async def _whole_answer(self) -> None:
        body = self._held
        if self._wire.answer and (value := _parsed(body)) is not None:
            body = json.dumps(self._wire.answer(value, self._memory)).encode()
        kept = [(k, v) for k, v in self._start["headers"] if k != b"content-length"]
        headers = [*kept, (b"content-length", str(len(body)).encode())]
        if self._start["status"] == NO_CONTENT:
            body, headers = b"", [(k, v) for k, v in kept if k != b"content-type"]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _pass(self, block: bytes) -> None:
        event = _object(block.removeprefix(b"data:").strip())
        if not self._wire.event or not event:
            await self._out(block + b"\n\n")
            return
        try:
            await self._write(self._wire.event(event, self._memory))
        except Cut:
            await self._close()
            self._over = True
        except Abort:
            self._over = True
            self.broken.set()
        except Hang:
            self._over = True
            await asyncio.sleep(FOR_EVER_S)

    async def _write(self, events: Iterable[Event]) -> None:
        for event in events:
            await self._out(b"data: " + json.dumps(event, ensure_ascii=False).encode("utf-8", "replace") + b"\n\n")

    async def _out(self, framed: bytes) -> None:
        for piece in self._wire.frame(framed) if self._wire.frame else (framed,):
            if self._wire.whole:
                self._pieces.append(piece)
            else:
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive, memory: Memory) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            message = await receive()
            memory.left = memory.left or message["type"] == "http.disconnect"
            return message
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _object(text: bytes) -> dict[str, Any]:
    value = _parsed(text)
    return value if isinstance(value, dict) else {}
