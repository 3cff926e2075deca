"""One database, SQLite or PostgreSQL, with the few ways in which the server talks to it.

SQLite: one connection behind a lock. SQLite has one writer whatever we do; queueing in the process means that no task
ever meets "database is locked", and aiosqlite's thread keeps the event loop free. The write-ahead log with
synchronous=NORMAL is durable when the process is killed: a commit is in the operating system's hands before it
returns (only a power cut can lose the last commits, and never the file).
PostgreSQL: a pool, one connection for each piece of work.

Every write runs to its end even when the request that asked for it is cancelled: half a transaction on a shared
connection would poison the next caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, TextClause, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from reference_server.schema import METADATA

T = TypeVar("T")
Parameters = Mapping[str, Any]
Work = Callable[[AsyncConnection], Awaitable[T]]

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
# Another process may hold the file (a second server, a backup); wait for it rather than fail.
_BUSY_TIMEOUT_MS = 10_000
_POOL_SIZE = 10
_PING = text("SELECT 1")


class Database:
    """An open database. Make one with `await Database.open(url)`; end it with `await close()`."""

    def __init__(self, engine: AsyncEngine, only: AsyncConnection | None) -> None:
        self._engine = engine
        self._each_alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._only = only
        self._turn = asyncio.Lock()
        # What a SELECT inside `write` ends with, so that what it read is still true when it writes.
        self.row_lock = "" if only is not None else " FOR UPDATE"

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open the database at `url` and make its tables where they are missing.

        Raises ValueError for a URL that names no database we know, and the driver's error when it cannot be opened.
        """
        address = database_url(url)
        if address.get_backend_name() == "sqlite":
            engine = create_async_engine(
                address, poolclass=StaticPool, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
            )
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            only = await engine.connect()
            await only.run_sync(METADATA.create_all)
            return cls(engine, only)
        engine = create_async_engine(address, pool_size=_POOL_SIZE, pool_pre_ping=True)
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        return cls(engine, None)

    async def rows(self, statement: TextClause, parameters: Parameters) -> Sequence[Row[Any]]:
        """All rows of one reading statement."""

        async def work(connection: AsyncConnection) -> Sequence[Row[Any]]:
            return (await connection.execute(statement, parameters)).all()

        return await self.read(work)

    async def execute(self, statement: TextClause, parameters: Parameters) -> int:
        """Run one writing statement that is a transaction of its own, and say how many rows it touched."""

        async def work(connection: AsyncConnection) -> int:
            return (await connection.execute(statement, parameters)).rowcount

        return await self.read(work)

    async def execute_in_order(self, lock: TextClause, statement: TextClause, parameters: Parameters) -> int:
        """Run one inserting statement so that positions become visible in rising order.

        PostgreSQL hands a position out before the row is committed, so `lock` (a row lock) is taken first; SQLite has
        one writer and needs none.
        """
        if self._only is not None:
            return await self.execute(statement, parameters)

        async def work(connection: AsyncConnection) -> int:
            await connection.execute(lock, parameters)
            return (await connection.execute(statement, parameters)).rowcount

        return await self.write(work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` with every statement a transaction of its own."""
        return await self._to_its_end(self._alone(work))

    async def write(self, work: Work[T]) -> T:
        """Run `work` as one transaction: all of it or, when it raises, nothing."""
        return await self._to_its_end(self._transaction(work))

    async def ping(self) -> None:
        """Ask the database for a sign of life. Raises its error."""
        await self.rows(_PING, {})

    async def close(self) -> None:
        """Give the connections back. Work that was begun is finished first."""
        async with self._turn:
            if self._only is not None:
                await self._only.close()
            await self._engine.dispose()

    async def _to_its_end(self, work: Awaitable[T]) -> T:
        return await asyncio.shield(asyncio.ensure_future(work))

    async def _alone(self, work: Work[T]) -> T:
        if self._only is None:
            async with self._each_alone.connect() as connection:
                return await work(connection)
        async with self._turn:
            return await work(self._only)

    async def _transaction(self, work: Work[T]) -> T:
        if self._only is None:
            async with self._engine.begin() as connection:
                return await work(connection)
        async with self._turn:
            # IMMEDIATE takes the write lock now, where busy_timeout can wait; a later upgrade from a read could not.
            await self._only.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                result = await work(self._only)
            except BaseException:
                await self._only.exec_driver_sql("ROLLBACK")
                raise
            await self._only.exec_driver_sql("COMMIT")
            return result


def database_url(url: str) -> URL:
    """`url` with the driver that we use.

    Raises ValueError, with what to write instead, for anything but SQLite and PostgreSQL.
    """
    try:
        address = make_url(url)
        driver = _DRIVERS[address.drivername]
    except (ArgumentError, NoSuchModuleError, KeyError, ValueError) as refusal:
        known = "sqlite+aiosqlite:///./chatkit.db or postgresql+asyncpg://user:password@host/name"
        raise ValueError(f"not a database URL that this server knows; use {known}") from refusal
    return address.set(drivername=driver)


def _prepare_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
