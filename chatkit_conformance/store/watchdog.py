"""Interrupts a thread that a store keeps: a driver that blocks the event loop lets no timeout of asyncio run."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

AGAIN_S = 0.5
"""The interruption is repeated: a store may catch it, once."""

MOST = 12
"""Interruptions without effect before the process is ended: C code that waits for ever cannot be interrupted."""

EXIT_CODE = 70
"""Of the process that was ended so: EX_SOFTWARE."""


class LoopBlocked(KeyboardInterrupt):
    """The main thread was kept past its deadline.

    A KeyboardInterrupt, since asyncio hands every other exception to the task and goes on.
    """


@contextlib.contextmanager
def interrupted_after(seconds: float, what: str) -> Iterator[None]:
    """Raise `LoopBlocked` in the body when it takes longer. `what` is said when nothing but ending the process helps.

    It works in the main thread of systems with `pthread_kill`; elsewhere the process is ended if the body does not end.
    The handler of SIGALRM is put back, and called for alarms that are not ours.
    """
    over, fired = threading.Event(), threading.Event()
    can_interrupt = threading.current_thread() is threading.main_thread() and hasattr(signal, "pthread_kill")
    previous: Any = None

    def interrupt(number: int, frame: FrameType | None) -> None:
        if fired.is_set():
            if not over.is_set():
                raise LoopBlocked(what)
        elif callable(previous):
            previous(number, frame)

    if can_interrupt:
        previous = signal.signal(signal.SIGALRM, interrupt)
    watch = threading.Thread(
        target=_watch, args=(seconds, what, over, fired, threading.main_thread().ident if can_interrupt else None)
    )
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        over.set()
        if can_interrupt:
            signal.signal(signal.SIGALRM, previous if previous is not None else signal.SIG_DFL)


def _watch(seconds: float, what: str, over: threading.Event, fired: threading.Event, thread: int | None) -> None:
    if over.wait(seconds):
        return
    fired.set()
    for _ in range(MOST):
        if thread is not None:
            signal.pthread_kill(thread, signal.SIGALRM)
        if over.wait(AGAIN_S):
            return
    print(
        f"\n{what} Nothing interrupts it; the process is ended.", file=sys.__stderr__, flush=True
    )  # the last thing that can be said
    os._exit(EXIT_CODE)
