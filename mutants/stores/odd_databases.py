"""Stores that are odd and right: how databases keep what they are given, and what they make of a page."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import sqlite3
import tempfile
import threading
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from chatkit.store import StoreItemType
from chatkit.types import Page, ThreadItem, ThreadMetadata, ThreadStatus
from pydantic import BaseModel, TypeAdapter

from chatkit_conformance.store import Capabilities
from mutants.stores.memory import Caller, MemoryStore
from mutants.stores.sqlite_rows import TABLES, SqliteStore, rows_of


class SoftDeletes(SqliteStore):
    """What is deleted stays in its table, marked; an upsert takes the mark away and gives a new place."""

    TABLES: ClassVar[str] = TABLES.replace("body TEXT,", "body TEXT, gone INTEGER DEFAULT 0,")
    SAVE_THREAD: ClassVar[str] = SqliteStore.SAVE_THREAD + ", gone = 0"
    PLACE: ClassVar[str] = ", n = CASE WHEN gone THEN (SELECT max(n) + 1 FROM items) ELSE n END, gone = 0"
    SAVE_ITEM: ClassVar[str] = SqliteStore.SAVE_ITEM + PLACE
    LOAD_THREAD: ClassVar[str] = SqliteStore.LOAD_THREAD + " AND NOT gone"
    LOAD_ITEM: ClassVar[str] = SqliteStore.LOAD_ITEM + " AND NOT gone"
    DELETE_THREAD: ClassVar[tuple[str, ...]] = (
        "UPDATE threads SET gone = 1 WHERE owner = :owner AND id = :thread",
        "UPDATE items SET gone = 1 WHERE owner = :owner AND thread = :thread",
    )
    DELETE_ITEM: ClassVar[str] = "UPDATE items SET gone = 1 WHERE owner = :owner AND thread = :thread AND id = :id"
    THREADS: ClassVar[str] = SqliteStore.THREADS + " AND NOT gone"
    ITEMS: ClassVar[str] = SqliteStore.ITEMS + " AND NOT gone"


class Encrypted(SqliteStore):
    """Bodies are encrypted with a key of their own."""

    SECRET: ClassVar[bytes] = b"a key that is in a vault"

    def stream(self, size: int) -> bytes:
        blocks = (hashlib.sha256(self.SECRET + str(number).encode()).digest() for number in itertools.count())
        return b"".join(itertools.islice(blocks, size // 32 + 1))[:size]

    def turned(self, text: bytes) -> bytes:
        key = int.from_bytes(self.stream(len(text)))
        return (int.from_bytes(text) ^ key).to_bytes(len(text))

    def keep(self, entry: BaseModel) -> str:
        return base64.b64encode(self.turned(super().keep(entry).encode())).decode()

    def give(self, kind: TypeAdapter[Any], row: Any) -> Any:
        return super().give(kind, {"body": self.turned(base64.b64decode(row["body"])).decode()})


class Compressed(SqliteStore):
    """Bodies are compressed."""

    def keep(self, entry: BaseModel) -> Any:
        return zlib.compress(super().keep(entry).encode())

    def give(self, kind: TypeAdapter[Any], row: Any) -> Any:
        return super().give(kind, {"body": zlib.decompress(row["body"]).decode()})


class FileOfRows(SqliteStore):
    """A file, a connection for each worker thread, and a write that waits for its turn."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.of_thread = threading.local()
        self.opened: list[Any] = []
        self.lock = threading.Lock()
        super().__init__()

    def open(self) -> Any:
        path = Path(self.folder.name) / "rows.db"
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=20)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        self.opened.append(db)
        return db

    def run(self, statements: Sequence[str], values: Mapping[str, Any]) -> list[Any]:
        """All statements in one transaction, in this thread; the rows of the last one."""
        db = getattr(self.of_thread, "db", None)
        if db is None:
            with self.lock:
                db = self.of_thread.db = self.open()
        db.execute("BEGIN IMMEDIATE")
        try:
            rows = rows_of(db, statements, values)
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
        return rows

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        return await asyncio.to_thread(self.run, statements, values)

    def close(self) -> None:
        for db in self.opened:
            db.close()
        self.folder.cleanup()


