"""HTTP/1.1 over a bare gevent socket: while a stream runs, bytes are stamped and kept, and nothing else is done.

The event loop itself reads, without waking a greenlet for each piece (but for TLS, which may want to write first).
Chunks are taken apart and events are read when the stream has ended, or where its last bytes look like the end. So a
stream costs a few microseconds for each piece that arrives, and what is read late is late by that alone.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import gevent
from gevent import socket, ssl
from gevent.hub import Waiter

from chatkit_conformance.stream.event_kinds import TEXT_DELTA_MARK
from chatkit_conformance.target.target import QUERY

Ended = Literal["closed", "cut", "deadline", "left", "refused"]

READ_BYTES = 65536
LARGEST_BODY = 16 * 1024 * 1024
"""Bytes of one answer; more is cut, so that a server without an end cannot fill our memory."""

LARGEST_HEAD = 64 * 1024

END = b"0\r\n\r\n"
"""How a chunked transfer ends. An event's own bytes may look so too, so it is verified."""

Piece = tuple[float, bytes]
"""Moment of its reading, and bytes."""


@dataclass(slots=True, kw_only=True)
class Received:
    """What came back for one request. Times are monotonic seconds; `pieces` is the body as it arrived."""

    sent_at: float
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    headers_at: float | None = None
    pieces: list[Piece] = field(default_factory=list)
    ended: Ended = "cut"
    ended_at: float = 0.0
    trouble: str = ""

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(data for _, data in self.pieces)


class Dechunker:
    """Takes a chunked transfer apart, however it was cut."""

    def __init__(self) -> None:
        self.done = False
        self.broken = ""
        self._rest = b""

    def feed(self, at: float, data: bytes) -> list[Piece]:
        """The payload in these bytes, all with the moment `at`."""
        rest = self._rest + data
        start = 0
        found: list[Piece] = []
        while not self.done:
            line_end = rest.find(b"\r\n", start)
            if line_end < 0:
                break
            try:
                size = int(rest[start:line_end].split(b";", 1)[0], 16)
            except ValueError:
                self.broken = f"no chunk size: {rest[start : start + 40]!r}"
                break
            body = line_end + 2
            if len(rest) < body + size + 2:
                break
            if size == 0:
                self.done = True
                break
            found.append((at, rest[body : body + size]))
            start = body + size + 2
        self._rest = rest[start:]
        return found


@functools.cache
def _trusting(ca_file: str) -> ssl.SSLContext:
    """Made once: reading the system's authorities takes 80 ms, in which nobody's stream is read."""
    return ssl.create_default_context(cafile=ca_file or None)


