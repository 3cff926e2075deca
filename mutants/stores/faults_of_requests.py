"""Faulty stores: state that requests share, and requests that wait for each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from chatkit.types import Page, ThreadItem, ThreadMetadata

from mutants.stores.fault import fault
from mutants.stores.memory import Caller, MemoryStore


@fault("test_writers_on_many_threads_lose_nothing", "self.user_id = context.user_id, before an await")
class UserOnTheStore(MemoryStore):
    """The store remembers who asked last: a call that waits goes on as somebody else."""

    user = ""

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        self.user = context.user_id
        await self.turn()
        return await super().load_thread(thread_id, Caller(user_id=self.user))

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.user = context.user_id
        await self.turn()
        await super().add_thread_item(thread_id, item, Caller(user_id=self.user))

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        self.user = context.user_id
        await self.turn()
        return await super().load_threads(limit, after, order, Caller(user_id=self.user))


@fault("test_reads_see_what_was_acknowledged", "for item in self.items.values(): await ...")
class ReadsWhatChanges(MemoryStore):
    """A page fails when an item is added while it is read."""

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        for _ in self.line(thread_id, context):
            await self.turn()
        return await super().load_thread_items(thread_id, after, limit, order, context)


@fault(
    "test_saving_a_thread_loses_no_item_added_meanwhile", "a lock for a user and one for a thread, taken in two orders"
)
class LocksCross(MemoryStore):
    """A thread that is saved while an item is added to it: each waits for the other."""

    def __init__(self) -> None:
        super().__init__()
        self.of_user, self.of_thread = asyncio.Lock(), asyncio.Lock()

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        async with self.of_user:
            await self.turn()
            async with self.of_thread:
                await super().save_thread(thread, context)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        async with self.of_thread:
            await self.turn()
            async with self.of_user:
                await super().add_thread_item(thread_id, item, context)


@fault("test_many_reads_at_once_all_end", "a second connection of the pool, taken while the first is held")
class TwoConnectionsEach(MemoryStore):
    """Each page takes two of the pool's five connections: five pages at once wait for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = asyncio.Semaphore(5)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[None]:
        async with self.pool:
            await self.turn()
            yield

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        async with self.connection():
            self.line(thread_id, context)
            async with self.connection():
                return await super().load_thread_items(thread_id, after, limit, order, context)


@fault("test_the_last_save_of_a_thread_wins_whole", "a version in the row, and no second attempt")
class ConflictsAreErrors(MemoryStore):
    """A thread that is saved while another saves it is refused as stale."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: dict[Any, int] = {}

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        key = self.key(thread.id, context)
        seen = self.versions.get(key, 0)
        await self.turn()
        if self.versions.get(key, 0) != seen:
            raise RuntimeError("UPDATE statement on table 'threads' expected to update 1 row(s); 0 were matched")
        self.versions[key] = seen + 1
        await super().save_thread(thread, context)