class OneConnection(SqliteStore):
    """All calls share one connection, one at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = asyncio.Lock()

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        async with self.turn:
            return await super().sql(*statements, **values)


class OpensWhenCalled(SqliteStore):
    """The tables are made by the first call, whoever makes it."""

    def __init__(self) -> None:
        self.db = self.open()
        self.made: asyncio.Task[None] | None = None

    async def tables(self) -> None:
        await asyncio.sleep(0.001)
        self.db.executescript(self.TABLES)

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        if self.made is None:
            self.made = asyncio.create_task(self.tables())
        await asyncio.shield(self.made)
        return await super().sql(*statements, **values)


class EventsReplayed(MemoryStore):
    """A thread's items are what its log of events makes, each time they are read."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[tuple[Any, str, Any]] = []

    def line(self, thread_id: str, context: Caller) -> dict[str, Any]:
        super().line(thread_id, context)
        items: dict[str, Any] = {}
        for key, item_id, kept in self.log:
            if key != self.key(thread_id, context):
                continue
            if item_id == "":
                items.clear()
            elif kept is None:
                items.pop(item_id, None)
            else:
                items[item_id] = kept
        return items

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.turn()
        super().line(thread_id, context)
        self.log.append((self.key(thread_id, context), item.id, self.keep(item)))

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await self.turn()
        super().line(thread_id, context)
        self.log.append((self.key(thread_id, context), item_id, None))

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await super().delete_thread(thread_id, context)
        self.log.append((self.key(thread_id, context), "", None))


class Sharded(MemoryStore):
    """Users are spread over four shards by a checksum of their name."""

    def key(self, entry_id: str, context: Caller) -> Any:
        shard = zlib.crc32(str(context.user_id).encode()) % 4
        return (f"{shard}/{context.user_id}", entry_id)

    def own_threads(self, context: Caller) -> dict[str, Any]:
        owner, _ = self.key("", context)
        return {thread_id: kept for (kept_owner, thread_id), kept in self.threads.items() if kept_owner == owner}


class OwnThread(ThreadMetadata):
    """A thread with what this application adds to it."""

    shown_as: str = "a conversation"


OwnThread.model_rebuild(_types_namespace={"ThreadStatus": ThreadStatus})


class ThreadsOfItsOwn(MemoryStore):
    """Threads come back as a class of the application's, derived from the SDK's."""

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        if isinstance(copy, ThreadMetadata):
            return OwnThread(**{name: getattr(copy, name) for name in ThreadMetadata.model_fields})
        return copy


class SignedCursors(MemoryStore):
    """A cursor is signed, and is valid in the list and the order that it came from."""

    def token(self, entry_id: str, order: str) -> str:
        mark = hmac.new(b"secret", f"{order}:{entry_id}".encode(), "sha256").hexdigest()[:16]
        return base64.urlsafe_b64encode(json.dumps([entry_id, mark]).encode()).decode()

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        known = None
        if after is not None:
            known = json.loads(base64.urlsafe_b64decode(after.encode()))[0]
            if self.token(known, order) != after:
                raise ValueError("this cursor was not made here")
        page = super().page(entries, known, limit, order)
        return Page(data=page.data, has_more=page.has_more, after=page.after and self.token(page.after, order))


class RefusesLargePages(MemoryStore):
    """A page of more than fifty is refused; it is declared."""

    claims = Capabilities(largest_page=50)

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if limit > 50:
            raise ValueError(f"at most 50 on a page, not {limit}")
        return super().page(entries, after, limit, order)


class RetriesConflicts(MemoryStore):
    """A thread that another one saved meanwhile is saved again, until nobody came between."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: dict[Any, int] = {}

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        key = self.key(thread.id, context)
        kept = self.keep(self.metadata_of(thread))
        while True:
            seen = self.versions.get(key, 0)
            await self.turn()
            if self.versions.get(key, 0) == seen:
                break
        self.versions[key] = seen + 1
        self.threads[key] = kept
        self.items.setdefault(key, {})


class MegabyteAndMore(MemoryStore):
    """A page ends after a megabyte, and says that more follows."""

    def cut(self, entries: Mapping[str, Any], ids: list[str], start: int, limit: int) -> Page[Any]:
        page = super().cut(entries, ids, start, limit)
        size = 0
        for number, entry in enumerate(page.data):
            size += len(str(entry))
            if size > 1_000_000 and number:
                return Page(data=page.data[:number], has_more=True, after=page.data[number - 1].id)
        return page


class IdsAreNumbers(MemoryStore):
    """Ids are numbers as text, counted over all users and kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count(1)

    def generate_thread_id(self, context: Caller) -> str:
        return str(next(self.numbers))

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: Caller) -> str:
        return str(next(self.numbers))


ODD_DATABASES: tuple[type[Any], ...] = (
    SqliteStore,
    SoftDeletes,
    Encrypted,
    Compressed,
    FileOfRows,
    OneConnection,
    OpensWhenCalled,
    EventsReplayed,
    Sharded,
    ThreadsOfItsOwn,
    SignedCursors,
    RefusesLargePages,
    RetriesConflicts,
    MegabyteAndMore,
    IdsAreNumbers,
)
