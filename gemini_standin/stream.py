"""Acts to bytes: sends each at its time, waits at gates, and notices at once when the peer goes away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from .chunk import Frame, render
from .fault import Act, Drop, Say
from .gates import Gates
from .journal import Entry
from .lateness import Lateness
from .step import Hold
from .wire import EVENT_STREAM, Receive, Send, Zip, headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Everything that writing one streamed answer needs; `begun` is the moment from which chunks are due."""

    send: Send
    entry: Entry
    begun: float
    frame: Frame
    gates: Gates
    lateness: Lateness
    zipped: bool

    async def write(self, acts: Sequence[Act]) -> bool:
        """Write the answer; whether it was ended properly (else the caller drops the connection)."""
        begun = self.begun
        zip_ = Zip() if self.zipped else None
        started = False
        for act in acts:
            if isinstance(act, Drop):
                if not started:
                    await self._start()
                return False
            if isinstance(act, Hold):
                if not started:
                    started = True
                    await self._start()
                before = time.monotonic()
                await self.gates.wait(act.gate, act.max_s)
                begun += time.monotonic() - before
                continue
            await self._until(begun + act.due, paced=act.chunk is not None and act.due > 0)
            if not started:
                started = True
                await self._start()
            data = self._data(act)
            await self.send(
                {
                    "type": "http.response.body",
                    "body": zip_.piece(data) if zip_ else data,
                    "more_body": True,
                }
            )
        if not started:
            await self._start()
        await self.send({"type": "http.response.body", "body": zip_.end() if zip_ else b""})
        return True

    async def _start(self) -> None:
        took = time.monotonic() - self.entry.at
        await self.send(
            {"type": "http.response.start", "status": 200, "headers": headers(EVENT_STREAM, took, self.zipped)}
        )

    async def _until(self, due: float, paced: bool) -> None:
        left = due - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)
        if paced:
            self.lateness.add(time.monotonic() - due)

    def _data(self, say: Say) -> bytes:
        now = time.monotonic()
        if say.chunk is None:
            self.entry.sent.append((now, say.raw.removeprefix("data: ").rstrip("\n")))
            return say.raw.encode()
        line = render(say.chunk, self.frame, int(time.time()))
        self.entry.sent.append((now, line))
        return b"data: %b\n\n" % line.encode()


async def until_gone(work: Coroutine[Any, Any, bool], receive: Receive, entry: Entry) -> bool | None:
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
