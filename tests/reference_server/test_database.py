"""The SQLite backend: nothing on the event loop ever waits, neither for a lock nor for the disk."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from reference_server.channel import Channel
from reference_server.database import Database

SAVE = text(
    "INSERT INTO threads (owner, id, body) VALUES ('a', :id, :body)"
    " ON CONFLICT (owner, id) DO UPDATE SET body = excluded.body"
)
COUNT = text("SELECT count(*) FROM threads")
LOCKED_S = 0.4


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database lies."""
    return tmp_path / "chat.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    """An open database in a file."""
    opened = await Database.open(f"sqlite+aiosqlite:///{file}")
    yield opened
    await opened.close()


@pytest.fixture
def stranger(database: Database, file: Path) -> Iterator[sqlite3.Connection]:
    """Another process's connection to the same file."""
    connection = sqlite3.connect(file, isolation_level=None)
    yield connection
    connection.close()


async def held(connection: sqlite3.Connection, seconds: float) -> float:
    """Hold the write lock for so long; the longest that the loop stood still meanwhile, in seconds."""
    connection.execute("BEGIN IMMEDIATE")
    end, last, longest = time.monotonic() + seconds, time.monotonic(), 0.0
    while last < end:
        await asyncio.sleep(0.01)
        now = time.monotonic()
        last, longest = now, max(longest, now - last)
    connection.execute("COMMIT")
    return longest


async def saved(database: Database, identifier: str, body: str = "{}") -> int:
    """Save one thread."""
    return await database.execute(SAVE, {"id": identifier, "body": body})


async def count(database: Database) -> int:
    """How many threads there are."""
    return int((await database.rows(COUNT, {}))[0][0])


@pytest.mark.parametrize("how", ["statement", "transaction"])
async def test_a_lock_of_another_process_is_waited_for_beside_the_loop(
    database: Database, stranger: sqlite3.Connection, how: str
) -> None:
    """What meets the lock is done when it is free, and the loop goes on in the meantime; reading needs no lock."""

    def work(connection: Connection) -> int:
        return connection.execute(SAVE, {"id": "t", "body": "{}"}).rowcount

    holding = asyncio.ensure_future(held(stranger, LOCKED_S))
    await asyncio.sleep(0)
    begun = time.monotonic()
    writing = asyncio.ensure_future(saved(database, "t") if how == "statement" else database.write(work))
    assert await count(database) == 0
    assert await writing == 1
    assert time.monotonic() - begun >= LOCKED_S * 0.9
    assert await holding < LOCKED_S / 2
    assert await count(database) == 1


async def test_a_write_that_waits_for_a_lock_is_done_although_its_task_is_cancelled(
    database: Database, stranger: sqlite3.Connection
) -> None:
    """Who is told "cancelled" knows that what was begun will be there."""
    holding = asyncio.ensure_future(held(stranger, LOCKED_S))
    await asyncio.sleep(0)
    writing = asyncio.ensure_future(saved(database, "t"))
    await asyncio.sleep(LOCKED_S / 4)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await holding
    async with asyncio.timeout(5):
        while not await count(database):  # noqa: ASYNC110 - what ends the wait is in the database
            await asyncio.sleep(0.01)


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    """The rows before the failing one are gone, and the next transaction is a new one."""

    def work(connection: Connection) -> None:
        connection.execute(SAVE, {"id": "first", "body": "{}"})
        connection.execute(SAVE, {"id": "second", "body": None})

    with pytest.raises(IntegrityError):
        await database.write(work)
    assert await count(database) == 0
    await saved(database, "third")
    assert await count(database) == 1


async def test_the_write_ahead_log_does_not_grow_with_what_is_written(database: Database, file: Path) -> None:
    """It is copied into the file again and again while it is written to: 40 MB of writes leave no such log."""
    log = file.with_name(f"{file.name}-wal")
    largest = 0
    for n in range(5_000):
        await saved(database, f"t{n % 50}", "x" * 4_000)
        if n % 100 == 0:
            await asyncio.sleep(0)
            largest = max(largest, log.stat().st_size)
    assert 1_000_000 < largest < 30_000_000
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///{}", "sqlite+aiosqlite:///:memory:"])
async def test_work_aside_is_on_the_same_database(url: str, file: Path) -> None:
    """What is written aside is read by everybody, and the other way round; one in memory has no second connection."""

    def work(connection: Connection) -> int:
        connection.execute(SAVE, {"id": "aside", "body": "{}"})
        return int(connection.execute(COUNT).scalar_one())

    database = await Database.open(url.format(file))
    await saved(database, "before")
    assert await database.aside(work) == 2
    assert await count(database) == 2
    await database.close()


async def test_a_channel_gives_all_that_is_there_in_order() -> None:
    """A reader that is late gets everything at once, one that is early waits, and one that gives up loses nothing."""
    channel: Channel[Any] = Channel()
    for thing in "abc":
        channel.put(thing)
    assert await channel.take() == ["a", "b", "c"]
    with suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            await channel.take()
    waiting = asyncio.ensure_future(channel.take())
    await asyncio.sleep(0)
    channel.put("d")
    channel.put("e")
    assert await waiting == ["d", "e"]
