"""Faulty stores: what a call gives or raises, and calls that never end."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from chatkit.types import Page, ThreadMetadata

from mutants.stores.fault import fault
from mutants.stores.memory import Caller, MemoryStore


class NotFoundError(Exception):
    """The application's own, by the SDK's name."""


@fault("test_an_unknown_thread_is_not_found", "an application with errors of its own")
class OwnNotFound(MemoryStore):
    """A thread that does not exist raises a NotFoundError, and not the SDK's."""

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        if self.key(thread_id, context) not in self.threads:
            raise NotFoundError(thread_id)
        return await super().load_thread(thread_id, context)


@fault("test_a_thread_and_an_item_are_kept", "json.loads of a row, given as it is")
class PagesOfDicts(MemoryStore):
    """Threads are listed as dictionaries."""

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        page: Page[Any] = await super().load_threads(limit, after, order, context)
        return Page(data=[entry.model_dump() for entry in page.data], has_more=page.has_more, after=page.after)


@fault("test_a_thread_and_an_item_are_kept", "an INSERT without a commit")
class NothingKept(MemoryStore):
    """What is added is acknowledged and lost."""

    async def add_thread_item(self, thread_id: str, item: Any, context: Caller) -> None:
        self.line(thread_id, context)


@fault("test_what_a_second_save_leaves_out_is_gone", "UPDATE ... SET title = COALESCE(:title, title)")
class TitleStays(MemoryStore):
    """A title cannot be taken away."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        old = self.threads.get(self.key(thread.id, context))
        if old is not None and thread.title is None:
            thread = thread.model_copy(update={"title": old.title})
        await super().save_thread(thread, context)


@fault("test_allowed_image_domains_are_kept", "a table made for an earlier release of the SDK")
class ImageDomainsLost(MemoryStore):
    """`allowed_image_domains` has no column."""

    def keep(self, entry: Any) -> Any:
        known = isinstance(entry, ThreadMetadata)
        return super().keep(entry.model_copy(update={"allowed_image_domains": None}) if known else entry)


@fault("test_naive_and_zoned_times_stand_side_by_side", "sorted() in Python, over created_at")
class NaiveAndZonedCompared(MemoryStore):
    """Items are sorted by time in Python, which compares no naive time with a zoned one."""

    def in_order(self, entries: Any, order: str) -> list[str]:
        ids = sorted(entries, key=lambda key: entries[key].created_at)
        return ids if order == "asc" else ids[::-1]


@fault("test_items_are_listed_in_the_order_they_came", "ORDER BY id")
class OrderedById(MemoryStore):
    """Items are listed by id, which is random."""

    def in_order(self, entries: Any, order: str) -> list[str]:
        return sorted(entries, key=lambda key: key[::-1], reverse=order == "desc")


@fault("test_deleting_an_item_takes_that_one", "a lock that is taken twice")
class DeletingHangs(MemoryStore):
    """Deleting an item waits for a lock that the same task holds."""

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        lock = asyncio.Lock()
        async with lock, lock:
            await super().delete_thread_item(thread_id, item_id, context)


@fault("test_deleting_an_item_takes_that_one", "`except BaseException: continue` around a reconnect")
class DeletingCannotBeCancelled(MemoryStore):
    """Deleting an item tries for ever, and cancellation is one more error to try again after."""

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        while True:
            try:
                await asyncio.sleep(3600)
            except BaseException:  # noqa: S112  # this is the fault
                continue


@fault("test_deleting_an_item_takes_that_one", "a synchronous driver that waits for a row's lock")
class DeletingBlocks(MemoryStore):
    """Deleting an item blocks the event loop for an hour."""

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        time.sleep(3600)  # noqa: ASYNC251  # this is the fault
