"""Several processes on one listening socket, for those who outgrow one core. They share nothing but the database.

Forked after everything is loaded and before any thread or event loop exists: the SDKs are loaded once, and their
memory is shared. A worker that dies is replaced, and where that fails, as while the database is away, it is tried
again after a while; only at the first start does a worker that never gets ready end them all. The workers end with
the parent, however that ends: each holds the reading end of a pipe whose other end is the parent's alone.
"""

from __future__ import annotations

import itertools
import logging
import os
import signal
import threading
import time
from collections.abc import Callable

_LOG = logging.getLogger("reference_server.workers")

# Seconds before each further try to replace a worker; the last for all that follow.
_WAITS_S = (0.5, 1.0, 2.0, 5.0)

# Runs a server until it is told to stop, calls its argument once it answers, and gives the exit code.
Serve = Callable[[Callable[[], None]], int]


def run(count: int, serve: Serve, *, ready: Callable[[], None]) -> int:
    """Keep `count` processes running `serve` until SIGTERM or SIGINT; `ready` is called once all of them answer."""
    return _Workers(serve).run(count, ready)


class _Workers:
    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._alive: set[int] = set()
        self._stopping = False
        self._lifeline, self._alive_as_long_as = os.pipe()

    def run(self, count: int, ready: Callable[[], None]) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if not all(self._start() for _ in range(count)):
            return self._failed()
        ready()
        while self._alive:
            pid, status = os.wait()
            self._alive.discard(pid)
            if self._stopping:
                continue
            _LOG.error("worker %d ended with status %d; starting another", pid, os.waitstatus_to_exitcode(status))
            self._replace()
        return 0

    def _replace(self) -> None:
        """Start a worker for one that ended, again and again, a little later each time."""
        for wait_s in itertools.chain(_WAITS_S, itertools.repeat(_WAITS_S[-1])):
            if self._start() or self._stopping:
                return
            _LOG.error("no worker could be started; trying again in %g s", wait_s)
            until = time.monotonic() + wait_s
            while not self._stopping and (left := until - time.monotonic()) > 0:
                time.sleep(min(left, 0.1))

    def _start(self) -> bool:
        """Start one worker; False when it ended before it was ready."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            os.close(self._alive_as_long_as)
            os._exit(self._work(writing))
        os.close(writing)
        self._alive.add(pid)
        if self._stopping:
            # Told to stop between the fork and here: this one was not among those that were told.
            os.kill(pid, signal.SIGTERM)
        with os.fdopen(reading, "rb") as said:
            if said.read(1) == b"+" or self._stopping:
                return True
        self._alive.discard(os.waitpid(pid, 0)[0])
        return False

    def _work(self, writing: int) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)

        def ready() -> None:
            os.write(writing, b"+")
            os.close(writing)

        threading.Thread(target=self._end_with_parent, name="lifeline", daemon=True).start()
        try:
            return self._serve(ready)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1
        except BaseException:
            _LOG.exception("a worker failed")
            return 1

    def _end_with_parent(self) -> None:
        os.read(self._lifeline, 1)  # nothing is ever written: it returns when the parent is gone
        os.kill(os.getpid(), signal.SIGTERM)

    def _failed(self) -> int:
        self._stop()
        while self._alive:
            self._alive.discard(os.wait()[0])
        return 1

    def _stop(self, *_: object) -> None:
        self._stopping = True
        for pid in self._alive:
            os.kill(pid, signal.SIGTERM)
