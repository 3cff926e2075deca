"""SQLite: work is done where it is asked for, on the event loop.

A statement takes some 30 microseconds and waits for no disk. A thread would keep the loop free for that long, and cost
two rounds of a busy loop and a fight for the interpreter's lock instead: with 200 people at once, 7 % fewer turns a
second, and a new chat's first event after 1.8 times as long. What can take long is done in a thread all the same, on a
connection of its own: the bytes of files, waiting for a lock that somebody else holds, and copying the write-ahead log
into the file, which does wait for the disk.

The log with synchronous=NORMAL is durable when the process is killed: a commit is in the operating system's hands
before it returns (only a power cut can lose the last commits, and never the file).
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from reference_server.backend import Work
from reference_server.schema import METADATA

T = TypeVar("T")

_LOG = logging.getLogger("reference_server.database")
# Another process may hold the file (a second server, a backup); wait for it rather than fail.
_BUSY_TIMEOUT_MS = 10_000
# Works that wrote, after which the log is copied into the file: some 10 MB of it.
_WRITES_IN_LOG = 1_000
# Seconds between two looks at a lock that somebody else holds.
_LOOK_S = 0.05


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
        # Another connection to ":memory:" would be another database.
        self._in_memory = not engine.url.database or engine.url.database == ":memory:"
        self._path = Path(str(engine.url.database))
        self._opened = None if self._in_memory else _identity(self._path)

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

    async def aside(self, work: Work[T]) -> T:
        """Run `work` in the thread."""
        if self._in_memory:
            return work(self._here)
        return await self._in_thread(lambda: work(self._waiting()))

    async def probe(self) -> None:
        """See that the file is the one that was opened, and take the lock that a write takes.

        A file that was deleted or replaced is written to as before, and everything is lost at the end.
        """
        if not self._in_memory and _identity(self._path) != self._opened:
            raise FileNotFoundError("the file of the database was replaced")
        while True:
            try:
                return _as_one(self._here, lambda _: None)
            except OperationalError as refusal:
                if not _is_locked(refusal):
                    raise
            await asyncio.sleep(_LOOK_S)  # whoever asks has a deadline

    def free_bytes(self) -> int | None:
        """Bytes that are free on the disk of the file; none where it may not be written."""
        if self._in_memory:
            return None
        if hasattr(os, "statvfs") and os.statvfs(self._path).f_flag & os.ST_RDONLY:
            return 0
        return shutil.disk_usage(self._path.parent).free

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
        if self._writes >= _WRITES_IN_LOG and not self._in_memory:
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


def _identity(path: Path) -> tuple[int, int]:
    """What tells one file from another of its name. Raises FileNotFoundError."""
    there = path.stat()
    return there.st_dev, there.st_ino


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
