"""The guard: a small program that ends what a run started, when the run itself is gone.

A run that is killed ends nothing. So the first program that it starts gets a guard beside it, which hears of every
program that is started and stopped, and which sees that the run is gone when its input ends. It runs this file alone,
without the rest of us, and in a session of its own, so that what ends the run does not end the guard.

What was started is known by a variable in its environment, and so are its children in whatever session or group,
where the system shows environments (Linux); elsewhere by the process group that it leads.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Collection
from functools import cache

MARK = "CHATKIT_CONFORMANCE_STARTED"
"""Variable whose value tells which program of a run started a process."""

LOOK_S = 0.5
"""Seconds after which the guard looks whether the run is there, should its input stay open in somebody else's hands."""


class Guard:
    """The guard's other side, in the process of the run."""

    def __init__(self) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        atexit.register(self._dismiss)

    def watch(self, mark: str, pid: int) -> None:
        """Tell of a program that was started."""
        self._tell(f"+ {mark} {pid}\n")

    def forget(self, mark: str) -> None:
        """Tell of a program that was stopped."""
        self._tell(f"- {mark} 0\n")

    def _tell(self, line: str) -> None:
        assert self._program.stdin is not None
        with contextlib.suppress(OSError):
            self._program.stdin.write(line.encode())
            self._program.stdin.flush()

    def _dismiss(self) -> None:
        assert self._program.stdin is not None
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._program.stdin.close()
            self._program.wait(2.0)


def guard() -> Guard | None:
    """This process's guard; None where the system knows no process groups."""
    return _guard_of(os.getpid()) if os.name == "posix" else None


@cache
def _guard_of(_pid: int) -> Guard:
    """A guard for each process: one that was forked has its own."""
    return Guard()


def marked(marks: Collection[str]) -> dict[int, str]:
    """Processes that run under one of these marks: the command line of each. {} where the system does not show them."""
    wanted = {f"{MARK}={mark}".encode() for mark in marks}
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with contextlib.suppress(OSError):
            if wanted.intersection(_read(name, "environ").split(b"\0")) and b") Z " not in _read(name, "stat"):
                found[int(name)] = _read(name, "cmdline").replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def end(pids: Collection[int]) -> None:
    """Kill these processes, where they are there."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _read(pid: str, file: str) -> bytes:
    with open(f"/proc/{pid}/{file}", "rb") as source:
        return source.read()


def _watch(run: int) -> dict[str, int]:
    """What was started and not stopped when the run is gone: the process group of each mark."""
    started: dict[str, int] = {}
    rest = b""
    while os.getppid() == run:
        if not select.select([0], [], [], LOOK_S)[0]:
            continue
        if not (chunk := os.read(0, 65536)):
            break
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            sign, mark, pid = line.decode().split()
            if sign == "+":
                started[mark] = int(pid)
            else:
                started.pop(mark, None)
    return started


def main() -> None:
    """Guard the run whose process id is the argument."""
    started = _watch(int(sys.argv[1]))
    for group in started.values():
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    while started and (left := marked(started)):
        end(left)


if __name__ == "__main__":
    main()
