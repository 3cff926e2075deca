"""One of the servers by hand, over bare sockets: HTTP/1.1 read and written line by line, one request a connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from http import HTTPStatus

from .access import QUERY
from .answering import LARGEST, Answered, answered
from .chat import Chat

WAIT_S = 10


async def _read(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers: dict[str, str] = {}
    for line in filter(None, head[1:]):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = bytearray()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readline()
    elif (length := int(headers.get("content-length", "0"))) <= LARGEST:
        body += await reader.readexactly(length)
    else:
        raise ValueError("too large")
    path, _, headers[QUERY] = path.partition("?")
    return method, path, headers, bytes(body)


def _head(status: int, kind: str, more: str = "") -> bytes:
    lines = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {kind}\r\nConnection: close\r\n{more}\r\n"
    return lines.encode("latin-1")


class Sockets:
    """Answers connections for one server."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, answer it, close."""
        try:
            async with asyncio.timeout(WAIT_S):
                method, path, headers, body = await _read(reader)
            await self._answer(method, path, headers, body, reader, writer)
        except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            self._json(writer, Answered(status=400, body={"error": "this cannot be read"}))
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if path != "/chatkit" or method != "POST":
            status = 404 if path != "/chatkit" else 405
            self._json(writer, Answered(status=status, body={"error": "POST /chatkit"}))
            return
        made = await answered(self._chat, headers, body)
        if made.frames is None:
            self._json(writer, made)
            await writer.drain()
            return
        writing = asyncio.create_task(self._stream(writer, made.frames))
        leaving = asyncio.create_task(reader.read(1))
        await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in (leaving, writing):
            task.cancel()
        await asyncio.gather(writing, leaving, return_exceptions=True)

    async def _stream(self, writer: asyncio.StreamWriter, frames: AsyncIterator[bytes]) -> None:
        framed = self._chat.habits.framed
        more = "Transfer-Encoding: chunked\r\n" if framed else ""
        writer.write(_head(200, "text/event-stream; charset=utf-8", more))
        async with aclosing(frames):  # type: ignore[type-var]  # always a generator here
            async for frame in frames:
                writer.write(f"{len(frame):x}\r\n".encode() + frame + b"\r\n" if framed else frame)
                await writer.drain()
        if framed:
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    def _json(self, writer: asyncio.StreamWriter, made: Answered) -> None:
        body = b"" if made.body is None else json.dumps(made.body).encode()
        writer.write(_head(made.status, "application/json", f"Content-Length: {len(body)}\r\n") + body)


def serve(chat: Chat, port: int) -> None:
    """Serve until stopped."""

    async def forever() -> None:
        server = await asyncio.start_server(Sockets(chat).connected, "127.0.0.1", port)
        async with server:
            await server.serve_forever()

    asyncio.run(forever())
