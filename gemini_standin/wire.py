"""HTTP as Google's front end writes it: the headers of an answer, and gzip that is flushed after each event."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

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


async def send_whole(send: Send, status: int, head: Headers, body: bytes, zipped: bool = False) -> None:
    """Send an answer in one piece."""
    data = gzip.compress(body, 1, mtime=0) if zipped else body
    length = [(b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*head, *length]})
    await send({"type": "http.response.body", "body": data})
