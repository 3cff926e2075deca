"""HTTP as Google's front end writes it: the headers of an answer, and gzip that is flushed after each event."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

LINE = "standin.line"
"""Scope extension: the connection below HTTP, a Line (see server.py)."""

EVENT_STREAM = "text/event-stream"
"""Without a charset, as recorded."""

_COMMON: Headers = [
    (b"alt-svc", b'h3=":443"; ma=2592000,h3-29=":443"; ma=2592000'),
    (b"server", b"scaffolding on HTTPServer2"),
    (b"vary", b"Origin"),
    (b"vary", b"X-Origin"),
    (b"vary", b"Referer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"x-gemini-service-tier", b"standard"),
    (b"x-xss-protection", b"0"),
]


def headers(content_type: str, took_s: float, zipped: bool) -> Headers:
    """The headers of one answer.

    Args:
        took_s: seconds from the request to these headers, told in Server-Timing. zipped: the body is gzip.
    """
    made: Headers = [
        (b"content-type", content_type.encode("latin-1", "replace")),
        (b"server-timing", f"gfet4t7; dur={took_s * 1000:.0f}".encode()),
        *_COMMON,
    ]
    if zipped:
        made.append((b"content-encoding", b"gzip"))
    return made


APART_S = 0.0005
"""Seconds between the writes of a split answer, so that a reader is woken by each."""

PAUSES = 400
"""Writes of a split answer that are held apart; a long answer in small writes takes no longer for it."""


UNREAD_S = 1.0
"""Seconds that a peer has to read what was written before a reset."""


class End(Enum):
    """What is left to do with the connection once an answer was written: nothing, close it, or reset it."""

    WHOLE = "whole"
    CLOSE = "close"
    RESET = "reset"


class Line:
    """The connection below HTTP, for answers that HTTP does not allow.

    Args:
        transport: the server's transport of that connection.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._transport.write(data)

    def close(self) -> None:
        """Close it once what was written is sent."""
        self._transport.close()

    async def reset(self) -> None:
        """Send what was written, then a TCP reset."""
        until = time.monotonic() + UNREAD_S
        while self._transport.get_write_buffer_size() and time.monotonic() < until:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(APART_S)
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            # A close that lingers for no time is a reset.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def head(status: int, lines: Headers) -> bytes:
    """A status line and headers as they stand on the wire, with the empty line that ends them."""
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
    return first + b"".join(b"%b: %b\r\n" % line for line in lines) + b"\r\n"


class Zip:
    """A gzip stream of which every piece can be read as soon as it arrives.

    A window of 1 KiB and little state: about 12 KiB a stream instead of 256, which 400 streams feel.
    """

    def __init__(self) -> None:
        self._made = zlib.compressobj(1, zlib.DEFLATED, 16 + 10, 4)

    def piece(self, data: bytes) -> bytes:
        """The compressed bytes that stand for `data`, complete."""
        return self._made.compress(data) + self._made.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        """The bytes that end the stream."""
        return self._made.flush(zlib.Z_FINISH)


async def send_pieces(send: Send, status: int, head: Headers, data: bytes, pieces: Sequence[bytes]) -> None:
    """Send a body of a known length in these pieces, each a write of its own."""
    length = [(b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*head, *length]})
    for n, piece in enumerate(pieces, 1):
        await send({"type": "http.response.body", "body": piece, "more_body": n < len(pieces)})
        if n < len(pieces):
            await asyncio.sleep(APART_S)
    if not pieces:
        await send({"type": "http.response.body", "body": b""})


async def send_whole(send: Send, status: int, head: Headers, body: bytes, zipped: bool = False) -> None:
    """Send an answer in one piece."""
    data = gzip.compress(body, 1, mtime=0) if zipped else body
    length = [(b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*head, *length]})
    await send({"type": "http.response.body", "body": data})
