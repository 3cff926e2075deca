"""One database, SQLite or PostgreSQL, with the few ways in which the server talks to it.

A piece of work is a plain function over SQLAlchemy's `Connection`, so that it reads the same for both.
SQLite: one connection in one thread of its own. SQLite has one writer whatever we do; queueing in the process means
that no task ever meets "database is locked", and the thread keeps the event loop free. A whole piece of work crosses to
the thread and back once: aiosqlite crosses for every cursor, statement and row, and each crossing waits for the
interpreter's lock when the server is busy. The write-ahead log with synchronous=NORMAL is durable when the process is
killed: a commit is in the operating system's hands before it returns (only a power cut can lose the last commits, and
never the file).
PostgreSQL: a pool, one connection for each piece of work.

Every write runs to its end even when the request that asked for it is cancelled: a caller that is told "cancelled"
then knows that what it began is either there as a whole or will be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Row, TextClause, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from reference_server.schema import METADATA

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")
Parameters = Mapping[str, Any]
Work = Callable[[Connection], T]

_DRIVERS = {
    "sqlite": "sqlite",
    # The driver that SQLAlchemy's documentation names for asyncio; here a thread of our own does its part.
    "sqlite+aiosqlite": "sqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
# Another process may hold the file (a second server, a backup); wait for it rather than fail.
_BUSY_TIMEOUT_MS = 10_000
_POOL_SIZE = 10
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
    """One connection, in the one thread that ever touches it."""

    row_lock = ""
    shared = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._connection: Connection

    @classmethod
    async def open(cls, address: URL) -> Sqlite:
        """Open the file, and make its tables where they are missing."""
        engine = create_engine(
            address, poolclass=StaticPool, isolation_level="AUTOCOMMIT", connect_args={"check_same_thread": False}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        opened = cls(engine)
        await opened._in_thread(opened._connect)
        return opened

    def alone(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` with every statement a transaction of its own."""
        return self._in_thread(lambda: work(self._connection))

    def transaction(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` as one transaction."""
        return self._in_thread(lambda: self._transaction(work))

    async def close(self) -> None:
        """Close the file, after what was begun."""
        await self._in_thread(self._disconnect)
        self._thread.shutdown(wait=False)

    def _connect(self) -> None:
        self._connection = self._engine.connect()
        METADATA.create_all(self._connection)

    def _disconnect(self) -> None:
        self._connection.close()
        self._engine.dispose()

    def _transaction(self, work: Work[T]) -> T:
        # IMMEDIATE takes the write lock now, where busy_timeout can wait; a later upgrade from a read could not.
        self._connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            result = work(self._connection)
        except BaseException:
            self._connection.exec_driver_sql("ROLLBACK")
            raise
        self._connection.exec_driver_sql("COMMIT")
        return result

    def _in_thread(self, work: Callable[[], T]) -> Awaitable[T]:
        # In place of `run_in_executor`, whose future would take the work along when who waits is cancelled, and of a
        # shield around it: each is another round of a busy loop before the answer is there.
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()

        def run() -> None:
            try:
                result = work()
            except BaseException as error:
                tell(outcome.set_exception, error)
            else:
                tell(outcome.set_result, result)

        def tell(say: Callable[[Any], None], what: Any) -> None:
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(lambda: None if outcome.done() else say(what))

        self._thread.submit(run)
        return outcome


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
