"""A correct store in one SQLite database in memory, its statements a table that a faulty one changes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter

from chatkit_conformance.store import Capabilities
from mutants.stores.memory import Caller

THREAD: TypeAdapter[Any] = TypeAdapter(ThreadMetadata)
ITEM: TypeAdapter[Any] = TypeAdapter(ThreadItem)
FILE: TypeAdapter[Any] = TypeAdapter(Attachment)

TABLES = """
CREATE TABLE threads (n INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT, id TEXT, body TEXT, UNIQUE (owner, id));
CREATE TABLE items (n INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT, thread TEXT, id TEXT, type TEXT, body TEXT,
                    UNIQUE (owner, thread, id));
CREATE INDEX IF NOT EXISTS items_in_order ON items (owner, thread, n);
CREATE TABLE files (owner TEXT, id TEXT, thread TEXT, body TEXT, UNIQUE (owner, id));
"""


def rows_of(db: sqlite3.Connection, statements: Sequence[str], values: Mapping[str, Any]) -> list[Any]:
    """The rows of the last statement. Raises NotFoundError when the first of several is a SELECT and gives none."""
    rows: list[Any] = []
    for number, statement in enumerate(statements):
        if number == 1 and not rows and statements[0].startswith("SELECT"):
            raise NotFoundError(f"{values} not found")
        rows = db.execute(statement, values).fetchall()
    return rows


class SqliteStore(Store[Caller]):
    """Rows of JSON, in the order in which they were inserted."""

    claims: ClassVar[Capabilities] = Capabilities()
    TABLES: ClassVar[str] = TABLES
    SAVE_THREAD: ClassVar[str] = (
        "INSERT INTO threads (owner, id, body) VALUES (:owner, :id, :body)"
        " ON CONFLICT (owner, id) DO UPDATE SET body = excluded.body"
    )
    SAVE_ITEM: ClassVar[str] = (
        "INSERT INTO items (owner, thread, id, type, body) VALUES (:owner, :thread, :id, :type, :body)"
        " ON CONFLICT (owner, thread, id) DO UPDATE SET type = excluded.type, body = excluded.body"
    )
    SAVE_FILE: ClassVar[str] = (
        "INSERT INTO files (owner, id, thread, body) VALUES (:owner, :id, :thread, :body)"
        " ON CONFLICT (owner, id) DO UPDATE SET thread = excluded.thread, body = excluded.body"
    )
    LOAD_THREAD: ClassVar[str] = "SELECT body FROM threads WHERE owner = :owner AND id = :thread"
    LOAD_ITEM: ClassVar[str] = "SELECT body, type FROM items WHERE owner = :owner AND thread = :thread AND id = :id"
    LOAD_FILE: ClassVar[str] = "SELECT body FROM files WHERE owner = :owner AND id = :id"
    DELETE_THREAD: ClassVar[tuple[str, ...]] = (
        "DELETE FROM threads WHERE owner = :owner AND id = :thread",
        "DELETE FROM items WHERE owner = :owner AND thread = :thread",
    )
    DELETE_ITEM: ClassVar[str] = "DELETE FROM items WHERE owner = :owner AND thread = :thread AND id = :id"
    DELETE_FILE: ClassVar[str] = "DELETE FROM files WHERE owner = :owner AND id = :id"
    THREADS: ClassVar[str] = "SELECT body, n, id FROM threads WHERE owner = :owner"
    ITEMS: ClassVar[str] = "SELECT body, type, n, id FROM items WHERE owner = :owner AND thread = :thread"

    @staticmethod
    def request_of(user: str) -> Any:
        """The context of one request of a user."""
        return Caller(user_id=user)

    def __init__(self) -> None:
        self.db = self.open()
        self.db.executescript(self.TABLES)

    def open(self) -> sqlite3.Connection:
        """A connection whose statements each commit, and whose rows are read by name."""
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        return db

    def close(self) -> None:
        self.db.close()

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        """All statements at once, as one transaction; the rows of the last one.

        Raises NotFoundError when a SELECT before it gives none.
        """
        await asyncio.sleep(0)
        return rows_of(self.db, statements, values)

    def keep(self, entry: BaseModel) -> str:
        """What is stored for an entry."""
        return entry.model_dump_json(exclude={"items"})

    def give(self, kind: TypeAdapter[Any], row: Any) -> Any:
        """The entry of a row."""
        return kind.validate_json(row["body"])

    async def one(self, kind: TypeAdapter[Any], statement: str, **values: Any) -> Any:
        """The entry that the statement finds. Raises NotFoundError."""
        rows = await self.sql(statement, **values)
        if not rows:
            raise NotFoundError(f"{values} not found")
        return self.give(kind, rows[0])

    async def page(
        self, kind: TypeAdapter[Any], rows: str, after: str | None, limit: int, order: str, **values: Any
    ) -> Page[Any]:
        """One page of the rows. Raises NotFoundError for an unknown cursor, ValueError for a limit below 1."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        sign, edge = (">", -1) if order == "asc" else ("<", 2**62)
        if after is not None:
            query = f"SELECT n FROM ({rows}) AS r WHERE id = :after"  # noqa: S608  # rows is one of the two above
            found = await self.sql(query, after=after, **values)
            if not found:
                raise NotFoundError(f"cursor {after!r} not found")
            edge = found[0]["n"]
        head = f"SELECT * FROM ({rows}) AS r WHERE n {sign} :edge"  # noqa: S608  # as above
        query = f"{head} ORDER BY n {order} LIMIT :limit"
        chosen = await self.sql(query, edge=edge, limit=min(limit, 2**31) + 1, **values)
        return self.cut(kind, chosen, limit)

    def cut(self, kind: TypeAdapter[Any], rows: Sequence[Any], limit: int) -> Page[Any]:
        """The page of these rows, of which one more was asked for than the limit."""
        more = len(rows) > limit
        data = [self.give(kind, row) for row in rows[:limit]]
        return Page(data=data, has_more=more, after=data[-1].id if more else None)

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        thread: ThreadMetadata = await self.one(THREAD, self.LOAD_THREAD, owner=context.user_id, thread=thread_id)
        return thread

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await self.sql(self.SAVE_THREAD, owner=context.user_id, id=thread.id, body=self.keep(thread))

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        return await self.page(THREAD, self.THREADS, after, limit, order, owner=context.user_id)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await self.sql(*self.DELETE_THREAD, owner=context.user_id, thread=thread_id)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        await self.load_thread(thread_id, context)
        return await self.page(ITEM, self.ITEMS, after, limit, order, owner=context.user_id, thread=thread_id)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.save_item(thread_id, item, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        values = {"owner": context.user_id, "thread": thread_id, "id": item.id, "type": item.type}
        await self.sql(self.LOAD_THREAD, self.SAVE_ITEM, **values, body=self.keep(item))

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        item: ThreadItem = await self.one(ITEM, self.LOAD_ITEM, owner=context.user_id, thread=thread_id, id=item_id)
        return item

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await self.sql(self.DELETE_ITEM, owner=context.user_id, thread=thread_id, id=item_id)

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        values = {"owner": context.user_id, "id": attachment.id, "thread": attachment.thread_id}
        await self.sql(self.SAVE_FILE, **values, body=self.keep(attachment))

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        attachment: Attachment = await self.one(FILE, self.LOAD_FILE, owner=context.user_id, id=attachment_id)
        return attachment

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await self.sql(self.DELETE_FILE, owner=context.user_id, id=attachment_id)
