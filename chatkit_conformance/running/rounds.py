"""Runs that are held one after the other, as `run --watch` does: one event loop, and one stand-in for all of them.

Between two rounds nothing runs. What a round leaves behind ends with it; the stand-in alone outlasts it, and forgets
everything before the next, as if it had just been started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from .standin import StandIn, StandInFailed


class Rounds:
    """Where the rounds are held. Close it at the end.

    `starts` counts how often a stand-in was started: once, unless one ended.
    """

    def __init__(self) -> None:
        self.starts = 0
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._standin: StandIn | None = None

    def hold(self, round: Coroutine[None, None, None]) -> None:
        """Hold one, to its end, and cancel what it left under way. Raises what the round does."""
        self._runner.run(self._whole(round))

    async def standin(self, fresh: StandIn) -> StandIn:
        """The stand-in of this round, which has forgotten the round before. Raises StandInFailed.

        Args:
            fresh: one that was not started yet: what is used where there is none that answers.
        """
        if (kept := self._standin) is not None:
            try:
                await kept.reset()
                return kept
            except (StandInFailed, ValueError):  # it ended, or hangs: its journal would be another round's
                await kept.stop()
        self._standin = fresh
        await fresh.start()
        self.starts += 1
        return fresh

    def close(self) -> None:
        """Stop the stand-in."""
        if self._runner.get_loop().is_running():  # a round that would not end: the guard ends what was started
            return
        if self._standin is not None:
            self._runner.run(self._standin.stop())
        self._runner.close()

    async def _whole(self, round: Coroutine[None, None, None]) -> None:
        before = asyncio.all_tasks()
        try:
            await round
        finally:
            kept = self._standin.process.watching if self._standin is not None else frozenset()
            left = asyncio.all_tasks() - before - kept
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
