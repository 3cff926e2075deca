"""One database, SQLite or PostgreSQL, with the few ways in which the server talks to it.

Every write runs to its end even when the request that asked for it is cancelled: a caller that is told "cancelled"
then knows that what it began is either there as a whole or will be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, TextClause
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from reference_server.backend import Backend, Work
from reference_server.on_postgres import Postgres
from reference_server.on_sqlite import Sqlite

T = TypeVar("T")
Parameters = Mapping[str, Any]

_DRIVERS = {
    "sqlite": "sqlite",
    # The driver that SQLAlchemy's documentation names for asyncio: every statement of its is a trip to a thread.
    "sqlite+aiosqlite": "sqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


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

    async def aside(self, work: Work[T]) -> T:
        """Run `work` as `read` does, when it moves so many bytes that others should not wait for it."""
        return await self._backend.aside(work)

    async def ping(self) -> None:
        """See that the data is there and can be written. Raises the driver's error, or OSError."""
        await self._backend.probe()

    def free_bytes(self) -> int | None:
        """Bytes that are free where the database is, or None where that is another machine's."""
        return self._backend.free_bytes()

    async def close(self) -> None:
        """Give the connections back. Work that was begun is finished first."""
        await self._backend.close()


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
