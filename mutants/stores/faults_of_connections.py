"""Faulty stores whose connections, locks, pools and cursors are shared or left in the wrong state."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import ThreadItem

from mutants.stores.fault import fault
from mutants.stores.memory import Caller, MemoryStore
from mutants.stores.sqlite_rows import SqliteStore, rows_of
from mutants.stores.two_connections import TwoConnections

THREADS = "stores over sqlite3 in threads"


@fault("test_what_was_not_found_is_found_once_it_is_saved", THREADS)
class SnapshotKept(TwoConnections):
    """A read begins a transaction that what is not found leaves open: from then on reads see that moment."""

    def read(self, statements: Sequence[str], values: dict[str, Any]) -> list[Any]:
        if not self.reader.in_transaction:
            self.reader.execute("BEGIN")
        rows = super().read(statements, values)
        if rows:
            self.reader.execute("COMMIT")
        return rows


@fault("test_many_reads_at_once_all_end", THREADS)
class OneCursor(SqliteStore):
    """All calls share one cursor: between execute and fetchall another call puts its rows there."""

    def __init__(self) -> None:
        super().__init__()
        self.cursor = self.db.cursor()

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        await asyncio.sleep(0)
        if len(statements) > 1:
            return rows_of(self.db, statements, values)
        self.cursor.execute(statements[0], values)
        await asyncio.sleep(0)
        return self.cursor.fetchall()


@fault("test_a_cancelled_write_leaves_the_store_usable", "stores over a pool of connections")
class PoolLeaks(SqliteStore):
    """A call that is cancelled while it waits for its rows does not give its connection back; there are five."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Semaphore(5)

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        await self.free.acquire()
        try:
            rows = await super().sql(*statements, **values)
        except Exception:
            self.free.release()
            raise
        self.free.release()
        return rows


@fault("test_a_refused_call_leaves_the_store_usable", "stores with a lock for each thread")
class LockOfTheDeleted(MemoryStore):
    """The lock of a thread is not released when an item is added to a thread that is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.locks: dict[str, asyncio.Lock] = {}

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.locked_write(thread_id, item, context)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.locked_write(thread_id, item, context)

    async def locked_write(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        lock = self.locks.setdefault(f"{context.user_id} {thread_id}", asyncio.Lock())
        await lock.acquire()
        try:
            await self.turn()
        except asyncio.CancelledError:
            lock.release()
            raise
        line = self.line(thread_id, context)
        line[item.id] = self.keep(item)
        lock.release()


@fault("test_a_refused_call_leaves_the_store_usable", "stores over a session of SQLAlchemy")
class FailedSession(SqliteStore):
    """After an item was refused for its missing thread the session is to be rolled back, which nobody does."""

    failed = False

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        if self.failed and not all(statement.startswith("SELECT") for statement in statements):
            raise sqlite3.InterfaceError("this session's transaction has been rolled back: rollback() first")
        try:
            return await super().sql(*statements, **values)
        except NotFoundError:
            self.failed = True
            raise
