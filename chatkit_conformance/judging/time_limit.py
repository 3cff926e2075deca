"""A limit on the time that judging takes: a pure function that computes too long is interrupted where it stands.

One thread watches the limits of all others, four times a second: a limit costs no thread and no signal of its own. (A
signal belongs to whoever runs pytest, and reaches the main thread alone.)
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

LOOK_EVERY_S = 0.25
"""Seconds after which it is seen that a limit has passed."""


class TooLong(BaseException):
    """Raised in the thread that computes. No `except Exception` on its way holds it up."""


@dataclass(slots=True)
class _Limit:
    ends_at: float
    raised: bool = False


_LIMITS: dict[int, _Limit] = {}
"""The limit of each thread that has one."""

_LOCK = threading.Lock()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooLong in this thread when the block lasts longer; where it waits in the system, as soon as it returns."""
    _watching(os.getpid())
    thread, limit = threading.get_ident(), _Limit(time.monotonic() + seconds)
    _LIMITS[thread] = limit
    try:
        yield
    finally:
        with _LOCK:
            _LIMITS.pop(thread, None)
        if limit.raised:  # it may not have been delivered yet, and must not be later
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None)


@cache
def _watching(_process: int) -> threading.Thread:
    """The thread that watches; one for each process, for a fork takes none along."""
    thread = threading.Thread(target=_watch, name="time limits", daemon=True)
    thread.start()
    return thread


def _watch() -> None:
    while True:
        threading.Event().wait(LOOK_EVERY_S)
        now = time.monotonic()
        for thread, limit in tuple(_LIMITS.items()):
            if now > limit.ends_at:
                _interrupt(thread, limit)


def _interrupt(thread: int, limit: _Limit) -> None:
    with _LOCK:
        if _LIMITS.get(thread) is limit and not limit.raised:
            limit.raised = True
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TooLong))
