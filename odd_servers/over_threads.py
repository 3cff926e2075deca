"""One of the servers over the standard library's http.server: HTTP/1.0, a thread for each request, pages of HTML.

A stream ends with its connection, and whatever is no POST is refused by the library itself, in its own words.
"""

from __future__ import annotations

import asyncio
import json
import select
import threading
from collections.abc import AsyncGenerator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from .access import QUERY
from .answering import LARGEST, Answered, answered
from .chat import Chat

LOOK_S = 0.05
"""Seconds between two looks at whether the browser has left."""


class Handler(BaseHTTPRequestHandler):
    """Answers one request; what the chat has to do, it does in a loop of its own."""

    chat: Chat
    loop: asyncio.AbstractEventLoop

    def do_POST(self) -> None:
        """Answer a request of ChatKit's."""
        url = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        if url.path != "/chatkit" or not 0 <= length <= LARGEST:
            self.send_error(404 if url.path != "/chatkit" else 413)
            return
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()} | {QUERY: url.query}
        made = asyncio.run_coroutine_threadsafe(answered(self.chat, headers, body), self.loop).result()
        if made.frames is not None:
            self._stream(made)
        elif made.status >= 400:
            self.send_error(made.status, explain=str((made.body or {}).get("error", "")))
        else:
            self._head(made.status, "application/json; charset=utf-8")
            self.wfile.write(json.dumps(made.body, indent=2).encode() + b"\n")

    def _head(self, status: int, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()

    def _stream(self, made: Answered) -> None:
        self._head(200, "text/event-stream")
        asyncio.run_coroutine_threadsafe(self._frames(made), self.loop).result()

    async def _frames(self, made: Answered) -> None:
        writing = asyncio.ensure_future(self._write(made.frames))
        while not writing.done():
            await asyncio.wait({writing}, timeout=LOOK_S)
            if select.select([self.connection], [], [], 0)[0]:  # nothing more is sent to us but the end
                writing.cancel()
                break
        await asyncio.gather(writing, return_exceptions=True)

    async def _write(self, frames: Any) -> None:
        made: AsyncGenerator[bytes, None] = frames
        try:
            async for frame in made:
                self.wfile.write(frame)
        finally:
            await made.aclose()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged."""


def serve(chat: Chat, port: int) -> None:
    """Serve until stopped."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    Handler.chat, Handler.loop = chat, loop
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        server.serve_forever()
