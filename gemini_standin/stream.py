"""Acts to bytes: sends each at its time, waits at gates, and notices at once when the peer goes away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .acts import Act, Break, Drop, Fill, Repeat, Say, Spoil
from .chunk import Frame, chunk_json
from .compact import dumps
from .entry import Entry
from .fault import MARK
from .gates import Gates
from .lateness import Lateness
from .shapes import SHAPES
from .split import Splitter
from .step import Hold
from .wire import APART_S, EVENT_STREAM, PAUSES, End, Line, Receive, Send, Zip, headers

SPOILT = b"\xff\x00 these bytes are no gzip \x00\xff"
FILLING = b"fern "
FILL_BYTES = 256 * 1024
"""Bytes of a huge event that are made at once."""

NOTED = 200
"""Events of an endless text that the journal keeps."""


@dataclass(slots=True, kw_only=True)
class Writer:
    """Everything that writing one answer needs; `begun` is the moment from which chunks are due.

    Args:
        content_type, length: of the headers; a length is told where it is known.
        line: the connection below HTTP, None where the server does not give it.
    """

    send: Send
    entry: Entry
    begun: float
    frame: Frame
    gates: Gates
    lateness: Lateness
    zipped: bool
    splitter: Splitter
    line: Line | None = None
    content_type: str = EVENT_STREAM
    length: int | None = None
    status: int = 200
    _zip: Zip | None = None
    _started: bool = False
    _pauses: int = PAUSES

    async def write(self, acts: Sequence[Act]) -> End:
        """Write the answer; what is left to do with the connection."""
        self._zip = Zip() if self.zipped else None
        for act in acts:
            if isinstance(act, Say):
                await self._say(act)
            elif isinstance(act, Drop):
                await self._start()
                await self._flush()
                return End.RESET if act.reset else End.CLOSE
            elif isinstance(act, Break):
                self.entry.fault_at = time.monotonic()
            elif isinstance(act, Hold):
                await self._hold(act)
            elif isinstance(act, Spoil):
                await self._start()
                await self._flush()
                self.entry.note("(bytes that are no gzip)")
                await self.send({"type": "http.response.body", "body": SPOILT})
                return End.WHOLE
            elif isinstance(act, Repeat):
                await self._repeat(act)
            else:
                await self._fill(act)
        await self._start()
        await self._flush()
        await self.send({"type": "http.response.body", "body": self._zip.end() if self._zip else b""})
        return End.WHOLE

    def rendered(self, acts: Sequence[Act]) -> bytes:
        """All that the acts say, at once and uncompressed."""
        return b"".join(self._data(act) for act in acts if isinstance(act, Say))

    async def _start(self) -> None:
        if self._started:
            return
        self._started = True
        took = time.monotonic() - self.entry.at
        made = headers(self.content_type, took, self.zipped)
        if self.length is not None:
            made.append((b"content-length", str(self.length).encode()))
        await self.send({"type": "http.response.start", "status": self.status, "headers": made})

    async def _hold(self, act: Hold) -> None:
        await self._start()
        await self._flush()
        before = time.monotonic()
        await self.gates.wait(act.gate, act.max_s)
        self.begun += time.monotonic() - before

    async def _say(self, act: Say) -> None:
        due = self.begun + act.due
        if due > time.monotonic():
            await self._flush()
            await asyncio.sleep(due - time.monotonic())
        if act.chunk is not None and act.due > 0:
            self.lateness.add(time.monotonic() - due)
        await self._start()
        data = self._data(act)
        if act.keep:
            await self._torn(data, act.keep)
        elif self.splitter:
            await self._pieces(self.splitter.writes(data, event=self.content_type == EVENT_STREAM))
        else:
            await self._body(data)

    async def _repeat(self, act: Repeat) -> None:
        until = time.monotonic() + act.max_s
        noted = 0
        while time.monotonic() < until:
            data = self._data(act.say)
            noted += 1
            if noted > NOTED:
                self.entry.sent.pop()
            await self._pieces(self.splitter.writes(data))
            await asyncio.sleep(act.gap_s)

    async def _fill(self, act: Fill) -> None:
        await asyncio.sleep(max(0.0, self.begun + act.say.due - time.monotonic()))
        await self._start()
        await self._flush()
        before, mark, after = self._data(act.say).partition(MARK.encode())
        await self._body(before)
        left = act.size if mark else 0
        filling = FILLING * (FILL_BYTES // len(FILLING))
        while left:
            piece = filling[:left]
            left -= len(piece)
            await self._body(piece)
        await self._body(after)

    async def _torn(self, data: bytes, keep: str) -> None:
        """Send a part of it: up to the middle, to the middle of its last letter, or of the transfer's own chunk."""
        await self._flush()
        cut = len(data) // 2
        if keep == "letter":
            cut = next((n for n in range(len(data) - 1, 0, -1) if data[n] & 0xC0 == 0x80), cut)
        self.entry.sent.pop()
        self.entry.note(data[:cut].removeprefix(b"data: ").decode("utf-8", "replace"))
        if keep != "frame" or self.line is None:
            await self._body(data[:cut])
            return
        whole = self._zip.piece(data) if self._zip else data
        self.line.write(b"%x\r\n" % len(whole) + whole[: len(whole) // 2])

    async def _flush(self) -> None:
        if self.splitter:
            await self._pieces(self.splitter.rest())

    async def _pieces(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            await self._body(piece)
            if self._pauses:
                self._pauses -= 1
                await asyncio.sleep(APART_S)

    async def _body(self, data: bytes) -> None:
        body = self._zip.piece(data) if self._zip else data
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    def _data(self, say: Say) -> bytes:
        if say.chunk is None:
            self.entry.note(say.raw.removeprefix("data: ").rstrip("\n"))
            return say.raw.encode()
        value = chunk_json(say.chunk, self.frame, int(time.time()))
        line = SHAPES[say.shape].wrong(value) if say.shape else dumps(value)
        raw = line.encode() if isinstance(line, str) else line
        self.entry.note(raw.decode("utf-8", "replace"))
        return b"data: %b\n\n" % raw


async def until_gone(work: Coroutine[Any, Any, End], receive: Receive, entry: Entry) -> End | None:
    """Do the work unless the peer goes away first; stamps the entry with when it ended and how.

    Returns:
        What the work returned, or None where the peer went away.
    """
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            entry.gone_at = time.monotonic()
            return None
        result = working.result()
        entry.finished_at = time.monotonic()
        return result
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
