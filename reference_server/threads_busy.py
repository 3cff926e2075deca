"""Which threads are answering: one turn at a time in a thread, and a way to end the turns of one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from reference_server.database import Database
from reference_server.leases import Leases
from reference_server.stored_text import key

# How long, in seconds, a cancelled turn may take to save what the user saw.
_ENDING_S = 5.0

ThreadKey = tuple[str, str]


class BusyThreads:
    """Turns of one thread follow each other: a message that comes in the middle waits, and each is answered whole.

    In this process by a lock; where the database is one that other processes may share, by a lease in it as well.
    """

    def __init__(self, database: Database) -> None:
        self._locks: dict[ThreadKey, asyncio.Lock] = {}
        self._turns: defaultdict[ThreadKey, set[asyncio.Task[object]]] = defaultdict(set)
        self._leases = Leases(database, self._end_now) if database.shared else None

    @asynccontextmanager
    async def turn(self, user_id: str, thread_id: str) -> AsyncIterator[None]:
        """Hold the thread for the task that asks; waits for the turns that were first."""
        thread = (key(user_id), key(thread_id))
        task = asyncio.current_task()
        assert task is not None
        self._turns[thread].add(task)
        lock = self._locks.setdefault(thread, asyncio.Lock())
        try:
            async with lock:
                if self._leases is None:
                    yield
                    return
                # Given back even when it was cancelled while it waited: the database may have granted it meanwhile.
                try:
                    await self._leases.take(user_id, thread_id)
                    yield
                finally:
                    await self._leases.give_back(user_id, thread_id)
        finally:
            self._turns[thread].discard(task)
            if not self._turns[thread]:
                del self._turns[thread]
                self._locks.pop(thread, None)

    async def end(self, user_id: str, thread_id: str) -> None:
        """Cancel the thread's turns, and wait until they have saved what was shown."""
        await _cancel(set(self._turns.get((key(user_id), key(thread_id)), ())))
        if self._leases is not None:
            await self._leases.end(user_id, thread_id, within_s=_ENDING_S)

    async def end_all(self) -> None:
        """Cancel every turn of this process, for the server's own end."""
        await _cancel({task for tasks in self._turns.values() for task in tasks})

    async def close(self) -> None:
        """End every turn of this process, and hold nothing any more."""
        await self.end_all()
        if self._leases is not None:
            await self._leases.close()

    def _end_now(self, thread: ThreadKey) -> None:
        for task in self._turns.get(thread, ()):
            task.cancel()


async def _cancel(tasks: set[asyncio.Task[object]]) -> None:
    tasks.discard(asyncio.current_task())
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_ENDING_S)
