"""How long the event loop stood still."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType

TICK_S = 0.002
"""How often the loop is asked whether it is alive."""


class LoopWatch:
    """`async with LoopWatch() as watch`: then `watch.longest_s` is the longest time in which nothing else could run.

    One measurement on a busy machine proves nothing: the process may have been put aside by the operating system.
    Whoever uses it repeats the work and takes the shortest of the measurements.
    """

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> LoopWatch:
        self._last = time.perf_counter()
        self._arm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._measure()

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        self._measure()
        self._arm()

    def _measure(self) -> None:
        now = time.perf_counter()
        self.longest_s = max(self.longest_s, now - self._last - TICK_S)
        self._last = now
