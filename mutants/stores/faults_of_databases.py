"""Faulty stores: transactions, locks, columns and limits, as databases have them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import HiddenContextItem, Page, SDKHiddenContextItem, ThreadItem, ThreadMetadata

from mutants.stores.fault import fault
from mutants.stores.memory import Caller, MemoryStore


@fault("test_what_a_second_save_leaves_out_is_gone", "ON CONFLICT DO UPDATE SET title, metadata")
class StatusNotUpdated(MemoryStore):
    """The second save of a thread leaves its status as it was."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        old = self.threads.get(self.key(thread.id, context))
        if old is not None:
            thread = thread.model_copy(update={"status": old.status})
        await super().save_thread(thread, context)


@fault("test_what_a_second_save_leaves_out_is_gone", "metadata || :metadata, applied to every level")
class MetadataMergedDeeply(MemoryStore):
    """Objects inside metadata are merged: a key inside one cannot be taken away."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        old = self.threads.get(self.key(thread.id, context))
        metadata = {
            key: {**old.metadata[key], **value}
            if old and isinstance(value, dict) and isinstance(old.metadata.get(key), dict)
            else value
            for key, value in thread.metadata.items()
        }
        await super().save_thread(thread.model_copy(update={"metadata": metadata}), context)


@fault("test_a_cancelled_write_leaves_the_store_usable", "acquire() and release() without try")
class CancelledWriteKeepsLock(MemoryStore):
    """A write that is cancelled does not give its lock back."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = asyncio.Lock()

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context)
        await self.lock.acquire()
        await super().add_thread_item(thread_id, item, context)
        self.lock.release()


@fault("test_a_cancelled_write_leaves_the_store_usable", "a connection that goes back to its pool in a transaction")
class CancelledWriteLeavesDirt(MemoryStore):
    """After a cancelled write the next call fails: the connection is still in its transaction."""

    dirty = False

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        try:
            await super().save_item(thread_id, item, context)
        except asyncio.CancelledError:
            self.dirty = True
            raise

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        if self.dirty:
            self.dirty = False
            raise RuntimeError("cannot start a transaction within a transaction")
        return await super().load_thread(thread_id, context)


@fault("test_a_cancelled_write_leaves_the_store_usable", "two statements without a transaction")
class CancelledWriteIsHalf(MemoryStore):
    """A cancelled write has written the item's row, and not its place in the thread."""

    def __init__(self) -> None:
        super().__init__()
        self.placed: set[Any] = set()

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context)[item.id] = self.keep(item)
        await self.turn()
        self.placed.add((thread_id, item.id))

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        line = {key: kept for key, kept in self.line(thread_id, context).items() if (thread_id, key) in self.placed}
        await self.turn()
        return self.page(line, after, limit, order)


@fault("test_a_refused_call_leaves_the_store_usable", "PostgreSQL: current transaction is aborted")
class RefusalLeavesDirt(MemoryStore):
    """A second add is refused, and so is the call after it."""

    aborted = False

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if item.id in self.line(thread_id, context):
            self.aborted = True
            raise RuntimeError("duplicate key value violates unique constraint")
        await super().add_thread_item(thread_id, item, context)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        if self.aborted:
            self.aborted = False
            raise RuntimeError("current transaction is aborted, commands ignored until end of transaction block")
        return await super().load_thread_items(thread_id, after, limit, order, context)


@fault("test_a_refused_call_leaves_the_store_usable", "a not-found error raised inside a transaction")
class NotFoundKeepsConnection(MemoryStore):
    """A connection is lost with every thread that is not found, and the pool has five."""

    free = 5

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        if self.free == 0:
            raise RuntimeError("QueuePool limit of size 5 overflow 0 reached, connection timed out")
        self.free -= 1
        thread = await super().load_thread(thread_id, context)
        self.free += 1
        return thread


@fault("test_a_thread_deleted_while_it_is_written_stays_deleted", "a check, then an INSERT without a foreign key")
class WrittenWhileDeleted(MemoryStore):
    """A thread that is deleted during a write into it comes back with the write."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        line, thread = self.line(thread_id, context), self.threads[self.key(thread_id, context)]
        for _ in range(3):
            await self.turn()
        line[item.id] = self.keep(item)
        self.threads[self.key(thread_id, context)] = thread
        self.items[self.key(thread_id, context)] = line


@fault("test_the_same_thing_saved_at_once_is_saved_once", "SELECT, then INSERT or UPDATE")
class ItemUpsertRaces(MemoryStore):
    """Two saves of one new item at once: the second INSERT meets the first's row."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        known = item.id in self.line(thread_id, context)
        await self.turn()
        if not known and item.id in self.line(thread_id, context):
            raise RuntimeError("UNIQUE constraint failed: items.id")
        self.line(thread_id, context)[item.id] = self.keep(item)


