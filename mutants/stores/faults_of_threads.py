"""Faulty stores: threads."""

from __future__ import annotations

import contextlib
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import ActiveStatus, Page, ThreadItem, ThreadMetadata

from mutants.stores.fault import ADVANCED_SAMPLE, SDK_GUIDE, SDK_SAMPLE, fault
from mutants.stores.memory import Caller, MemoryStore


@fault("test_methods_take_the_sdks_arguments")
class SwappedArguments(MemoryStore):
    """`load_thread_items` takes limit before after, which only calls by name survive."""

    async def load_thread_items(  # type: ignore[override]  # this is the fault
        self, thread_id: str, limit: int, after: str | None, order: str, context: Caller
    ) -> Page[ThreadItem]:
        return await super().load_thread_items(thread_id, after, limit, order, context)


@fault("test_a_saved_thread_is_loaded_in_every_field")
class StatusLost(MemoryStore):
    """A thread is always active when it is loaded: status has no column."""

    def keep(self, entry: Any) -> Any:
        return super().keep(entry.model_copy(update={"status": ActiveStatus()}) if hasattr(entry, "status") else entry)


@fault("test_a_second_save_updates_the_thread", SDK_GUIDE)
class PlainInsert(MemoryStore):
    """`save_thread` is an INSERT: the second save of a thread fails."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        if self.key(thread.id, context) in self.threads:
            raise RuntimeError("duplicate key value violates unique constraint")
        await super().save_thread(thread, context)


@fault("test_a_second_save_updates_the_thread")
class MetadataMerged(MemoryStore):
    """A second save merges metadata instead of replacing it: a removed key comes back."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        old = self.threads.get(self.key(thread.id, context))
        merged = {**old.metadata, **thread.metadata} if old else thread.metadata
        await super().save_thread(thread.model_copy(update={"metadata": merged}), context)


@fault("test_saving_a_thread_keeps_its_items", SDK_SAMPLE + ", with a cascading foreign key")
class SavingDropsItems(MemoryStore):
    """`save_thread` deletes and inserts, and the deletion cascades to the items."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await self.delete_thread(thread.id, context)
        await super().save_thread(thread, context)


@fault("test_a_thread_with_items_is_saved_as_metadata", "openai/chatkit-python#9")
class ThreadKeepsItems(MemoryStore):
    """A `Thread` is stored with its items, and comes back with them."""

    def metadata_of(self, thread: ThreadMetadata) -> ThreadMetadata:
        return thread


@fault("test_an_unknown_thread_is_not_found")
class LoadingMakesThread(MemoryStore):
    """Loading an unknown thread makes an empty one."""

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        from chatkit_conformance.store import samples

        if self.key(thread_id, context) not in self.threads:
            await self.save_thread(samples.thread(thread_id), context)
        return await super().load_thread(thread_id, context)


@fault("test_an_unknown_thread_is_not_found")
class MissingThreadIsNone(MemoryStore):
    """Loading an unknown thread gives None."""

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        try:
            return await super().load_thread(thread_id, context)
        except NotFoundError:
            return None  # type: ignore[return-value]  # this is the fault


@fault("test_reading_an_unknown_thread_creates_nothing", ADVANCED_SAMPLE)
class ReadingMakesThread(MemoryStore):
    """Asking for the items of an unknown thread makes the thread."""

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        from chatkit_conformance.store import samples

        if self.key(thread_id, context) not in self.threads:
            await self.save_thread(samples.thread(thread_id), context)
        return await super().load_thread_items(thread_id, after, limit, order, context)


@fault("test_deleting_a_thread_deletes_its_items")
class DeletionLeavesItems(MemoryStore):
    """Deleting a thread leaves its items, and a new thread of that id has them."""

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        self.threads.pop(self.key(thread_id, context), None)


@fault("test_a_late_item_does_not_bring_a_thread_back", ADVANCED_SAMPLE)
class LateItemResurrects(MemoryStore):
    """An item written to a deleted thread makes the thread again."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        from chatkit_conformance.store import samples

        if self.key(thread_id, context) not in self.threads:
            await self.save_thread(samples.thread(thread_id), context)
        await super().add_thread_item(thread_id, item, context)


@fault("test_deleting_what_is_not_there_changes_nothing")
class DeletingTwiceCrashes(MemoryStore):
    """Deleting a thread that is gone is a KeyError."""

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        del self.threads[self.key(thread_id, context)]
        with contextlib.suppress(KeyError):
            del self.items[self.key(thread_id, context)]


@fault("test_threads_are_paged_like_items")
class TwentyThreads(MemoryStore):
    """The list of threads ends after the first page: no has_more, no cursor."""

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        page = await super().load_threads(limit, after, order, context)
        return Page(data=page.data)
