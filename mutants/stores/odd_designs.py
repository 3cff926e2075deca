"""Odd but right stores: designs that keep, find and give entries in a way of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from chatkit.store import StoreItemType
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

from mutants.stores.documents import DocumentStore
from mutants.stores.keys import KeyValueStore
from mutants.stores.memory import Caller, MemoryStore
from mutants.stores.sqlite_rows import SqliteStore
from mutants.stores.two_connections import TwoConnections


class GoneButThere(SqliteStore):
    """Deleted rows are marked and stay: a cursor whose entry was deleted in between still has its place."""

    TABLES: ClassVar[str] = SqliteStore.TABLES.replace("body TEXT, UNIQUE (owner, id)", "body TEXT, gone INT DEFAULT 0")
    TABLES = TABLES.replace(
        "body TEXT,\n                    UNIQUE (owner, thread, id)", "body TEXT, gone INT DEFAULT 0"
    )
    TABLES += """
    CREATE UNIQUE INDEX threads_there ON threads (owner, id) WHERE NOT gone;
    CREATE UNIQUE INDEX items_there ON items (owner, thread, id) WHERE NOT gone;
    CREATE UNIQUE INDEX files_there ON files (owner, id) WHERE NOT gone;
    """
    SAVE_THREAD: ClassVar[str] = SqliteStore.SAVE_THREAD.replace("id) DO", "id) WHERE NOT gone DO")
    SAVE_ITEM: ClassVar[str] = SqliteStore.SAVE_ITEM.replace("id) DO", "id) WHERE NOT gone DO")
    SAVE_FILE: ClassVar[str] = SqliteStore.SAVE_FILE.replace("id) DO", "id) WHERE NOT gone DO")
    LOAD_THREAD: ClassVar[str] = SqliteStore.LOAD_THREAD + " AND NOT gone"
    LOAD_ITEM: ClassVar[str] = SqliteStore.LOAD_ITEM + " AND NOT gone"
    LOAD_FILE: ClassVar[str] = SqliteStore.LOAD_FILE + " AND NOT gone"
    DELETE_THREAD: ClassVar[tuple[str, ...]] = (
        "UPDATE threads SET gone = 1 WHERE owner = :owner AND id = :thread",
        "UPDATE items SET gone = 1 WHERE owner = :owner AND thread = :thread",
    )
    DELETE_ITEM: ClassVar[str] = SqliteStore.DELETE_ITEM.replace("DELETE FROM items", "UPDATE items SET gone = 1")
    DELETE_FILE: ClassVar[str] = SqliteStore.DELETE_FILE.replace("DELETE FROM files", "UPDATE files SET gone = 1")
    THREADS: ClassVar[str] = SqliteStore.THREADS.replace("n, id", "n, id, gone")
    ITEMS: ClassVar[str] = SqliteStore.ITEMS.replace("n, id", "n, id, gone")

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        if "ORDER BY" in statements[0]:
            statements = (statements[0].replace("AS r WHERE", "AS r WHERE NOT gone AND"),)
        return await super().sql(*statements, **values)


class TriesUntilItIsWritten(DocumentStore):
    """A write whose document has a newer version is tried again until it is in."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        while not await self.tried(thread_id, item, context):
            pass


class WritesTogether(MemoryStore):
    """Writes wait up to 2 ms for others and are made as one batch; who wrote goes on when the batch is in."""

    def __init__(self) -> None:
        super().__init__()
        self.batch: list[tuple[Callable[[], Awaitable[None]], asyncio.Future[None]]] = []

    async def together(self, write: Callable[[], Awaitable[None]]) -> None:
        done = asyncio.get_running_loop().create_future()
        self.batch.append((write, done))
        if len(self.batch) == 1:
            asyncio.get_running_loop().call_later(0.002, lambda: asyncio.ensure_future(self.flush()))
        await done

    async def flush(self) -> None:
        batch, self.batch = self.batch, []
        for write, done in batch:
            if done.cancelled():
                continue
            try:
                await write()
            except Exception as refused:  # it is given to who wrote
                if not done.cancelled():
                    done.set_exception(refused)
            else:
                if not done.cancelled():
                    done.set_result(None)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        kept = item.model_copy(deep=True)
        await self.together(lambda: super(WritesTogether, self).add_thread_item(thread_id, kept, context))

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        kept = item.model_copy(deep=True)
        await self.together(lambda: super(WritesTogether, self).save_item(thread_id, kept, context))