@fault("test_the_same_thing_saved_at_once_is_saved_once", "SELECT, then INSERT or UPDATE")
class ThreadUpsertRaces(MemoryStore):
    """Two saves of one new thread at once: the second INSERT meets the first's row."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        known = self.key(thread.id, context) in self.threads
        await self.turn()
        if not known and self.key(thread.id, context) in self.threads:
            raise RuntimeError("UNIQUE constraint failed: threads.id")
        self.threads[self.key(thread.id, context)] = self.keep(self.metadata_of(thread))
        self.items.setdefault(self.key(thread.id, context), {})


@fault("test_writers_on_one_thread_lose_nothing", "items as one JSON column of the thread")
class ItemsInOneColumn(MemoryStore):
    """All items of a thread are one column, which is read, changed and written back."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        line = dict(self.line(thread_id, context))
        await self.turn()
        line[item.id] = self.keep(item)
        self.items[self.key(thread_id, context)] = line


@fault("test_long_threads_and_lists_are_whole", "LIMIT 50 in the query")
class FiftyThreads(MemoryStore):
    """The list of threads has fifty, and says that this is all."""

    def own_threads(self, context: Caller) -> dict[str, Any]:
        own = super().own_threads(context)
        return dict([*own.items()][-50:])


@fault("test_long_threads_and_lists_are_whole", "a list that is cut when it is saved")
class FiveHundredItems(MemoryStore):
    """A thread keeps its newest five hundred items."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        line = self.line(thread_id, context)
        while len(line) > 500:
            del line[next(iter(line))]


@fault("test_long_threads_and_lists_are_whole", "min(limit, 100), and has_more from the limit that was asked for")
class HundredAtMost(MemoryStore):
    """A page has a hundred entries at most, and `has_more` does not know of it."""

    def cut(self, entries: Mapping[str, Any], ids: list[str], start: int, limit: int) -> Page[Any]:
        page = super().cut(entries, ids, start, limit)
        return Page(data=page.data[:100], has_more=page.has_more, after=page.after)


@fault("test_hidden_items_are_kept", "WHERE NOT hidden, applied to the page")
class HiddenFilteredFromPage(MemoryStore):
    """Hidden items are taken out of a page after it was cut."""

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        page = await super().load_thread_items(thread_id, after, limit, order, context)
        page.data = [item for item in page.data if not isinstance(item, HiddenContextItem | SDKHiddenContextItem)]
        return page


@fault("test_deleting_an_item_takes_that_one", "a thread that is deleted when it is empty")
class EmptyThreadIsDeleted(MemoryStore):
    """Deleting the last item of a thread deletes the thread."""

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await super().delete_thread_item(thread_id, item_id, context)
        if not self.line(thread_id, context):
            await self.delete_thread(thread_id, context)


@fault("test_an_item_added_again_is_there", "a column deleted_at")
class DeletedForEver(MemoryStore):
    """An item that was deleted and is added again stays deleted: the row is there, marked."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: set[Any] = set()

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        if item_id in self.line(thread_id, context):
            self.gone.add((thread_id, item_id, context))
        await super().delete_thread_item(thread_id, item_id, context)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        if (thread_id, item.id, context) in self.gone:
            del self.line(thread_id, context)[item.id]


@fault("test_a_user_without_a_name_is_nobody_else", "if user_id: query = query.where(...)")
class NobodySeesEverything(MemoryStore):
    """A user whose id is None sees everybody's threads."""

    def own_threads(self, context: Caller) -> dict[str, Any]:
        if not context.user_id:
            return {thread_id: kept for (_, thread_id), kept in self.threads.items()}
        return super().own_threads(context)


@fault("test_a_user_without_a_name_is_nobody_else", "if user_id and thread.user_id != user_id: raise")
class NobodyReadsEverything(MemoryStore):
    """A user whose id is None loads any thread by its id."""

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        if not context.user_id:
            for (_, known), kept in self.threads.items():
                if known == thread_id:
                    return self.give(kept)  # type: ignore[no-any-return]  # a thread
            raise NotFoundError(thread_id)
        return await super().load_thread(thread_id, context)
