"""Meters on processes: processor seconds and resident memory of a started program and its children, over time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

LEAST_S = 300.0
"""Seconds of readings below which nothing is said of growth: a server's pools and caches fill for minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading: monotonic second, processor seconds used so far, resident bytes."""

    at: float
    processor_s: float
    resident: int


class Meter:
    """A meter on one process tree. `readings` grows with each look."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.readings: list[Reading] = []

    def look(self) -> None:
        """Read once; a process that is gone is left out."""
        import psutil  # type: ignore[import-untyped]  # it has no types of its own

        try:
            top = psutil.Process(self._pid)
            tree: list[Any] = [top, *top.children(recursive=True)]
        except psutil.Error:
            return
        used = resident = 0.0
        for one in tree:
            try:
                times = one.cpu_times()
                used += times.user + times.system
                resident += one.memory_info().rss
            except psutil.Error:
                continue
        if resident:
            self.readings.append(Reading(at=time.monotonic(), processor_s=used, resident=int(resident)))

    def used_s(self) -> float | None:
        """Processor seconds between the first reading and the last."""
        if len(self.readings) < 2:
            return None
        return self.readings[-1].processor_s - self.readings[0].processor_s

    def to_json(self, begun_at: float) -> list[list[float]]:
        """The readings as [second since the beginning, cores used since the one before, MiB]."""
        made = []
        for before, now in zip(self.readings, self.readings[1:], strict=False):
            took = max(1e-6, now.at - before.at)
            cores = (now.processor_s - before.processor_s) / took
            made.append([round(now.at - begun_at, 3), round(cores, 4), round(now.resident / 2**20, 2)])
        return made


def growth_mib_per_minute(readings: list[Reading]) -> float | None:
    """How fast memory grew in the second half: the median slope between readings half of that apart (Theil and Sen).

    The first half is left out, since caches and pools fill there. None for less than LEAST_S seconds.
    """
    late = readings[len(readings) // 2 :]
    if len(late) < 10 or readings[-1].at - readings[0].at < LEAST_S:
        return None
    half = len(late) // 2
    slopes = sorted((b.resident - a.resident) / (b.at - a.at) for a, b in zip(late, late[half:], strict=False))
    return slopes[len(slopes) // 2] * 60 / 2**20
