"""How far this machine's monotonic clock is from the master's: zero on one machine, estimated across two.

The stand-in runs on the master's machine, so the master's clock is the stand-in's.
"""

from __future__ import annotations

import time
from collections.abc import Callable

ASKED = 9
"""The quickest of so many questions tells best."""


class Clock:
    """A worker's questions to its master, one after the other.

    Args:
        ask: sends this moment to the master, which sends it back with its own.
    """

    def __init__(self, ask: Callable[[float], None]) -> None:
        self._ask = ask
        self._readings: list[tuple[float, float]] = []

    def begin(self) -> None:
        """Ask the first time."""
        self._ask(time.monotonic())

    def hear(self, sent: float, there: float) -> None:
        """Take an answer, and ask again while it is worth it."""
        back = time.monotonic()
        self._readings.append((back - sent, there - (sent + back) / 2))
        if len(self._readings) < ASKED:
            self._ask(time.monotonic())

    @property
    def offset(self) -> tuple[float, float]:
        """Seconds to add to our clock to read the master's, and how many seconds that may be wrong.

        An offset within its own doubt is taken for zero: it is the same clock, or as good as that.
        """
        if not self._readings:
            return 0.0, 0.0
        took, ahead = min(self._readings)
        return (0.0, 0.0) if abs(ahead) <= took / 2 else (ahead, took / 2)
