"""PostgreSQL: a pool, one connection for each piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import text
from sqlalchemy.engine import URL

from reference_server.backend import Work
from reference_server.schema import METADATA

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

_READ_ONLY = text("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'")
_POOL_SIZE = 10
# Seconds for a connection, and for a statement: the longest wait for another's row lock is a fraction of a second.
_CONNECT_S = 5.0
_STATEMENT_S = 10.0


class Postgres:
    """A pool of connections; each piece of work has one to itself."""

    row_lock = " FOR UPDATE"
    shared = True

    def __init__(self, address: URL) -> None:
        # Imported only where it is needed: it brings the object mapper, a tenth of the server's start.
        from sqlalchemy.ext.asyncio import create_async_engine

        self._engine = create_async_engine(
            address,
            pool_size=_POOL_SIZE,
            pool_pre_ping=True,
            pool_timeout=_CONNECT_S,
            connect_args={"timeout": _CONNECT_S, "command_timeout": _STATEMENT_S},
        )
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

    def aside(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` on a connection of its own, as everything is."""
        return self.alone(work)

    async def probe(self) -> None:
        """Ask it, and whether it takes writes: a replica does not, nor does one that was set to read only."""
        if await self.alone(lambda connection: connection.execute(_READ_ONLY).scalar_one()):
            raise PermissionError("the database takes no writes")

    def free_bytes(self) -> None:
        """The disk is another machine's."""

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