class ReadsYourWrites(KeyValueStore):
    """Reads go to a replica that is up to 5 ms behind; who has written since reads from the primary."""

    LAG_S = 0.005

    def __init__(self) -> None:
        super().__init__()
        self.replica = KeyValueStore()
        self.ahead: set[str] = set()

    def wrote(self, context: Caller) -> None:
        if not self.ahead:
            asyncio.get_running_loop().call_later(self.LAG_S, self.copy)
        self.ahead.add(context.user_id)

    def copy(self) -> None:
        """The replica takes over what the primary has."""
        self.replica.strings = dict(self.strings)
        self.replica.sorted_sets = {names: dict(scores) for names, scores in self.sorted_sets.items()}
        self.ahead.clear()

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        if context.user_id in self.ahead:
            return await super().load_thread(thread_id, context)
        return await self.replica.load_thread(thread_id, context)

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        if context.user_id in self.ahead:
            return await super().load_threads(limit, after, order, context)
        return await self.replica.load_threads(limit, after, order, context)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        if context.user_id in self.ahead:
            return await super().load_thread_items(thread_id, after, limit, order, context)
        return await self.replica.load_thread_items(thread_id, after, limit, order, context)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        if context.user_id in self.ahead:
            return await super().load_item(thread_id, item_id, context)
        return await self.replica.load_item(thread_id, item_id, context)

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        if context.user_id in self.ahead:
            return await super().load_attachment(attachment_id, context)
        return await self.replica.load_attachment(attachment_id, context)

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await super().save_thread(thread, context)
        self.wrote(context)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await super().delete_thread(thread_id, context)
        self.wrote(context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().save_item(thread_id, item, context)
        self.wrote(context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await super().delete_thread_item(thread_id, item_id, context)
        self.wrote(context)

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await super().save_attachment(attachment, context)
        self.wrote(context)

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await super().delete_attachment(attachment_id, context)
        self.wrote(context)


class TimeSortedIds(SqliteStore):
    """Ids begin with the milliseconds of the clock and a counter, in base 32, so that they sort as they were made."""

    made = 0
    LETTERS: ClassVar[str] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    def sorted_id(self) -> str:
        self.made += 1
        number = ((time.time_ns() // 1_000_000) << 80) + self.made
        return "".join(self.LETTERS[(number >> shift) & 31] for shift in range(125, -1, -5))

    def generate_thread_id(self, context: Caller) -> str:
        return self.sorted_id()

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: Caller) -> str:
        return self.sorted_id()


class WritesThoughCancelled(MemoryStore):
    """A write is shielded: who wrote may be cancelled, the write is made."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await asyncio.shield(asyncio.ensure_future(super().add_thread_item(thread_id, item.model_copy(), context)))

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await asyncio.shield(asyncio.ensure_future(super().save_item(thread_id, item.model_copy(), context)))

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await asyncio.shield(asyncio.ensure_future(super().save_thread(thread.model_copy(), context)))


@dataclass(kw_only=True)
class Request:
    """Who asks, and what this request has read."""

    user_id: str
    read: dict[str, Any] = field(default_factory=dict)


class CachesInTheRequest(MemoryStore):
    """A thread is read once in a request; the next request reads anew."""

    @staticmethod
    def request_of(user: str) -> Any:
        return Request(user_id=user)

    async def load_thread(self, thread_id: str, context: Any) -> ThreadMetadata:
        if thread_id not in context.read:
            context.read[thread_id] = await super().load_thread(thread_id, context)
        return context.read[thread_id].model_copy(deep=True)  # type: ignore[no-any-return]  # a thread

    async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
        context.read.pop(thread.id, None)
        await super().save_thread(thread, context)

    async def delete_thread(self, thread_id: str, context: Any) -> None:
        context.read.pop(thread_id, None)
        await super().delete_thread(thread_id, context)


class RefusesASecondAdd(SqliteStore):
    """add_thread_item refuses an id that the thread has; save_item is there for that."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        values = {"owner": context.user_id, "thread": thread_id, "id": item.id, "type": item.type}
        insert = self.SAVE_ITEM.split(" ON CONFLICT")[0]
        await self.sql(self.LOAD_THREAD, insert, **values, body=self.keep(item))


class OneAtATime(MemoryStore):
    """One lock is held by every call, for as long as the call takes."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = asyncio.Lock()

    async def turn(self) -> None:
        async with self.lock:
            await asyncio.sleep(0.0002)


ODD_DESIGNS: tuple[type[Any], ...] = (
    KeyValueStore,
    DocumentStore,
    TwoConnections,
    GoneButThere,
    TriesUntilItIsWritten,
    WritesTogether,
    ReadsYourWrites,
    TimeSortedIds,
    WritesThoughCancelled,
    CachesInTheRequest,
    RefusesASecondAdd,
    OneAtATime,
)
