"""ChatKit's Store over SQL: explicit order, owners checked in every method, nothing lost on the way."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from chatkit.store import NotFoundError, Store, StoreItemType
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import IntegrityError

from reference_server.context import RequestContext
from reference_server.database import Database
from reference_server.stored_text import dump, key, load

ModelT = TypeVar("ModelT", bound=BaseModel)

_THREAD: TypeAdapter[ThreadMetadata] = TypeAdapter(ThreadMetadata)
_ITEM: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
_ATTACHMENT: TypeAdapter[Attachment] = TypeAdapter(Attachment)

_PREFIXES: dict[StoreItemType, str] = {
    "thread": "thr",
    "message": "msg",
    "tool_call": "tc",
    "workflow": "wf",
    "task": "tsk",
    "attachment": "atc",
    "sdk_hidden_context": "shcx",
}

_SAVE_THREAD = text(
    "INSERT INTO threads (owner, id, body) VALUES (:owner, :id, :body)"
    " ON CONFLICT (owner, id) DO UPDATE SET body = excluded.body"
)
_LOAD_THREAD = text("SELECT body FROM threads WHERE owner = :owner AND id = :id")
_DELETE_THREAD = text("DELETE FROM threads WHERE owner = :owner AND id = :id")
_SAVE_ITEM = text(
    "INSERT INTO items (owner, thread_id, id, body) VALUES (:owner, :thread_id, :id, :body)"
    " ON CONFLICT (owner, thread_id, id) DO UPDATE SET body = excluded.body"
)
_LOCK_THREAD = text("SELECT position FROM threads WHERE owner = :owner AND id = :thread_id FOR UPDATE")
_LOAD_ITEM = text("SELECT body FROM items WHERE owner = :owner AND thread_id = :thread_id AND id = :id")
_DELETE_ITEM = text("DELETE FROM items WHERE owner = :owner AND thread_id = :thread_id AND id = :id")
_SAVE_ATTACHMENT = text(
    "INSERT INTO attachments (owner, id, thread_id, body) VALUES (:owner, :id, :thread_id, :body)"
    " ON CONFLICT (owner, id) DO UPDATE SET body = excluded.body, thread_id = excluded.thread_id"
)
_LOAD_ATTACHMENT = text("SELECT body FROM attachments WHERE owner = :owner AND id = :id")
_DELETE_ATTACHMENT = text("DELETE FROM attachments WHERE owner = :owner AND id = :id")
_DELETE_ATTACHMENTS_OF_THREAD = text("DELETE FROM attachments WHERE owner = :owner AND thread_id = :id")


class _Pages:
    """The statements that cut one table into pages. `within` says which rows belong to the list."""

    def __init__(self, table: str, within: str) -> None:
        # Table and condition are the two literals below, never a caller's text.
        head = f"SELECT id, position, body FROM {table} WHERE {within}"  # noqa: S608 - both are literals of this file
        self.cursor = text(f"SELECT position FROM {table} WHERE {within} AND id = :after")  # noqa: S608 - as above
        self.by_order: dict[str, TextClause] = {
            "asc": text(f"{head} AND position > :position ORDER BY position ASC LIMIT :rows"),
            "desc": text(f"{head} AND position < :position ORDER BY position DESC LIMIT :rows"),
        }


_THREAD_PAGES = _Pages("threads", "owner = :owner")
_ITEM_PAGES = _Pages("items", "owner = :owner AND thread_id = :thread_id")
# Where a list begins: before the first position, after the last that a signed 64-bit column can hold.
_EDGE = {"asc": -1, "desc": 2**63 - 1}

# A page of more than this does not fit in a column's integer, let alone in memory.
_MOST_ROWS = 2**31


class SqlStore(Store[RequestContext]):
    """Threads, items and attachments of many users in one database.

    Make one with `open_store`. What is not there, or belongs to somebody else, is a `NotFoundError`; deleting an item
    that is not there is no error, because ChatKit removes items that it never stored.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    async def close(self) -> None:
        """Give the database connections back."""
        await self.database.close()

    def generate_thread_id(self, context: RequestContext) -> str:
        """A new id. The SDK's own has 32 random bits: two threads in ten thousand users' stores would meet."""
        return f"thr_{uuid.uuid4().hex}"

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: RequestContext) -> str:
        """A new id, unique over the whole store."""
        return f"{_PREFIXES[item_type]}_{uuid.uuid4().hex}"

    async def load_thread(self, thread_id: str, context: RequestContext) -> ThreadMetadata:
        """The caller's thread. Raises NotFoundError."""
        keys = {"owner": key(context.user_id), "id": key(thread_id)}
        return load(_THREAD, await self._body(_LOAD_THREAD, keys, f"thread {thread_id!r}"))

    async def save_thread(self, thread: ThreadMetadata, context: RequestContext) -> None:
        """Make or update the thread's own facts; its items are kept elsewhere and are not touched."""
        # A Thread that kept its `items` could not be read back as metadata; they have their own table.
        body = dump(thread, without=frozenset({"items"}))
        await self.database.execute(_SAVE_THREAD, {"owner": key(context.user_id), "id": key(thread.id), "body": body})

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: RequestContext
    ) -> Page[ThreadMetadata]:
        """One page of the caller's threads in the order they were made. Raises NotFoundError for an unknown cursor."""
        page: Page[ThreadMetadata] = await self._page(
            _THREAD_PAGES, {"owner": key(context.user_id)}, _THREAD, after, limit, order
        )
        return page

    async def delete_thread(self, thread_id: str, context: RequestContext) -> None:
        """Delete the thread with its items, feedback and attachments. Raises NotFoundError."""
        keys = {"owner": key(context.user_id), "id": key(thread_id)}

        def work(connection: Connection) -> int:
            connection.execute(_DELETE_ATTACHMENTS_OF_THREAD, keys)
            return connection.execute(_DELETE_THREAD, keys).rowcount

        if not await self.database.write(work):
            raise NotFoundError(f"thread {thread_id!r} not found")

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: RequestContext
    ) -> Page[ThreadItem]:
        """One page of a thread's items in the order they were added. Raises NotFoundError (thread or cursor)."""
        keys = {"owner": key(context.user_id), "thread_id": key(thread_id)}
        page: Page[ThreadItem] = await self._page(_ITEM_PAGES, keys, _ITEM, after, limit, order)
        if not page.data and after is None:
            await self.load_thread(thread_id, context)
        return page

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        """Append the item, or replace the one of the same id where it stands. Raises NotFoundError for the thread."""
        await self.save_item(thread_id, item, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        """Replace the item where it stands, or append it. Raises NotFoundError for the thread."""
        row = {
            "owner": key(context.user_id),
            "thread_id": key(thread_id),
            "id": key(item.id),
            "body": dump(item),
        }
        try:
            await self.database.execute_in_order(_LOCK_THREAD, _SAVE_ITEM, row)
        except IntegrityError as refusal:
            raise NotFoundError(f"thread {thread_id!r} not found") from refusal

    async def load_item(self, thread_id: str, item_id: str, context: RequestContext) -> ThreadItem:
        """One item of the caller's thread. Raises NotFoundError."""
        keys = {"owner": key(context.user_id), "thread_id": key(thread_id), "id": key(item_id)}
        return load(_ITEM, await self._body(_LOAD_ITEM, keys, f"item {item_id!r} of thread {thread_id!r}"))

    async def delete_thread_item(self, thread_id: str, item_id: str, context: RequestContext) -> None:
        """Delete one item if it is there."""
        keys = {"owner": key(context.user_id), "thread_id": key(thread_id), "id": key(item_id)}
        await self.database.execute(_DELETE_ITEM, keys)

    async def save_attachment(self, attachment: Attachment, context: RequestContext) -> None:
        """Make or update what is known of an attachment (its bytes are the attachment store's)."""
        row = {
            "owner": key(context.user_id),
            "id": key(attachment.id),
            "thread_id": None if attachment.thread_id is None else key(attachment.thread_id),
            "body": dump(attachment),
        }
        await self.database.execute(_SAVE_ATTACHMENT, row)

    async def load_attachment(self, attachment_id: str, context: RequestContext) -> Attachment:
        """What is known of the caller's attachment. Raises NotFoundError."""
        keys = {"owner": key(context.user_id), "id": key(attachment_id)}
        return load(_ATTACHMENT, await self._body(_LOAD_ATTACHMENT, keys, f"attachment {attachment_id!r}"))

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        """Delete the attachment with its bytes. Raises NotFoundError."""
        keys = {"owner": key(context.user_id), "id": key(attachment_id)}
        if not await self.database.execute(_DELETE_ATTACHMENT, keys):
            raise NotFoundError(f"attachment {attachment_id!r} not found")

    async def _body(self, statement: TextClause, keys: Mapping[str, str], what: str) -> str:
        rows = await self.database.rows(statement, keys)
        if not rows:
            raise NotFoundError(f"{what} not found")
        return str(rows[0].body)

    async def _page(
        self,
        pages: _Pages,
        keys: Mapping[str, str],
        adapter: TypeAdapter[Any],
        after: str | None,
        limit: int,
        order: str,
    ) -> Page[Any]:
        if order not in pages.by_order:
            raise ValueError(f"order must be 'asc' or 'desc', not {order!r}")
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")

        def work(connection: Connection) -> list[Any]:
            position = _EDGE[order]
            if after is not None:
                found = connection.execute(pages.cursor, {**keys, "after": key(after)}).first()
                if found is None:
                    raise NotFoundError(f"cursor {after!r} not found")
                position = found[0]
            rows = connection.execute(
                pages.by_order[order], {**keys, "position": position, "rows": min(limit, _MOST_ROWS) + 1}
            )
            return list(rows)

        rows = await self.database.read(work)
        data = [load(adapter, row.body) for row in rows[:limit]]
        has_more = len(rows) > limit
        return Page(data=data, has_more=has_more, after=data[-1].id if has_more else None)


async def open_store(database_url: str) -> SqlStore:
    """A store over the database at `database_url` (SQLite or PostgreSQL), its tables made where missing.

    Raises ValueError for a URL of another kind, and the driver's error when the database cannot be opened.
    """
    return SqlStore(await Database.open(database_url))
