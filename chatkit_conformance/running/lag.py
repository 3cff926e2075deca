"""How long the harness itself is held up by others: its event loop, asked twenty times a second whether it is on time.

Where the machine is busy with other things, the harness is late, and so is the server: what then comes after a deadline
says nothing of the server. Deadlines are stretched by it, and what is cut all the same is told apart (see host.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import deque
from types import TracebackType

TICK_S = 0.05

TOLERATED_S = 0.02
"""Lateness of a tick that is nothing: the timer's own, and a transcript that is written."""

WINDOW_S = 5.0
"""Seconds that count as now."""

MOST = 4.0
"""By how much a deadline is stretched at most."""


def crowding() -> float:
    """By how much a program that starts now is to be given longer: 1 on a quiet machine, 4 at most.

    A loop that mostly waits is hardly late where a program that computes, as each does that starts, gets a small part
    of a core: how many programs want one, for each core, tells that.
    """
    wanting = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return min(max(wanting / (os.cpu_count() or 1), 1.0), MOST)


class Lag:
    """Measures lateness while its block lasts."""

    def __init__(self) -> None:
        self.total_s = 0.0
        """Seconds that the loop was late, in all."""
        self._recent: deque[tuple[float, float]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Lag:
        self._task = asyncio.create_task(self._watch(), name="lag")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def late(self, at: float, by_s: float) -> None:
        """Take one tick in: when it was due, and by how much it came too late."""
        if by_s > TOLERATED_S:
            self.total_s += by_s
            self._recent.append((at, by_s))
        while self._recent and self._recent[0][0] < at - WINDOW_S:
            self._recent.popleft()

    def factor(self) -> float:
        """By how much a deadline that begins now is to be stretched: 1 on a quiet machine, 4 at most."""
        share = min(sum(by for _, by in self._recent) / WINDOW_S, 1.0)
        return min(1 / (1 - share), MOST) if share < 1.0 else MOST

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, worked = loop.time() + TICK_S, time.process_time()
            await asyncio.sleep(TICK_S)
            # What the harness itself computed in that time, no other program took from it.
            self.late(due, loop.time() - due - (time.process_time() - worked))
