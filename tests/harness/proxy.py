"""A small HTTP proxy of the tests' own, which stands in front of a server and does one thing to its answers."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

Does = Literal["passes", "buffers", "drops", "cuts", "compresses"]

DROPPED = ("cache-control", "access-control-allow-origin", "x-request-id")
"""Headers that `drops` takes from each answer."""

CUT_AT = 3
"""Events after which `cuts` breaks a stream off."""

BLOCK = 64 * 1024


@dataclass(slots=True, kw_only=True)
class Front:
    """What the proxy is.

    Args:
        port: that of the server behind it. does: what it does. url: its own. passed: requests that it passed on.
        without: headers of requests that are not passed on. prefix: its own in front of the server's paths.
    """

    port: int
    does: Does = "passes"
    url: str = ""
    passed: int = 0
    without: frozenset[str] = field(default=frozenset())
    prefix: str = ""


@asynccontextmanager
async def front(made: Front) -> AsyncIterator[Front]:
    """It, while it listens on a free port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            await _pass_on(made, reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=BLOCK)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()


async def _pass_on(made: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    first, headers = await _head(reader)
    try:
        behind, ahead = await asyncio.open_connection("127.0.0.1", made.port, limit=BLOCK)
    except OSError:
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 11\r\n\r\nBad Gateway")
        await writer.drain()
        return
    method, path, version = first.split(" ", 2)
    path = path.removeprefix(made.prefix) if made.prefix else path
    kept = {name: value for name, value in headers.items() if name not in made.without}
    ahead.write(_written(f"{method} {path} {version}", {**kept, "connection": "close"}))
    made.passed += 1
    up = asyncio.create_task(_copy(reader, ahead))
    try:
        await _answer(made, behind, writer)
    finally:
        up.cancel()
        ahead.close()  # who left in front has left behind, too


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(BLOCK):
            writer.write(data)
            await writer.drain()
        writer.close()


async def _answer(made: Front, behind: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    first, headers = await _head(behind)
    stream = "event-stream" in headers.get("content-type", "")
    if made.does == "drops":
        headers = {name: value for name, value in headers.items() if name not in DROPPED}
    if made.does in ("buffers", "compresses") and stream:
        body = await _whole(behind, headers)
        headers.pop("transfer-encoding", None)
        if made.does == "compresses":
            body, headers["content-encoding"] = gzip.compress(body), "gzip"
        headers["content-length"] = str(len(body))
        writer.write(_written(first, headers) + body)
        await writer.drain()
        return
    writer.write(_written(first, headers))
    events = 0
    while data := await behind.read(BLOCK):
        events += data.count(b"data:")
        writer.write(data)
        await writer.drain()
        if made.does == "cuts" and stream and events >= CUT_AT:
            return


async def _whole(behind: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    """The whole body, without its chunks."""
    if headers.get("transfer-encoding") != "chunked":
        return await behind.read()
    body = b""
    while size := int((await behind.readline()).split(b";")[0], 16):
        body += (await behind.readexactly(size + 2))[:-2]
    return body


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    """First line, and headers by name in lower case; several of one name are joined as cookies' must not be."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in filter(None, lines[1:]):
        name, _, value = line.partition(":")
        key = name.strip().lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    return lines[0], headers


def _written(first: str, headers: Mapping[str, str]) -> bytes:
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode("latin-1")
