"""A request in pieces arrives as it was meant, and one that is cut arrives in part."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatkit_conformance.http.client import Client
from chatkit_conformance.http.pieces import Pieces

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"


class Listener:
    """A server that keeps what it is sent: the head, and the body in the pieces in which it came."""

    def __init__(self) -> None:
        self.head = b""
        self.pieces: list[bytes] = []
        self.whole = asyncio.Event()
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        try:
            self.head = await reader.readuntil(b"\r\n\r\n")
            length = int(self.head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            while sum(map(len, self.pieces)) < length:
                piece = await reader.read(65536)
                if not piece:
                    return
                self.pieces.append(piece)
            writer.write(ANSWER)
            await writer.drain()
        finally:
            self.ended.set()
            writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Listener, Client]]:
    """A listener, and a client of it."""
    listener = Listener()
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Client(f"http://127.0.0.1:{port}") as client:
        yield listener, client


async def test_a_body_in_pieces_is_whole() -> None:
    """The pieces add up to the body, and its length is told at the beginning."""
    slowly = Pieces(number=4, gap_s=0.02)
    async with (
        listening() as (listener, client),
        client.open(label="slow", payload={"text": "é" * 40}, pieces=slowly) as opened,
    ):
        made = await opened.finish()
    assert made.status == 200
    assert len(listener.pieces) > 1
    assert b"".join(listener.pieces) == b'{"text": "' + b"\\u00e9" * 40 + b'"}'
    assert b"transfer-encoding" not in listener.head.lower()


async def test_half_a_request_is_half_and_then_the_line_is_dead() -> None:
    """Half of the body is sent, the connection is dropped, and the reply says that it was we who left."""
    async with listening() as (listener, client):
        async with client.open(label="half", payload={"text": "x" * 400}, pieces=Pieces(number=2, sent=1)) as opened:
            made = await opened.finish()
        await asyncio.wait_for(listener.ended.wait(), 5)
    assert made.status == 0
    assert made.ended == "left"
    assert "before the whole request was sent" in (made.trouble or "")
    assert 0 < len(b"".join(listener.pieces)) < 300
