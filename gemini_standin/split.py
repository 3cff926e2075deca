"""Where the bytes of an answer are cut on their way: the same bytes, or the same events, in other writes.

A network may cut anywhere, a proxy may keep events back and put comments between them, and server-sent events may end
their lines with CRLF. All of it is right, and none of it may change what a client reads. Gemini's own API sends no
comments in any recording, and Google's own client (google-genai) takes one for JSON and fails: no server is sent them
there.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

SPLITS: Mapping[str, str] = {
    "half-event": "each event in two writes",
    "half-letter": "a write ends inside a letter wherever one has several bytes; elsewhere as half-event",
    "many-events": "up to five events in one write",
    "comment": "comment lines between events and before their data; none in Gemini's own API",
    "crlf": "lines end in CRLF; where an event is cut in two, it is between CR and LF",
    "bytes": "one to seven bytes a write",
}
"""Every way to split, and what it does, in words."""

LARGEST_SPLIT = 64 * 1024
"""Bytes. A larger event is cut in two at most: seven bytes a write would take it minutes."""

TOGETHER = "many-events"
MOST_TOGETHER = 5
COMMENT = b": keep-alive\n"


class Splitter:
    """Turns what is to be sent into writes.

    Args:
        ways: names from SPLITS; none leaves everything as it is. draw: decides where.
    """

    def __init__(self, ways: tuple[str, ...], draw: random.Random) -> None:
        self._ways = frozenset(ways)
        self._draw = draw
        self._kept: list[bytes] = []
        self._together = 1

    def in_front(self, never: frozenset[str] = frozenset()) -> Splitter:
        """What cuts the writes that others make of these: they keep together what is kept together here.

        For a face that writes each event anew; from then on this one puts events together, and nothing else.

        Args:
            never: ways that this face never has.
        """
        other = Splitter(tuple(self._ways - {TOGETHER} - never), self._draw)
        self._ways &= {TOGETHER}
        return other

    def __bool__(self) -> bool:
        return bool(self._ways)

    def writes(self, data: bytes, event: bool = True) -> Iterator[bytes]:
        """The writes that are due once this is to be sent; some of it may be kept for later.

        Args:
            event: whether it is a whole server-sent event, which comments and CRLF need.
        """
        if event:
            data = self._dressed(data)
        if TOGETHER not in self._ways:
            yield from self._cut(data)
            return
        self._kept.append(data)
        if len(self._kept) >= self._together:
            self._together = self._draw.randint(2, MOST_TOGETHER)
            yield from self.rest()

    def rest(self) -> Iterator[bytes]:
        """What was kept, because a wait or the end comes."""
        data, self._kept = b"".join(self._kept), []
        if data:
            yield from self._cut(data)

    def _dressed(self, data: bytes) -> bytes:
        if "comment" in self._ways:
            apart = b"\n" if self._draw.random() < 0.5 else b""
            data = COMMENT + apart + data
        return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if "crlf" in self._ways else data

    def _cut(self, data: bytes) -> Iterator[bytes]:
        if "bytes" in self._ways and len(data) <= LARGEST_SPLIT:
            while data:
                size = self._draw.randint(1, 7)
                yield data[:size]
                data = data[size:]
            return
        places = self._places(data)
        for start, end in zip((0, *places), (*places, len(data)), strict=True):
            yield data[start:end]

    def _places(self, data: bytes) -> list[int]:
        letters = [n for n in range(1, len(data)) if data[n] & 0xC0 == 0x80] if "half-letter" in self._ways else []
        if letters:
            return sorted(self._draw.sample(letters, min(3, len(letters))))
        if not {"half-event", "half-letter"} & self._ways or len(data) < 2:
            return []
        if "crlf" in self._ways and data.endswith(b"\r\n") and self._draw.random() < 0.5:
            return [len(data) - 1]
        return [self._draw.randrange(1, len(data))]
