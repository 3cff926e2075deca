"""One database, SQLite or PostgreSQL, with the few ways in which the server talks to it.

A piece of work is a plain function over SQLAlchemy's `Connection`, so that it reads the same for both.
SQLite: work is done where it is asked for, on the event loop. A statement takes some 30 microseconds and waits for no
disk. A thread would keep the loop free for that long, and cost two rounds of a busy loop and a fight for the
interpreter's lock instead: with 200 people at once, 7 % fewer turns a second, and a new chat's first event after 1.8
times as long. What can take long is done in a thread all the same, on a connection of its own: waiting for a lock that
somebody else holds, and copying the write-ahead log into the file, which does wait for the disk. The log with
synchronous=NORMAL is durable when the process is killed: a commit is in the operating system's hands before it returns
(only a power cut can lose the last commits, and never the file).
PostgreSQL: a pool, one connection for each piece of work.

Every write runs to its end even when the request that asked for it is cancelled: a caller that is told "cancelled"
then knows that what it began is either there as a whole or will be.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine, Row, TextClause, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from reference_server.schema import METADATA

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")
Parameters = Mapping[str, Any]
Work = Callable[[Connection], T]

_LOG = logging.getLogger("reference_server.database")

_DRIVERS = {
    "sqlite": "sqlite",
    # The driver that SQLAlchemy's documentation names for asyncio: every statement of its is a trip to a thread.
    "sqlite+aiosqlite": "sqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
# Another process may hold the file (a second server, a backup); wait for it rather than fail.
_BUSY_TIMEOUT_MS = 10_000
_POOL_SIZE = 10
# Works that wrote, after which the log is copied into the file: some 10 MB of it.
_WRITES_IN_LOG = 1_000
_PING = text("SELECT 1")


class Backend(Protocol):
    """Runs pieces of work on one kind of database."""

    row_lock: str
    shared: bool

    def alone(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` with every statement a transaction of its own; cancelling who waits does not stop it."""

    def transaction(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` as one transaction; cancelling who waits does not stop it."""

    async def close(self) -> None:
        """Give the connections back, after what was begun."""


class Database:
    """An open database. Make one with `await Database.open(url)`; end it with `await close()`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        # What a SELECT inside `write` ends with, so that what it read is still true when it writes.
        self.row_lock = backend.row_lock
        # Other processes may work on it at the same time, and are meant to.
        self.shared = backend.shared

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open the database at `url` and make its tables where they are missing.

        Raises ValueError for a URL that names no database we know, and the driver's error when it cannot be opened.
        """
        address = database_url(url)
        kind = Sqlite if address.get_backend_name() == "sqlite" else Postgres
        return cls(await kind.open(address))

    async def rows(self, statement: TextClause, parameters: Parameters) -> Sequence[Row[Any]]:
        """All rows of one reading statement."""
        return await self.read(lambda connection: connection.execute(statement, parameters).all())

    async def execute(self, statement: TextClause, parameters: Parameters) -> int:
        """Run one writing statement that is a transaction of its own, and say how many rows it touched."""
        return await self.read(lambda connection: connection.execute(statement, parameters).rowcount)

    async def execute_in_order(self, lock: TextClause, statement: TextClause, parameters: Parameters) -> int:
        """Run one inserting statement so that positions become visible in rising order.

        PostgreSQL hands a position out before the row is committed, so `lock` (a row lock) is taken first; SQLite has
        one writer and needs none.
        """
        if not self._backend.shared:
            return await self.execute(statement, parameters)

        def work(connection: Connection) -> int:
            connection.execute(lock, parameters)
            return connection.execute(statement, parameters).rowcount

        return await self.write(work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` with every statement a transaction of its own."""
        return await self._backend.alone(work)

    async def write(self, work: Work[T]) -> T:
        """Run `work` as one transaction: all of it or, when it raises, nothing."""
        return await self._backend.transaction(work)

    async def ping(self) -> None:
        """Ask the database for a sign of life. Raises its error."""
        await self.rows(_PING, {})

    async def close(self) -> None:
        """Give the connections back. Work that was begun is finished first."""
        await self._backend.close()


class Sqlite:
    """One connection for the event loop, which never waits, and one for a thread, which may."""

    row_lock = ""
    shared = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._here = engine.connect()
        METADATA.create_all(self._here)
        for pragma in ("busy_timeout=0", "wal_autocheckpoint=0"):
            self._here.exec_driver_sql(f"PRAGMA {pragma}")
        # Counts the rows that it ever changed.
        self._driver = cast("sqlite3.Connection", self._here.connection.dbapi_connection)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._there: Connection | None = None
        self._writes = 0

    @classmethod
    async def open(cls, address: URL) -> Sqlite:
        """Open the file, and make its tables where they are missing."""
        engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        event.listen(engine, "connect", _prepare_sqlite)
        return cls(engine)

    async def alone(self, work: Work[T]) -> T:
        """Run `work` with every statement a transaction of its own."""
        return await self._run(work)

    async def transaction(self, work: Work[T]) -> T:
        """Run `work` as one transaction."""
        return await self._run(lambda connection: _as_one(connection, work))

    async def close(self) -> None:
        """Close the file, after what was begun."""
        await self._in_thread(self._disconnect)
        self._thread.shutdown(wait=False)
        self._here.close()
        self._engine.dispose()

    async def _run(self, work: Work[T]) -> T:
        changed = self._driver.total_changes
        try:
            result = work(self._here)
        except OperationalError as refusal:
            # Refused before it did anything: the lock is what a statement or a transaction begins with.
            if not _is_locked(refusal):
                raise
            return await self._in_thread(lambda: work(self._waiting()))
        self._writes += self._driver.total_changes != changed
        if self._writes >= _WRITES_IN_LOG:
            self._writes = 0
            self._in_thread(self._copy_log)
        return result

    def _waiting(self) -> Connection:
        """The thread's connection, opened when it is needed first."""
        if self._there is None:
            self._there = self._engine.connect()
        return self._there

    def _copy_log(self) -> None:
        # First without holding anybody up; then the little that came meanwhile, so that the log begins anew.
        try:
            for mode in ("PASSIVE", "RESTART"):
                self._waiting().exec_driver_sql(f"PRAGMA wal_checkpoint({mode})")
        except SQLAlchemyError:
            _LOG.exception("the write-ahead log could not be copied into the file; it goes on growing")

    def _disconnect(self) -> None:
        if self._there is not None:
            self._there.close()

    def _in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        # Shielded: who waits may be cancelled, but what was begun runs to its end.
        return asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))


