"""Server-sent events: bytes in, frames out. Pure, incremental, bounded; no clock and no socket.

The rules are those of the HTML standard, section 9.2 "Server-sent events", as a browser follows them:

- lines end with LF, CR, or CR LF; one byte order mark at the very start is dropped;
- a line that begins with a colon is a comment; `field: value` loses one space after the colon;
- `data` lines are joined with LF; an empty line dispatches the event, unless it had no `data` line;
- what has not seen its empty line when the stream ends is never dispatched (see `SseParser.end`).

ChatKit uses only `data` (openai-chatkit 1.6.5, server.py: `b"data: " + b + b"\\n\\n"`), so every other field is
recorded as an oddity: legal, and without meaning to the client.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from gemini_standin.nesting import read_json

from ..transcript import JSON, Event

MAX_EVENT_BYTES = 8 * 1024 * 1024
"""Largest event that is kept. A widget of 10,000 components is under 2 MiB; beyond this nobody is being talked to."""

MOST_RECORDED = 100_000
"""Events of a recorded stream that are read: five times what a run reads of one. A million take 2 GB of memory."""

_PIECE = 256 * 1024
"""Bytes of a recording that are parsed at a time."""

_LINE_END = re.compile(rb"[\r\n]")
_BOM = b"\xef\xbb\xbf"
_SHOWN = 80
_MAX_ODDITIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One dispatched event as the framing layer sees it.

    Args:
        data: the data lines, joined with LF.
        problem: bytes that were not UTF-8, else None (they are replaced by U+FFFD, as in a browser).
        oddity: fields other than `data`, and comments since the event before, in words; "" where there are none.
    """

    data: str
    problem: str | None = None
    oddity: str = ""


class SseParser:
    """Reads one stream. Feed it bytes as they come; any way of cutting the same bytes gives the same frames.

    Args:
        max_event_bytes: an event larger than this stops the parser; `overflow` then says so, the rest is ignored.
    """

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.max_event_bytes = max_event_bytes
        self.overflow: str | None = None
        self._rest = bytearray()
        self._scanned = 0
        self._first_line = True
        self._after_cr = False
        self._clear()

    def _clear(self) -> None:
        self._data: list[str] = []
        self._size = 0
        self._oddities: list[str] = []
        self._comments = 0
        self._problem: str | None = None

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that these bytes complete."""
        frames: list[Frame] = []
        if self.overflow is not None or not chunk:
            return frames
        self._rest += chunk
        start = 0
        if self._after_cr:
            self._after_cr = False
            if self._rest[0] == 0x0A:
                start = self._scanned = 1
        while (found := _LINE_END.search(self._rest, max(start, self._scanned))) is not None:
            line = bytes(self._rest[start : found.start()])
            start = found.end()
            if found.group() == b"\r":
                if start == len(self._rest):
                    self._after_cr = True
                elif self._rest[start] == 0x0A:
                    start += 1
            self._scanned = start
            if self._too_large(len(line)):
                return frames
            frame = self._line(line)
            if frame is not None:
                frames.append(frame)
        del self._rest[:start]
        self._scanned = len(self._rest)
        self._too_large(len(self._rest))
        return frames

    def end(self) -> str | None:
        """What was left without its empty line when the stream ended, in words; None when it ended cleanly."""
        if self.overflow is not None:
            return None
        rest = bytes(self._rest)
        if self._first_line and rest.startswith(_BOM):
            rest = rest[len(_BOM) :]
        unfinished = [f"data: {text}" for text in self._data]
        if rest and not rest.startswith(b":"):
            unfinished.append(rest.decode("utf-8", "replace"))
        if not unfinished:
            return None
        text = "\n".join(unfinished)
        return (
            f"the stream ended inside an event (no empty line after it), so a browser never dispatches it: "
            f"{shorten(text)} ({len(text)} characters)"
        )

    def _too_large(self, pending: int) -> bool:
        if self._size + pending > self.max_event_bytes:
            self.overflow = f"one event is larger than {self.max_event_bytes} bytes"
            self._rest.clear()
            self._clear()
        return self.overflow is not None

    def _line(self, line: bytes) -> Frame | None:
        if self._first_line:
            self._first_line = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        if not line.startswith(b":"):  # a comment is never kept, so an hour of heartbeats is not one large event
            self._size += len(line)
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            text = line.decode("utf-8", "replace")
            self._problem = (
                f"not UTF-8: byte 0x{line[error.start]:02x} at column {error.start} of the line {shorten(text)}"
            )
        name, colon, value = text.partition(":")
        if colon and not name:
            self._comments += 1
        elif name == "data":
            self._data.append(value.removeprefix(" "))
        elif len(self._oddities) < _MAX_ODDITIES:
            known = name in ("event", "id", "retry")
            self._oddities.append(f"{'field' if known else 'unknown field'} {shorten(text)}")
        return None

    def _dispatch(self) -> Frame | None:
        if not self._data:  # the standard drops an event without data, its other fields too
            comments = self._comments
            self._clear()
            self._comments = comments
            return None
        oddities = list(self._oddities)
        if self._comments:
            oddities.append(f"{self._comments} comment line{'s' if self._comments > 1 else ''} before its end")
        frame = Frame(data="\n".join(self._data), problem=self._problem, oddity="; ".join(oddities))
        self._clear()
        return frame


def read_event(frame: Frame, *, index: int, at: float = 0.0) -> Event:
    """The frame as a transcript's event, its JSON parsed.

    Args:
        index: place in its reply, from 0. at: monotonic seconds at which its last byte was read.
    """
    data, wrong = parse_object(frame.data)
    problem = "; ".join(p for p in (frame.problem, wrong) if p) or None
    return Event(index=index, at=at, raw=frame.data, data=data, problem=problem, oddity=frame.oddity)


def read_events(data: bytes, *, most: int = MOST_RECORDED) -> tuple[tuple[Event, ...], str | None]:
    """A recorded stream's events, without times, and what is wrong with its end (see `SseParser.end`).

    Args:
        most: events that are read; whoever gets so many does not know the end.
    """
    parser = SseParser()
    events: list[Event] = []
    for start in range(0, len(data), _PIECE):
        for frame in parser.feed(data[start : start + _PIECE]):
            if len(events) == most:
                return tuple(events), None
            events.append(read_event(frame, index=len(events)))
    return tuple(events), parser.overflow or parser.end()


def parse_json(text: str) -> JSON:
    """The value of a JSON text, read as strictly as a browser's `JSON.parse`.

    Raises:
        ValueError: it is not JSON (NaN and Infinity are not), or it is nested or sized beyond reading.
    """
    if text.count(",") > MAX_VALUES:
        raise ValueError(f"more than {MAX_VALUES:,} values")
    value: JSON = read_json(text, _no_constant)
    return value


MAX_VALUES = 500_000
"""Values of a JSON text, at most; a page of more would take minutes to look through, and no browser shows it."""


def parse_object(text: str) -> tuple[dict[str, JSON] | None, str | None]:
    """The JSON object in this text, or None and what is there instead."""
    try:
        value = parse_json(text)
    except ValueError as error:
        return None, f"not JSON ({error}): {shorten(text)}"
    if not isinstance(value, dict):
        return None, f"not a JSON object: {shorten(text)}"
    return value, None


def shorten(text: str, limit: int = _SHOWN) -> str:
    """The text quoted for a message, cut to `limit` characters."""
    return repr(text if len(text) <= limit else f"{text[:limit]}…")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
