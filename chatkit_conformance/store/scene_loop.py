"""The event loop of one contract test. Whatever a store does, everything on it ends: its calls, and closing it."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, TypeVar

from .watchdog import LoopBlocked, interrupted_after

T = TypeVar("T")

CANCEL_S = 0.5
"""What a cancelled task has to end."""

CLOSE_S = 1.0
"""What each step of closing has at least, also after the deadline."""

BLOCKED_S = 0.5
"""How much later than asyncio's own timeout the watchdog acts."""

THREADS = 8
"""Threads of the loop's pool, about as many as asyncio's default has on a small machine."""

_left_behind: list[object] = []
"""Tasks that do not end. Kept, since asyncio complains of pending tasks that are collected."""


class Overdue(Exception):
    """The work did not end by the deadline, and was left where it was."""


class AbandonablePool(ThreadPoolExecutor):
    """A pool whose threads are daemons: one that waits for ever does not keep the process from ending."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self._waiting: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._free = threading.Semaphore(0)
        self._started: list[threading.Thread] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it in a thread that is free, or in a new one."""
        future: Future[Any] = Future()
        self._waiting.put((future, lambda: fn(*args, **kwargs)))
        if not self._free.acquire(blocking=False) and len(self._started) < THREADS:
            thread = threading.Thread(target=self._work, daemon=True)
            self._started.append(thread)
            thread.start()
        return future

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            future, call = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call())
                except BaseException as error:
                    future.set_exception(error)
            del job, future, call
            self._free.release()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the threads end, and wait for them no longer than closing may take."""
        ends = time.monotonic() + CLOSE_S
        for _ in self._started:
            self._waiting.put(None)
        for thread in self._started if wait else ():
            thread.join(max(0.0, ends - time.monotonic()))


class SceneLoop:
    """An event loop with a deadline, counted from when it was made.

    Args:
        deadline_s: seconds for all the work on it.
    """

    def __init__(self, deadline_s: float) -> None:
        self._runner = asyncio.Runner()
        self._pool = AbandonablePool()
        self.deadline_s = deadline_s
        self.ends = time.monotonic() + deadline_s

    @property
    def left_s(self) -> float:
        """Seconds until the deadline, at least 0."""
        return max(0.0, self.ends - time.monotonic())

    def run(
        self,
        work: Coroutine[Any, Any, T],
        *,
        at_least_s: float = 0.0,
        at_most_s: float = math.inf,
        waits_for: Callable[[], str] | None = None,
    ) -> T:
        """Run to the end. `waits_for` gives what is said when that takes long.

        Raises:
            Overdue: the deadline passed first. `at_least_s` seconds are given in any case, and never `at_most_s`.
        """
        self._runner.get_loop().set_default_executor(self._pool)
        seconds = min(max(self.left_s, at_least_s), at_most_s)
        try:
            with interrupted_after(seconds + CANCEL_S + BLOCKED_S, "The store keeps the event loop.", waits_for):
                return self._runner.run(self._bounded(work, seconds))
        except LoopBlocked as error:
            raise Overdue("the event loop stood still: a call blocks instead of awaiting") from error

    async def _bounded(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        task = asyncio.create_task(work)
        try:
            await asyncio.wait({task}, timeout=seconds)
            if task.done():
                return task.result()
        finally:
            await _cancelled({task})
        raise Overdue("a call is still waiting")

    def close(self) -> None:
        """Cancel what is left, and close the loop. What does not end is left behind."""
        try:
            with interrupted_after(CLOSE_S * 2, "The store keeps the event loop while it is closed."):
                clean = self._runner.run(self._settled())
                if clean:
                    self._runner.close()
        except LoopBlocked:
            clean = False
        if not clean:
            _left_behind.append(self._runner)
            asyncio.set_event_loop(None)

    async def _settled(self) -> bool:
        ended = await _cancelled(asyncio.all_tasks() - {asyncio.current_task()})
        generators = asyncio.create_task(asyncio.get_running_loop().shutdown_asyncgens())
        await asyncio.wait({generators}, timeout=CLOSE_S)
        return ended and generators.done()


async def _cancelled(tasks: set[Any]) -> bool:
    """Cancel the tasks, and say whether they ended for it."""
    waiting = {task for task in tasks if not task.done()}
    for task in waiting:
        task.cancel()
    if not waiting:
        return True
    done, left = await asyncio.wait(waiting, timeout=CANCEL_S)
    for task in done:
        if not task.cancelled():
            task.exception()  # seen, so that asyncio does not complain of it later
    _left_behind.extend(left)
    return not left
