"""Faulty stores: what goes wrong when much happens at once, or lasts, or grows."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from typing import Any

from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

from chatkit_conformance.store import Capabilities
from mutants.stores.fault import fault
from mutants.stores.json_file import JsonFileStore
from mutants.stores.memory import Caller, Key, MemoryStore


@fault("test_writers_on_one_thread_lose_nothing", "SELECT max(position) + 1")
class NextPlaceIsRead(MemoryStore):
    """The next place in a thread is read, and taken later: two writers take the same place."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[Key, dict[int, str]] = {}

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        line = self.line(thread_id, context)
        place = len(line)
        await self.turn()
        taken = self.places.setdefault(self.key(thread_id, context), {})
        line.pop(taken.get(place, ""), None)
        taken[place] = item.id
        line[item.id] = self.keep(item)


@fault("test_writers_on_one_thread_lose_nothing", "SQLite with many connections and no busy timeout")
class DatabaseIsLocked(MemoryStore):
    """A second writer is refused while one writes."""

    writing = False

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if self.writing:
            raise RuntimeError("database is locked")
        self.writing = True
        try:
            await super().add_thread_item(thread_id, item, context)
        finally:
            self.writing = False


@fault("test_writers_on_one_thread_lose_nothing", "writes queued to a pool of workers")
class LastInFirstOut(MemoryStore):
    """Items are acknowledged at once and written in batches, the newest of a batch first."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[str, ThreadItem, Caller]] = []

    def flush(self) -> None:
        while self.waiting:
            thread_id, item, context = self.waiting.pop()
            if self.key(thread_id, context) in self.threads:
                self.line(thread_id, context)[item.id] = self.keep(item)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context)
        self.waiting.append((thread_id, item, context))
        await self.turn()

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        self.flush()
        return await super().load_thread_items(thread_id, after, limit, order, context)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        self.flush()
        return await super().load_item(thread_id, item_id, context)


@fault("test_writers_on_many_threads_lose_nothing", "one JSON file, read and written whole")
class AllReadAllWritten(MemoryStore):
    """Every write reads everything, waits, and writes everything back."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        threads, items = dict(self.threads), dict(self.items)
        await self.turn()
        threads[self.key(thread.id, context)] = self.keep(self.metadata_of(thread))
        items.setdefault(self.key(thread.id, context), {})
        self.threads, self.items = threads, items


@fault("test_reads_see_what_was_acknowledged", "a cache that is emptied by a timer")
class StalePages(MemoryStore):
    """Pages are cached, and the cache is emptied a little after a write."""

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[tuple[Any, ...], Page[Any]] = {}
        self.calls = 0

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        self.calls += 1
        if self.calls % 7 == 0:
            self.cache.clear()
        wanted = (thread_id, after, limit, order, context)
        if wanted not in self.cache:
            self.cache[wanted] = await super().load_thread_items(*wanted)
        await self.turn()
        return self.cache[wanted].model_copy(deep=True)


@fault("test_the_last_save_of_a_thread_wins_whole", "reads from a replica")
class ReplicaLags(MemoryStore):
    """When a thread is saved often, it is loaded as it was some saves ago: reads go to a replica that lags."""

    LAG = 10

    def __init__(self) -> None:
        super().__init__()
        self.saved: dict[Key, list[Any]] = {}

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await super().save_thread(thread, context)
        self.saved.setdefault(self.key(thread.id, context), []).append(self.keep(self.metadata_of(thread)))

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        thread = await super().load_thread(thread_id, context)
        saved = self.saved[self.key(thread_id, context)]
        return self.give(saved[-self.LAG]) if len(saved) > self.LAG else thread


@fault("test_the_last_save_of_a_thread_wins_whole", "two UPDATE statements without a transaction")
class SavedInHalves(MemoryStore):
    """Title and metadata are saved one after the other; a reader sees half of each."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        old = self.threads.get(self.key(thread.id, context))
        if old is not None:
            await super().save_thread(thread.model_copy(update={"metadata": old.metadata}), context)
            await self.turn()
        await super().save_thread(thread, context)


@fault("test_saving_a_thread_loses_no_item_added_meanwhile", "a document per thread")
class ThreadIsOneDocument(MemoryStore):
    """Saving a thread writes back the items as they were when the save began."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        document = dict(self.items.get(self.key(thread.id, context), {}))
        await super().save_thread(thread, context)
        await self.turn()
        self.items[self.key(thread.id, context)] = document


@fault("test_no_call_blocks_the_event_loop", "a synchronous driver in `async def`")
class BlockingCalls(MemoryStore):
    """A database driver that blocks is called on the event loop."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        time.sleep(0.08)  # noqa: ASYNC251  # this is the fault
        await super().add_thread_item(thread_id, item, context)


@fault("test_a_page_costs_the_same_in_a_long_thread", "most published memory stores")
class WholeThreadIsRead(MemoryStore):
    """Every page copies the whole thread first."""

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().page({key: self.give(kept) for key, kept in entries.items()}, after, limit, order)


@fault("test_acknowledged_writes_survive_a_kill", "a cache that is saved at shutdown")
class WrittenAtTheEnd(JsonFileStore):
    """The file is written when the store is closed, and now and then."""

    changes = 0

    async def write(self) -> None:
        self.changes += 1
        if self.changes % 10 == 1:
            await super().write()

    async def aclose(self) -> None:
        await super().write()


@fault("test_everything_is_there_after_reopening")
class AttachmentsInMemory(JsonFileStore):
    """Attachments are kept in memory alone."""

    def state(self) -> dict[str, Any]:
        return {**super().state(), "attachments": []}

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await super().save_attachment(copy.deepcopy(attachment), context)


@fault("test_a_second_worker_sees_every_write", "everything read into memory at the start")
class ReadOnce(JsonFileStore):
    """The file is read when the store is opened; what another worker writes later is not seen."""

    claims = Capabilities()
