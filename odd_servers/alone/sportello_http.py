"""The help desk's HTTP/1.1 over a connection: what came, in chunks or not, and what is answered, zipped or not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections.abc import AsyncGenerator, Callable
from typing import Any, Protocol

JSON = Any
BIGGEST = 1_000_000
STREAMED = ("threads.create", "threads.add_user_message", "threads.retry_after_item")
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "No",
    413: "Big",
}


class Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        self.status, self.why = status, why


class Counter(Protocol):
    def plain(self, owner: str, kind: str, params: JSON) -> JSON: ...
    def turn(self, owner: str, kind: str, params: JSON) -> AsyncGenerator[JSON, None]: ...


class Connection:
    """One connection of a browser, which may ask for one thing after the other."""

    def __init__(
        self,
        counter: Counter,
        owner_of: Callable[[str], str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.counter, self.owner_of, self.reader, self.writer = counter, owner_of, reader, writer

    async def serve(self) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while await self.one():
                pass
        self.writer.close()

    async def one(self) -> bool:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = f"{head[0]}  ".split(" ", 2)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        try:
            body = await self.body(headers)
            if path.partition("?")[0] != "/sportello":
                raise Refused(404, "Qui non c'è nulla.")
            if method != "POST":
                raise Refused(405, "Allo sportello si scrive.")
            owner = self.owner_of(headers.get("authorization", ""))
            try:
                asked = json.loads(body)
                json.dumps(asked, ensure_ascii=False).encode()
                kind, params = asked["type"], asked.get("params") or {}
                if not isinstance(kind, str) or not isinstance(params, dict):
                    raise TypeError
            except (ValueError, KeyError, TypeError, RecursionError):
                raise Refused(400, "Questo non si capisce.") from None
            if kind in STREAMED:
                zipped = "gzip" in headers.get("accept-encoding", "")
                await self.stream(self.counter.turn(owner, kind, params), zipped=zipped)
                return True
            self.whole(200, self.counter.plain(owner, kind, params))
        except Refused as refused:
            self.whole(refused.status, {"errore": refused.why})
            if refused.status == 413:
                return False
        await self.writer.drain()
        return headers.get("connection", "").lower() != "close"

    async def body(self, headers: dict[str, str]) -> bytes:
        if headers.get("expect", "").lower() == "100-continue":
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" not in headers.get("transfer-encoding", ""):
            if (size := int(headers.get("content-length", "0"))) > BIGGEST:
                raise Refused(413, "Troppo lungo.")
            return await self.reader.readexactly(size)
        body = b""
        while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
            if len(body) > BIGGEST:
                raise Refused(413, "Troppo lungo.")
        while await self.reader.readuntil(b"\r\n") != b"\r\n":
            pass
        return body

    def whole(self, status: int, value: JSON) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        more = 'www-authenticate: Bearer realm="sportello"\r\n' if status == 401 else ""
        head = f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: application/json\r\n{more}"
        self.writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)

    async def stream(self, events: AsyncGenerator[JSON, None], *, zipped: bool) -> None:
        """The events as they come, a comment in each silence, and a trailer that counts them."""
        squeeze = zlib.compressobj(6, zlib.DEFLATED, 31) if zipped else None
        more = "content-encoding: gzip\r\nvary: accept-encoding\r\n" if zipped else ""
        self.writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{more}trailer: x-voci\r\n"
            "transfer-encoding: chunked\r\n\r\n".encode()
        )
        left = asyncio.ensure_future(self.reader.read(1))
        coming = asyncio.ensure_future(anext(events, None))
        count = 0
        try:
            while True:
                done, _ = await asyncio.wait({coming, left}, timeout=0.4, return_when=asyncio.FIRST_COMPLETED)
                if left in done:
                    raise ConnectionResetError
                if coming in done and (event := coming.result()) is None:
                    break
                text = f"data: {json.dumps(event, ensure_ascii=True)}\n\n" if coming in done else ": un attimo\n\n"
                count += coming in done
                if coming in done:
                    coming = asyncio.ensure_future(anext(events, None))
                self.chunk(
                    squeeze.compress(text.encode()) + squeeze.flush(zlib.Z_SYNC_FLUSH) if squeeze else text.encode()
                )
                await self.writer.drain()
            self.chunk(squeeze.flush() if squeeze else b"")
            self.writer.write(f"0\r\nx-voci: {count}\r\n\r\n".encode())
            await self.writer.drain()
        finally:
            left.cancel()
            coming.cancel()
            await asyncio.gather(left, coming, return_exceptions=True)
            await events.aclose()

    def chunk(self, data: bytes) -> None:
        self.writer.write(b"%x;n=1\r\n%s\r\n" % (len(data), data) if data else b"")
