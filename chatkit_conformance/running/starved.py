"""How long a started server was ready to run and got no processor: the system counts it for each process.

The harness itself is seldom late on a busy machine, for it mostly waits; the server is. Linux tells it in
/proc/PID/schedstat (proc(5): time spent on the processor, time spent waiting on a run queue, both in nanoseconds).
"""

from __future__ import annotations

from pathlib import Path

SCHEDSTAT = "/proc/{pid}/schedstat"


class Starved:
    """Adds up what the processes that are the server, one after the other, have waited."""

    def __init__(self, path: str = SCHEDSTAT) -> None:
        self._path = path
        self._pid = 0
        self._last_s = 0.0
        self._before_s = 0.0

    def total_s(self, pid: int) -> float:
        """Seconds in all, up to now; those of a process that is over count as far as they were last asked for.

        Args:
            pid: of the server as it runs now, 0 where it does not, or was not started here.
        """
        if pid != self._pid:
            self._before_s, self._last_s, self._pid = self._before_s + self._last_s, 0.0, pid
        if pid:
            self._last_s = max(self._last_s, _waited_s(Path(self._path.format(pid=pid))))
        return self._before_s + self._last_s


def _waited_s(path: Path) -> float:
    """What the system says; 0 where it says nothing."""
    try:
        return int(path.read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
