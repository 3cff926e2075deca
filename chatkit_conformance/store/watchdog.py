"""Interrupts a thread that a store keeps: a driver that blocks the event loop lets no timeout of asyncio run."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from ..pytest_faces.last_words import uncaptured_stderr

AGAIN_S = 0.5
"""The interruption is repeated: a store may catch it, once."""

MOST = 6
"""Interruptions without effect before the process is ended: C code that waits for ever cannot be interrupted."""

LAST_S = 0.5
"""How much later `faulthandler` ends the process: it does so also where C code keeps the interpreter's lock."""

NOTICE_S = 30.0
"""Seconds of silence after which is said what is waited for: a deadline may be minutes away."""

EXIT_CODE = 70
"""Of the process that was ended so: EX_SOFTWARE."""


class LoopBlocked(KeyboardInterrupt):
    """The main thread was kept past its deadline.

    A KeyboardInterrupt, since asyncio hands every other exception to the task and goes on.
    """


@contextlib.contextmanager
def interrupted_after(
    seconds: float, what: str, waits_for: Callable[[], str] | None = None
) -> Iterator[threading.Event]:
    """Raise `LoopBlocked` in the body when it takes longer. `what` is said when nothing but ending the process helps.

    What `waits_for` gives is said once on standard error when the body still runs after `NOTICE_S`.

    The event that it gives is set when the body was interrupted: Python drops what is raised in a `__del__`.

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
        target=_watch,
        args=(seconds, what, over, fired, threading.main_thread().ident if can_interrupt else None, waits_for),
    )
    watch.daemon = True
    watch.start()
    faulthandler.dump_traceback_later(seconds + MOST * AGAIN_S + LAST_S, exit=True, file=uncaptured_stderr())
    try:
        yield fired
    finally:
        over.set()
        faulthandler.cancel_dump_traceback_later()
        if can_interrupt:
            signal.signal(signal.SIGALRM, previous if previous is not None else signal.SIG_DFL)


def _watch(
    seconds: float,
    what: str,
    over: threading.Event,
    fired: threading.Event,
    thread: int | None,
    waits_for: Callable[[], str] | None,
) -> None:
    quiet_s = min(seconds, NOTICE_S) if waits_for is not None else seconds
    if over.wait(quiet_s):
        return
    if waits_for is not None and quiet_s < seconds:
        with contextlib.suppress(Exception):  # whatever it is, the deadline counts
            print(waits_for(), file=uncaptured_stderr(), flush=True)
        if over.wait(seconds - quiet_s):
            return
    fired.set()
    for _ in range(MOST):
        if thread is not None:
            signal.pthread_kill(thread, signal.SIGALRM)
        if over.wait(AGAIN_S):
            return
    _end_the_process(f"{what} Nothing interrupts it; the process is ended.")


def _end_the_process(said: str) -> None:
    """Say the last thing that can be said, and where each thread is."""
    stderr = uncaptured_stderr()
    print(f"\n{said}", file=stderr, flush=True)
    faulthandler.dump_traceback(file=stderr)
    os._exit(EXIT_CODE)


_ending: list[float] = []
"""Seconds that the process has to end, once the main thread has; one entry, when the watch runs."""


def end_within(seconds: float) -> None:
    """See to it that the process ends: a thread of a store, or what it registered with `atexit`, may wait for ever.

    Args:
        seconds: after the end of the main thread; the longest that was asked for counts.
    """
    if _ending:
        _ending[0] = max(_ending[0], seconds)
        return
    _ending.append(seconds)
    threading.Thread(target=_watch_the_end, daemon=True).start()


def _watch_the_end() -> None:
    threading.main_thread().join()
    threading.Event().wait(_ending[0])
    named = [
        thread.name for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()
    ]
    left = f" Threads that are left: {', '.join(named)}." if named else ""
    _end_the_process(
        f"The process does not end: what a store started, or registered with atexit, still runs {_ending[0]:g} s after "
        f"everything else.{left} It is ended."
    )
