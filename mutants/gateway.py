"""A server that stands between a ChatKit server and its model, and applies an `Upstream` change.

It passes requests to the real base URL and the answers back, byte for byte where nothing is changed. When the server
leaves, so does it, unless the change says that it stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from .between import Message, Receive, Send
from .mutant import Upstream

PASSED = {"authorization", "content-type", "accept", "user-agent"}
"""Request headers that are passed on. The rest belongs to the connection."""

STREAM = (b"content-type", b"text/event-stream")

TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class Gateway:
    """The ASGI application.

    Args:
        base_url: the model's real base URL. change: what to change.
    """

    def __init__(self, base_url: str, change: Upstream) -> None:
        self._base = base_url.rstrip("/")
        self._change = change
        self._client: httpx.AsyncClient | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        body = await _body(receive)
        passing = asyncio.create_task(self._pass(scope, body, send))
        self._running.add(passing)
        passing.add_done_callback(self._running.discard)
        leaving = asyncio.create_task(_left(receive))
        await asyncio.wait({passing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if self._change.detached:
            return
        if not passing.done():
            passing.cancel()
        with contextlib.suppress(asyncio.CancelledError, httpx.HTTPError, OSError):
            await passing

    async def _pass(self, scope: Any, body: bytes, send: Send) -> None:
        change = self._change
        with contextlib.suppress(ValueError):
            if change.request:
                body = json.dumps(change.request(json.loads(body))).encode()
        if change.beside:
            await change.beside()
        # The real model is asked without proxies: an egress proxy in the environment is not for this leg.
        self._client = self._client or httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
        headers = {k.decode(): v.decode() for k, v in scope["headers"] if k.decode() in PASSED}
        headers |= {"accept-encoding": "identity", **change.headers}
        url = self._base + (change.path or scope["path"])
        async with self._client.stream(scope["method"], url, content=body, headers=headers) as answer:
            kept = [(k.lower(), v) for k, v in answer.headers.raw if k.lower() in (b"content-type", b"retry-after")]
            if change.restream and answer.status_code == 200:
                body = change.restream(await answer.aread())
                await _send(send, {"type": "http.response.start", "status": 200, "headers": [STREAM]})
                await _send(send, {"type": "http.response.body", "body": body, "more_body": False})
                return
            await _send(send, {"type": "http.response.start", "status": answer.status_code, "headers": kept})
            async for piece in self._pieces(answer):
                await _send(send, {"type": "http.response.body", "body": piece, "more_body": True})
            await _send(send, {"type": "http.response.body", "body": b"", "more_body": False})

    async def _pieces(self, answer: httpx.Response) -> AsyncIterator[bytes]:
        streamed = answer.headers.get("content-type", "").startswith("text/event-stream")
        if self._change.whole:
            yield await answer.aread()
        elif self._change.chunk and streamed:
            scratch: dict[str, Any] = {}
            async for line in _lines(answer):
                if changed := _changed(line, self._change, scratch):
                    yield changed
        else:
            async for piece in answer.aiter_raw():
                yield piece


def _changed(line: str, change: Upstream, scratch: dict[str, Any]) -> bytes:
    if not line.startswith("data: {") or not change.chunk:
        return f"{line}\n\n".encode() if line else b""
    made = change.chunk(json.loads(line[6:]), scratch)
    return b"" if made is None else b"data: " + json.dumps(made, ensure_ascii=False).encode() + b"\n\n"


async def _lines(answer: httpx.Response) -> AsyncIterator[str]:
    # Not httpx's own: it ends lines at U+2028 and U+0085 too, which may stand inside an event.
    rest = b""
    async for piece in answer.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r").decode()
    if rest:
        yield rest.decode(errors="replace")


async def _send(send: Send, message: Message) -> None:
    # The server may have left; a detached gateway reads on for nobody.
    with contextlib.suppress(OSError):
        await send(message)


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
