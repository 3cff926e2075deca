"""A recorded answer to bytes, at the moments at which it came when it was recorded, ended as it ended then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from .cassettes import RecordedAnswer
from .entry import Entry
from .errors import Failure
from .lateness import Lateness
from .likeness import renamed
from .wire import EVENT_STREAM, End, Send, Zip, headers

LEFT_S = 30.0
"""Seconds for which an answer that the server once left is held open, for it to be left again."""

SHORTEST_S = 1e-6

APART_S = 0.05
"""Seconds between the events of a stream that breaks: how much of it a busy server reads at once must not be chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What is needed to play one recorded call.

    Args:
        names: this server's ids for the recorded ones. speed: 1 as recorded, 2 in half the time, 0 at once.
    """

    call: RecordedAnswer
    names: Mapping[str, str]
    entry: Entry
    send: Send
    lateness: Lateness
    zipped: bool
    speed: float = 1.0

    async def write(self) -> End:
        """Write the answer; what is left to do with the connection."""
        call, begun = self.call, self.entry.at
        self.entry.status = call.status
        zip_ = Zip() if self.zipped else None
        await self._until(begun, call.pieces[0][0] if call.pieces else call.ended_s)
        if not call.pieces and call.ended == "cut" and call.status == 0:
            return End.CLOSE
        await self._start()
        broken = call.headers.get("content-type") == EVENT_STREAM and "[DONE]" not in "".join(t for _, t in call.pieces)
        for n, (at, recorded) in enumerate(call.pieces):
            if broken and n and self.speed:
                begun += APART_S
            await self._until(begun, at, paced=not broken)
            text = renamed(recorded, self.names)
            self.entry.sent.append((time.monotonic(), text.removeprefix("data: ").rstrip("\n")))
            data = text.encode()
            await self.send(
                {"type": "http.response.body", "body": zip_.piece(data) if zip_ else data, "more_body": True}
            )
        if call.ended == "left":
            await asyncio.sleep(LEFT_S)
            return End.CLOSE
        await self._until(begun, call.ended_s)
        if call.ended == "cut":
            return End.CLOSE
        await self.send({"type": "http.response.body", "body": zip_.end() if zip_ else b""})
        return End.WHOLE

    async def _start(self) -> None:
        took = time.monotonic() - self.entry.at
        kind = self.call.headers.get("content-type", "application/json")
        head = headers(kind, took, self.zipped)
        await self.send({"type": "http.response.start", "status": self.call.status, "headers": head})

    async def _until(self, begun: float, at: float, paced: bool = False) -> None:
        if not self.speed:
            return
        due = begun + at / self.speed
        left = due - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)
        if paced and at > SHORTEST_S:
            self.lateness.add(time.monotonic() - due)


def miss(why: str) -> Failure:
    """What a request is answered that no cassette has: a refusal in Gemini's form, so that every server shows it."""
    return Failure(code=400, message=why)