class Connection:
    """A keep-alive connection to one origin, opened when it is needed.

    Args:
        url: where each request goes. headers: sent with every request, as `User.sent` has them: what stands under QUERY
            goes into the URL. ca_file: authorities for https.
    """

    def __init__(self, url: str, headers: Mapping[str, str], ca_file: str = "") -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._ca_file = ca_file
        given = {"host": parts.netloc, "content-type": "application/json", "accept": "text/event-stream", **headers}
        query = "&".join(filter(None, (parts.query, given.pop(QUERY, ""))))
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        path = (parts.path or "/") + (f"?{query}" if query else "")
        self._head = f"POST {path} HTTP/1.1\r\n{lines}".encode("latin-1")
        self._sock: socket.socket | None = None

    def close(self) -> None:
        """Close it; the next request opens another."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def post(self, body: bytes, deadline_s: float, leave_after: int = 0) -> Received:
        """Send one request and read the answer to its end.

        Args:
            deadline_s: seconds for all of it. leave_after: text deltas after which to hang up, 0 for never.
        """
        got = Received(sent_at=time.monotonic())
        timeout = gevent.Timeout(deadline_s)
        timeout.start()
        try:
            self._exchange(body, got, leave_after)
        except gevent.Timeout as expired:
            if expired is not timeout:
                raise
            got.ended, got.trouble = "deadline", f"no end within {deadline_s:g} s"
        except OSError as error:
            got.ended = "cut" if got.status else "refused"
            got.trouble = f"{type(error).__name__}: {error}"
        finally:
            timeout.close()
            got.ended_at = time.monotonic()
            if got.ended != "closed" or got.headers.get("connection", "").lower() == "close":
                self.close()
        return got

    def _exchange(self, body: bytes, got: Received, leave_after: int) -> None:
        sock = self._ready()
        sock.sendall(b"%bcontent-length: %d\r\n\r\n%b" % (self._head, len(body), body))
        at, rest = self._read_head(sock, got)
        if got.headers.get("transfer-encoding", "").lower() == "chunked":
            self._read_chunked(sock, got, at, rest, leave_after)
        else:
            self._read_plain(sock, got, at, rest)

    def _ready(self) -> socket.socket:
        """The open socket; a new one where there is none or the server closed it while it was idle."""
        if self._sock is not None:
            try:
                self._sock.setblocking(False)
                stale = self._sock.recv(1) == b""
            except (BlockingIOError, ssl.SSLWantReadError):
                stale = False
            except OSError:
                stale = True
            if stale:
                self.close()
            else:
                self._sock.setblocking(True)
                return self._sock
        made = socket.create_connection((self._host, self._port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            made = _trusting(self._ca_file).wrap_socket(made, server_hostname=self._host)
        self._sock = made
        return made

    def _read_head(self, sock: socket.socket, got: Received) -> Piece:
        head = b""
        while b"\r\n\r\n" not in head:
            data = sock.recv(READ_BYTES)
            at = time.monotonic()
            if not data:
                raise ConnectionError("closed before the headers ended")
            head += data
            if len(head) > LARGEST_HEAD:
                raise ConnectionError(f"headers of more than {LARGEST_HEAD} bytes")
        head, _, rest = head.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        got.headers_at = at
        got.headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        words = first.split(" ", 2)
        got.status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        return at, rest

    def _read_chunked(self, sock: socket.socket, got: Received, at: float, rest: bytes, leave_after: int) -> None:
        raw: list[Piece] = [(at, rest)] if rest else []
        dechunker = Dechunker()
        read = 0
        listen = _listen_by_reading if self._tls else _listen_by_watching
        try:
            while True:
                for one in raw[read:]:
                    got.pieces += dechunker.feed(*one)
                read = len(raw)
                if dechunker.done:
                    got.ended = "closed"
                    return
                if dechunker.broken or (raw and not raw[-1][1]) or sum(len(data) for _, data in raw) > LARGEST_BODY:
                    got.trouble = dechunker.broken or ("the transfer was cut" if not raw[-1][1] else "too large")
                    return
                if leave_after and sum(data.count(TEXT_DELTA_MARK) for _, data in raw) >= leave_after:
                    got.ended = "left"
                    return
                listen(sock, raw, LARGEST_BODY, 1 if leave_after else 0)
        finally:
            for one in raw[read:]:
                got.pieces += dechunker.feed(*one)

    def _read_plain(self, sock: socket.socket, got: Received, at: float, rest: bytes) -> None:
        declared = got.headers.get("content-length", "")
        length = int(declared) if declared.isdigit() else None
        if rest:
            got.pieces.append((at, rest))
        size = len(rest)
        while (length is None or size < length) and size <= LARGEST_BODY:
            data = sock.recv(READ_BYTES)
            if not data:
                break
            got.pieces.append((time.monotonic(), data))
            size += len(data)
        if length is None:
            got.headers["connection"] = "close"
        if length is None or size >= length:
            got.ended = "closed"
        else:
            got.trouble = f"{size} of {length} bytes"


def _interesting(data: bytes, watched: int) -> bool:
    """Whether bytes have to be looked into now: an end, or what looks like one, or a delta for who counts them."""
    return not data or data.endswith(END) or (watched > 0 and TEXT_DELTA_MARK in data)


def _listen_by_reading(sock: socket.socket, raw: list[Piece], most: int, watched: int) -> None:
    """Keep what comes until something interesting does: one switch of greenlets for each piece."""
    size = 0
    while size <= most:
        data = sock.recv(READ_BYTES)
        raw.append((time.monotonic(), data))
        size += len(data)
        if _interesting(data, watched):
            return


def _listen_by_watching(sock: socket.socket, raw: list[Piece], most: int, watched: int) -> None:
    """The same without a switch: the event loop itself reads and stamps. Four times cheaper for each piece."""
    hub = gevent.get_hub()
    waiter = Waiter(hub)
    recv, now, keep = sock._sock.recv, time.monotonic, raw.append
    size = 0

    def readable() -> None:
        nonlocal size
        try:
            data = recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            watcher.stop()
            waiter.throw(error)
            return
        keep((now(), data))
        size += len(data)
        if _interesting(data, watched) or size > most:
            watcher.stop()
            waiter.switch(None)

    watcher = hub.loop.io(sock.fileno(), 1)
    watcher.start(readable)
    try:
        waiter.get()
    finally:
        watcher.stop()
        watcher.close()
