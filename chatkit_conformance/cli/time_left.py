"""The line that stands under a run on a terminal: how much is judged and held, and how long it may still take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ..judged_run.run import JudgedRun
from ..running.runner import Runner

EVERY_S = 0.25
"""Seconds between two looks."""

TELLING = 0.1
"""Share of the conversations that must be over before a time is told: the first ones say little."""


class TimeLeft:
    """Tells it until it is ended.

    Args:
        run: what goes on. total: checks that are judged. tell: gets the line, and "" at the end.
    """

    def __init__(self, run: JudgedRun, total: int, tell: Callable[[str], None]) -> None:
        self._run = run
        self._total = total
        self._tell = tell
        self._over = threading.Event()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._go, name="time left", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Take the line away. Returns when nothing more is told."""
        self._over.set()
        self._thread.join(EVERY_S * 4)
        self._tell("")

    def _go(self) -> None:
        while not self._over.wait(EVERY_S):
            self._tell(self.line())

    def line(self) -> str:
        """How far it is."""
        runner = self._run.source
        if not isinstance(runner, Runner) or not runner.ready.done():
            return f"  waiting for the server, {time.monotonic() - self._began:.0f} s"
        over, of = runner.held
        return f"  {len(self._run.rows)} of {self._total} checks judged, {over} of {of} conversations held" + left(
            time.monotonic() - self._began - runner.state.started_s, over, of
        )


def left(took_s: float, over: int, of: int) -> str:
    """How long those that are not over may take, at the pace of those that are; "" where that is unknown."""
    if not of or over / of < TELLING:
        return ""
    seconds = took_s * (of - over) / over
    return f", about {seconds:.0f} s left" if seconds >= 1 else ", nearly done"
