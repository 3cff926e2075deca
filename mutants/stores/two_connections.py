"""A correct store over one SQLite file: a connection that writes, and one that reads, both in threads."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mutants.stores.sqlite_rows import SqliteStore, rows_of


class TwoConnections(SqliteStore):
    """One connection writes, another reads, both over one file in WAL mode; each call of them is made in a thread."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.lock = asyncio.Lock()
        super().__init__()
        self.reader = self.open()

    def open(self) -> sqlite3.Connection:
        path = Path(self.folder.name) / "chat.db"
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=OFF")
        return db

    def close(self) -> None:
        self.reader.close()
        super().close()
        self.folder.cleanup()

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        async with self.lock:
            reads = all(statement.startswith("SELECT") for statement in statements)
            return await asyncio.to_thread(self.read if reads else self.write, statements, values)

    def read(self, statements: Sequence[str], values: dict[str, Any]) -> list[Any]:
        return rows_of(self.reader, statements, values)

    def write(self, statements: Sequence[str], values: dict[str, Any]) -> list[Any]:
        return rows_of(self.db, statements, values)
