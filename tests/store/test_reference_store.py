"""The reference server's store against the whole Store contract: SQLite in a file, SQLite in memory, PostgreSQL.

PostgreSQL is the one that DATABASE_URL names when it names one, else a server of our own, started for these tests.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from chatkit.store import Store
from chatkit.types import ThreadItem
from sqlalchemy import text

from chatkit_conformance.store import StoreContract
from reference_server.context import RequestContext
from reference_server.store import SqlStore, open_store
from reference_server.stored_text import dump, key

_INSERT = text("INSERT INTO items (owner, thread_id, id, body) VALUES (:owner, :thread_id, :id, :body)")
_BATCH = 5_000


class ReferenceContract(StoreContract):
    """What the three databases share. Page cost at 100,000 items is at most 1.5 times that at 100."""

    database: str
    url: str
    scaling_sizes = (10, 1_000, 100_000)
    scaling_limit = 1.5

    async def make_store(self) -> SqlStore:
        return await open_store(self.url)

    def make_context(self, user: str) -> RequestContext:
        return RequestContext(user_id=user)

    async def bulk_load(
        self, store: Store[Any], thread_id: str, items: Iterable[ThreadItem], context: RequestContext
    ) -> None:
        """Through SQL: the store's own way of adding is the subject of the other tests."""
        assert isinstance(store, SqlStore)
        owner = key(context.user_id)
        rows = ({"owner": owner, "thread_id": key(thread_id), "id": key(i.id), "body": dump(i)} for i in items)
        while batch := list(itertools.islice(rows, _BATCH)):

            def work(connection: Any, batch: list[dict[str, str]] = batch) -> None:
                connection.execute(_INSERT, batch)

            await store.database.write(work)

    @pytest.fixture(autouse=True)
    def _figures(self, figures: list[dict[str, object]]) -> None:
        self.figures = figures

    def measured(self, name: str, value: float, unit: str) -> None:
        super().measured(name, value, unit)
        self.figures.append({"store": self.database, "name": name, "value": float(f"{value:.4g}"), "unit": unit})


class TestSqliteFile(ReferenceContract):
    """SQLite in a file, quickly enough for every run of the tests."""

    database = "SQLite file, shorter"
    scaling_sizes = (10, 1_000, 10_000)
    examples = 30

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.url = f"sqlite+aiosqlite:///{tmp_path / 'chatkit.db'}"

    def address(self, store: Store[Any]) -> str:
        return self.url

    async def reopen(self, address: str) -> SqlStore:
        return await open_store(address)


@pytest.mark.store_full
class TestSqliteFileAtFullLength(TestSqliteFile):
    """SQLite in a file, with all examples and threads of 100,000 items."""

    database = "SQLite file"
    scaling_sizes = ReferenceContract.scaling_sizes
    examples = ReferenceContract.examples


@pytest.mark.store_full
class TestSqliteMemory(ReferenceContract):
    """SQLite in memory; it does not claim durability."""

    database = "SQLite in memory"
    url = "sqlite+aiosqlite:///:memory:"


@pytest.mark.store_full
class TestPostgres(ReferenceContract):
    """A real PostgreSQL."""

    database = "PostgreSQL"

    @pytest.fixture(autouse=True)
    def _server(self, postgres: str) -> None:
        self.url = postgres

    def address(self, store: Store[Any]) -> str:
        return self.url

    async def reopen(self, address: str) -> SqlStore:
        return await open_store(address)
