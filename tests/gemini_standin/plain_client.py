"""A client that knows nothing of what it reads: a request on a socket of its own, every byte kept, and the end."""

from __future__ import annotations

import json
import socket
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

WAIT_S = 5.0
"""Seconds without a byte after which the answer counts as open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came.

    Args:
        reads: what each read of the socket gave. end: who ended it: the server closed or reset the connection, the
            answer said that it was whole, or nothing came any more.
    """

    reads: tuple[bytes, ...]
    end: Literal["closed", "reset", "whole", "open"]

    @property
    def raw(self) -> bytes:
        """Every byte."""
        return b"".join(self.reads)

    @property
    def status(self) -> int:
        """The HTTP status, 0 where none came."""
        first = self.raw.split(b"\r\n", 1)[0]
        return int(first.split()[1]) if first.startswith(b"HTTP/1.1 ") else 0

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, names in lower case."""
        lines = self.raw.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def payload(self) -> bytes:
        """What came after the headers, as it came."""
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def chunked(self) -> bool:
        """Whether the transfer came in chunks."""
        return self.headers.get("transfer-encoding") == "chunked"

    @property
    def frames(self) -> tuple[bytes, ...]:
        """The chunks of the transfer; the last one may be torn."""
        return self._framed()[0]

    @property
    def torn(self) -> bool:
        """Whether the last chunk of the transfer is shorter than it says."""
        return self._framed()[1]

    @property
    def ended(self) -> bool:
        """Whether the transfer came to its end."""
        if self.chunked:
            return self.payload.endswith(b"\r\n0\r\n\r\n") or self.payload == b"0\r\n\r\n"
        return len(self.payload) == int(self.headers.get("content-length", "-1"))

    @property
    def body(self) -> bytes:
        """The body, out of its transfer, unpacked as far as it can be."""
        found = b"".join(self.frames) if self.chunked else self.payload
        if self.headers.get("content-encoding") != "gzip":
            return found
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(found)
        except zlib.error:
            return _unpacked(found)

    @property
    def events(self) -> list[Any]:
        """The events whose data is JSON."""
        made = []
        for block in self.body.replace(b"\r\n", b"\n").split(b"\n\n"):
            lines = [line for line in block.split(b"\n") if line.startswith(b"data: ")]
            try:
                made.append(json.loads(lines[0][6:]) if lines else None)
            except (ValueError, RecursionError):
                continue
        return [event for event in made if event is not None]

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The first choice of each event that has one."""
        found = [event.get("choices") for event in self.events if isinstance(event, dict)]
        return [
            choices[0] for choices in found if isinstance(choices, list) and choices and isinstance(choices[0], dict)
        ]

    @property
    def text(self) -> str:
        """The text of all deltas."""
        deltas = [choice.get("delta") for choice in self.choices]
        said = [delta.get("content") for delta in deltas if isinstance(delta, dict)]
        return "".join(part for part in said if isinstance(part, str))

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The tool calls of all deltas that are well formed."""
        deltas = [choice.get("delta") for choice in self.choices]
        lists = [delta.get("tool_calls") for delta in deltas if isinstance(delta, dict)]
        return [call for calls in lists if isinstance(calls, list) for call in calls if isinstance(call, dict)]

    @property
    def finishes(self) -> list[Any]:
        """Every finish_reason that came."""
        return [choice["finish_reason"] for choice in self.choices if "finish_reason" in choice]

    @property
    def done(self) -> bool:
        """Whether [DONE] came."""
        return self.body.endswith((b"data: [DONE]\n\n", b"data: [DONE]\r\n\r\n"))

    def _framed(self) -> tuple[tuple[bytes, ...], bool]:
        made, rest = [], self.payload
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            number = int(size or b"0", 16)
            if number == 0:
                break
            made.append(rest[:number])
            if len(rest) < number + 2:
                return tuple(made), True
            rest = rest[number + 2 :]
        return tuple(made), False


CHAT = "/v1beta/openai/chat/completions"


def ask(
    url: str, body: Mapping[str, Any], accept: str = "identity", wait_s: float = WAIT_S, path: str = CHAT
) -> Answer:
    """Post a request for words and read until it is over.

    Args:
        accept: the Accept-Encoding. wait_s: seconds without a byte after which no more is waited for.
        path: where to, a chat completion's if not said.
    """
    parts = urlsplit(url)
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer canary\r\n"
        f"Content-Type: application/json\r\nAccept-Encoding: {accept}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    reads: list[bytes] = []
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=wait_s) as sock:
        sock.sendall(head.encode() + data)
        while True:
            try:
                piece = sock.recv(1 << 20)
            except ConnectionResetError:
                return Answer(reads=tuple(reads), end="reset")
            except TimeoutError:
                return Answer(reads=tuple(reads), end="open")
            if not piece:
                return Answer(reads=tuple(reads), end="closed")
            reads.append(piece)
            if _whole(reads):
                return Answer(reads=tuple(reads), end="whole")


def _unpacked(found: bytes) -> bytes:
    """What can be unpacked before the first byte that cannot."""
    unpacker, made = zlib.decompressobj(zlib.MAX_WBITS | 16), b""
    for n in range(len(found)):
        try:
            made += unpacker.decompress(found[n : n + 1])
        except zlib.error:
            break
    return made


def _whole(reads: list[bytes]) -> bool:
    """Whether the answer says that it is whole; only its tail is looked at while it grows."""
    tail = b"".join(reads[-3:])[-16:]
    if not tail.endswith(b"\r\n0\r\n\r\n"):
        first = Answer(reads=(b"".join(reads),), end="open")
        return b"content-length:" in reads[0].lower() and b"\r\n\r\n" in first.raw and first.ended
    return True
