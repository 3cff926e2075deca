"""What Ctrl-C, SIGTERM and a terminal that is closed do to a command: it ends, stops what it started, writes its files.

The first ends the work as Ctrl-C does. The second only says that the end is under way, and the third ends the command
at once: what it started is then ended by its guard (running/guard.py).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from ..visible import complain

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
"""Signals that end a command. One that the caller has ignored, as nohup does, stays ignored."""

INTERRUPTED = 1
"""Exit code of a command that was cut off."""


@contextmanager
def interruptible(command: str) -> Iterator[None]:
    """Turn the first of the signals into KeyboardInterrupt, tell of the second, end at the third.

    Args:
        command: the command's name, for the message.
    """
    times = 0

    def interrupt(_number: int, _frame: object) -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise KeyboardInterrupt
        if times > 2:
            os._exit(INTERRUPTED)
        # Not by `complain`: the interrupted code may be in the middle of a print.
        os.write(2, f"chatkit-conformance {command}: it is ending already; a third time ends it at once.\n".encode())

    before = {number: signal.signal(number, interrupt) for number in SIGNALS if _heard(number)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say_interrupted(command: str) -> int:
    """Say that a command was cut off before there was anything to write; returns its exit code."""
    complain(f"chatkit-conformance {command}: it was interrupted.")
    return INTERRUPTED


def _heard(number: int) -> bool:
    return signal.getsignal(number) is not signal.SIG_IGN
