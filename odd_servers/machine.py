"""What else the machine did while a server was judged: that is what an idle run and a busy one differ in."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["idle", "shared", "busy"]

IDLE_SHARE = 0.1
"""Of all cores, what others may use on the average of a run that counts as idle: a desktop at rest uses as much."""

BUSY_SHARE = 0.75
"""Of all cores, from where on others keep the machine busy."""

CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The machine during one run.

    Args:
        before, after: load averages of one minute.
        others: cores that other programs used on the average, or None where that is not known.
        spun: whether every core was given something else to do.
    """

    before: float
    after: float
    others: float | None
    spun: bool

    @property
    def state(self) -> State:
        """In what state that was. What is not known to be idle is not."""
        if self.spun or (self.others is not None and self.others >= BUSY_SHARE * CORES):
            return "busy"
        return "idle" if self.others is not None and self.others <= IDLE_SHARE * CORES else "shared"


class Meter:
    """Measures the machine from here to `load`."""

    def __init__(self) -> None:
        self._began, self._before = time.monotonic(), load_average()
        self._all, self._own = _all_cores_s(), _own_s()

    def load(self, *, spun: bool = False) -> Load:
        """The machine since then. What this process started is its own only once it has ended."""
        took, now = time.monotonic() - self._began, _all_cores_s()
        others = None
        if now is not None and self._all is not None and not spun:
            others = round(max(0.0, now - self._all - (_own_s() - self._own)) / max(took, 0.01), 2)
        return Load(before=self._before, after=load_average(), others=others, spun=spun)


def load_average() -> float:
    """Of the last minute; 0 where the system has none."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0


def _all_cores_s() -> float | None:
    """Seconds that all cores have worked, as Linux counts them; None elsewhere."""
    with suppress(OSError, ValueError):
        first = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
        user, nice, system, _idle, _iowait, interrupts, soft, *_ = map(int, first.split()[1:])
        return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")
    return None


def _own_s() -> float:
    """Processor seconds of this process, and of what it started that has ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


@contextmanager
def busy_cores() -> Iterator[None]:
    """Every core has something else to do while the block lasts."""
    spinning = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(CORES)]
    for process in spinning:
        process.start()
    try:
        yield
    finally:
        for process in spinning:
            process.terminate()
            process.join()


def _spin() -> None:
    while True:
        sum(range(10_000))