class Postgres:
    """A pool of connections; each piece of work has one to itself."""

    row_lock = " FOR UPDATE"
    shared = True

    def __init__(self, address: URL) -> None:
        # Imported only where it is needed: it brings the object mapper, a tenth of the server's start.
        from sqlalchemy.ext.asyncio import create_async_engine

        self._engine = create_async_engine(address, pool_size=_POOL_SIZE, pool_pre_ping=True)
        self._each_alone = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._begun: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, address: URL) -> Postgres:
        """Connect, and make the tables where they are missing."""
        opened = cls(address)
        await opened.transaction(METADATA.create_all)
        return opened

    def alone(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` with every statement a transaction of its own."""
        return self._to_its_end(self._run(self._each_alone.connect(), work))

    def transaction(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` as one transaction."""
        return self._to_its_end(self._run(self._engine.begin(), work))

    async def close(self) -> None:
        """Give the connections back, after what was begun."""
        if self._begun:
            await asyncio.wait(self._begun)
        await self._engine.dispose()

    async def _run(self, opening: AbstractAsyncContextManager[AsyncConnection], work: Work[T]) -> T:
        async with opening as connection:
            return await connection.run_sync(work)

    def _to_its_end(self, work: Coroutine[Any, Any, T]) -> Awaitable[T]:
        task = asyncio.ensure_future(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return asyncio.shield(task)


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


def _as_one(connection: Connection, work: Work[T]) -> T:
    # IMMEDIATE takes the write lock now, where it can be waited for; a later upgrade from a read could not.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        result = work(connection)
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
    return result


def _is_locked(refusal: OperationalError) -> bool:
    code = getattr(refusal.orig, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


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
