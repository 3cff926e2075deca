"""Faulty stores: items."""

from __future__ import annotations

from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import AssistantMessageItem, HiddenContextItem, Page, SDKHiddenContextItem, ThreadItem

from mutants.stores.fault import ADVANCED_SAMPLE, SDK_SAMPLE, fault
from mutants.stores.memory import Caller, Key, MemoryStore


@fault("test_an_item_comes_back_field_by_field[assistant_message]")
class TextAlone(MemoryStore):
    """An assistant's message is kept as text and rebuilt: its annotations are lost."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, AssistantMessageItem):
            for part in copy.content:
                part.annotations = []
        return copy


@fault("test_an_item_comes_back_field_by_field[workflow]")
class WorkflowFlattened(MemoryStore):
    """A workflow's summary has no column and is lost."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if getattr(copy, "type", "") == "workflow":
            copy.workflow.summary = None
        return copy


@fault("test_hidden_items_are_kept")
class HiddenDropped(MemoryStore):
    """Hidden context items are filtered out of the pages; the model never learns that it was interrupted."""

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        page = await super().load_thread_items(thread_id, after, limit, order, context)
        page.data = [item for item in page.data if not isinstance(item, HiddenContextItem | SDKHiddenContextItem)]
        return page


@fault("test_saving_an_unknown_item_inserts_it", SDK_SAMPLE)
class UpdateAlone(MemoryStore):
    """`save_item` is an UPDATE: an item that was not there is lost without a word."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if item.id in self.line(thread_id, context):
            await super().save_item(thread_id, item, context)


@fault("test_saving_a_known_item_replaces_it")
class UpsertLosesThread(MemoryStore):
    """`save_item` of a known item forgets which thread it is in."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if self.line(thread_id, context).pop(item.id, None) is None:
            await super().save_item(thread_id, item, context)


@fault("test_saving_a_known_item_replaces_it")
class SaveOnlyFirst(MemoryStore):
    """`save_item` keeps what is there: INSERT OR IGNORE."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context).setdefault(item.id, self.keep(item))


@fault("test_a_replaced_item_keeps_its_place")
class ReplacingMovesToEnd(MemoryStore):
    """`save_item` deletes and inserts: the item moves to the end of the thread."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context).pop(item.id, None)
        await super().save_item(thread_id, item, context)


@fault("test_a_second_add_is_neither_lost_nor_doubled", ADVANCED_SAMPLE)
class AddedTwice(MemoryStore):
    """Adding an id again lists the item twice."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        line = self.line(thread_id, context)
        line[item.id if item.id not in line else f"{item.id}#2"] = self.keep(item)


@fault("test_a_second_add_is_neither_lost_nor_doubled")
class SecondAddIgnored(MemoryStore):
    """Adding an id again is acknowledged and dropped: ON CONFLICT DO NOTHING."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context).setdefault(item.id, self.keep(item))


@fault("test_one_id_in_two_threads_harms_neither", "openai/chatkit-python#36")
class IdAloneIsTheKey(MemoryStore):
    """Items are keyed by id alone: an equal id in another thread takes the first item away."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        for (owner, other), line in self.items.items():
            if owner == context.user_id and other != thread_id:
                line.pop(item.id, None)
        await super().add_thread_item(thread_id, item, context)


@fault("test_deleting_an_item_takes_that_one")
class DeletesFromThereOn(MemoryStore):
    """Deleting an item deletes what follows it too."""

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        line = self.line(thread_id, context)
        for entry in list(line)[list(line).index(item_id) :] if item_id in line else []:
            del line[entry]


@fault("test_deleting_an_item_takes_that_one")
class DeletedItemStillLoads(MemoryStore):
    """A deleted item is no longer listed, and can still be loaded from a cache."""

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[tuple[Key, str], Any] = {}

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        self.cache[self.key(thread_id, context), item.id] = self.keep(item)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        cached = self.cache.get((self.key(thread_id, context), item_id))
        return self.give(cached) if cached else await super().load_item(thread_id, item_id, context)


@fault("test_an_item_is_not_reached_through_another_thread")
class AnyThreadWillDo(MemoryStore):
    """`load_item` looks in all threads of the user: the thread id is not checked."""

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        for (owner, _), line in self.items.items():
            if owner == context.user_id and item_id in line:
                return self.give(line[item_id])  # type: ignore[no-any-return]  # an item
        raise NotFoundError(item_id)


@fault("test_an_item_is_not_reached_through_another_thread")
class DeletesByIdAlone(MemoryStore):
    """`delete_thread_item` deletes by item id in whatever thread it is."""

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        for (owner, _), line in self.items.items():
            if owner == context.user_id:
                line.pop(item_id, None)


@fault("test_an_unknown_item_is_not_found")
class MissingItemIsNone(MemoryStore):
    """Loading an unknown item gives None."""

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        try:
            return await super().load_item(thread_id, item_id, context)
        except NotFoundError:
            return None  # type: ignore[return-value]  # this is the fault


@fault("test_ids_are_compared_exactly", "MySQL's default collation")
class CaseIgnored(MemoryStore):
    """Ids that differ in case are one: the column's collation is case-insensitive."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        line = self.line(thread_id, context)
        line[next((known for known in line if known.lower() == item.id.lower()), item.id)] = self.keep(item)


@fault("test_any_sequence_of_calls_agrees_with_the_model", "soft deletion")
class TombstoneStays(MemoryStore):
    """An item that was deleted and saved again is not seen: its deletion mark stays."""

    def __init__(self) -> None:
        super().__init__()
        self.buried: set[tuple[Key, str]] = set()

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        if item_id in self.line(thread_id, context):
            self.buried.add((self.key(thread_id, context), item_id))
        await super().delete_thread_item(thread_id, item_id, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if (self.key(thread_id, context), item.id) not in self.buried:
            await super().save_item(thread_id, item, context)


@fault("test_any_sequence_of_calls_agrees_with_the_model", "a cache keyed by item id")
class CacheOutlivesThread(MemoryStore):
    """A new thread with a deleted thread's id gets back a replaced item's old version."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: dict[tuple[Key, str], Any] = {}

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().save_item(thread_id, item, context)
        self.versions[self.key(thread_id, context), item.id] = self.keep(item)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        if (self.key(thread_id, context), item.id) in self.versions:
            self.line(thread_id, context)[item.id] = self.versions[self.key(thread_id, context), item.id]
