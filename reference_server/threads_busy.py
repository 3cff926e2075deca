"""Which threads are answering: one turn at a time in a thread, and a way to end the turns of one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# How long, in seconds, a cancelled turn may take to save what the user saw.
_ENDING_S = 5.0

ThreadKey = tuple[str, str]


class BusyThreads:
    """Turns of one thread follow each other: a message that comes in the middle waits, and each is answered whole."""

    def __init__(self) -> None:
        self._locks: dict[ThreadKey, asyncio.Lock] = {}
        self._turns: defaultdict[ThreadKey, set[asyncio.Task[object]]] = defaultdict(set)

    @asynccontextmanager
    async def turn(self, user_id: str, thread_id: str) -> AsyncIterator[None]:
        """Hold the thread for the task that asks; waits for the turns that were first."""
        thread = (user_id, thread_id)
        task = asyncio.current_task()
        assert task is not None
        self._turns[thread].add(task)
        lock = self._locks.setdefault(thread, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            self._turns[thread].discard(task)
            if not self._turns[thread]:
                del self._turns[thread]
                self._locks.pop(thread, None)

    async def end(self, user_id: str, thread_id: str) -> None:
        """Cancel the thread's turns, and wait until they have saved what was shown."""
        await _cancel(set(self._turns.get((user_id, thread_id), ())))

    async def end_all(self) -> None:
        """Cancel every turn, for the server's own end."""
        await _cancel({task for tasks in self._turns.values() for task in tasks})


async def _cancel(tasks: set[asyncio.Task[object]]) -> None:
    tasks.discard(asyncio.current_task())
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_ENDING_S)
