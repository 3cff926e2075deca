"""Faulty stores whose caches, identity maps, buffers and generated names are a little wrong."""

from __future__ import annotations

import itertools
import weakref
from typing import Any

from chatkit.types import Page, ThreadItem, ThreadMetadata

from mutants.stores.fault import PUBLIC, fault
from mutants.stores.memory import Caller, Key, MemoryStore


@fault("test_items_are_listed_in_the_order_they_came", PUBLIC)
class PageCacheWithoutOrder(MemoryStore):
    """Pages of items are cached by thread, cursor and limit: the order is not part of the key."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[Key, dict[Any, Page[Any]]] = {}

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        await self.turn()
        self.line(thread_id, context)
        cached = self.pages.setdefault(self.key(thread_id, context), {})
        if (after, limit) not in cached:
            cached[after, limit] = await super().load_thread_items(thread_id, after, limit, order, context)
        return cached[after, limit].model_copy(deep=True)

    def forget(self, thread_id: str, context: Caller) -> None:
        self.pages.pop(self.key(thread_id, context), None)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        self.forget(thread_id, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().save_item(thread_id, item, context)
        self.forget(thread_id, context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await super().delete_thread_item(thread_id, item_id, context)
        self.forget(thread_id, context)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await super().delete_thread(thread_id, context)
        self.forget(thread_id, context)


class _Held:
    """What a weak map can hold."""

    def __init__(self, entry: Any) -> None:
        self.entry = entry


@fault("test_what_is_stored_is_not_shared_with_the_caller", "stores over an ORM's identity map")
class WeakIdentityMap(MemoryStore):
    """An object that somebody still holds is given to the next one who loads the item."""

    def __init__(self) -> None:
        super().__init__()
        self.alive: weakref.WeakValueDictionary[tuple[str, str, str], Any] = weakref.WeakValueDictionary()

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        loaded = await super().load_item(thread_id, item_id, context)
        held = self.alive.get((context.user_id, thread_id, item_id))
        if held is not None:
            return held  # type: ignore[no-any-return]  # an item, as below
        self.alive[context.user_id, thread_id, item_id] = loaded
        return loaded

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().save_item(thread_id, item, context)
        self.alive.pop((context.user_id, thread_id, item.id), None)


NO_METADATA: dict[str, Any] = {}


@fault("test_what_is_stored_is_not_shared_with_the_caller", PUBLIC)
class SharedDefault(MemoryStore):
    """Threads without metadata are all given one empty dictionary: what is put into it, all of them have."""

    def __init__(self) -> None:
        super().__init__()
        self.default: dict[str, Any] = {}

    def give(self, kept: Any) -> Any:
        given = super().give(kept)
        if isinstance(given, ThreadMetadata) and not given.metadata:
            given.metadata = self.default
        return given


@fault("test_deleting_an_item_takes_that_one", PUBLIC)
class BufferComesLate(MemoryStore):
    """Saved items wait in a buffer until the next page is read, which deleting the item does not clear."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer: list[tuple[Key, Any]] = []

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().save_item(thread_id, item, context)
        self.buffer.append((self.key(thread_id, context), self.keep(item)))

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        for key, kept in self.buffer:
            if key in self.items:
                self.items[key][kept.id] = kept
        self.buffer.clear()
        return await super().load_thread_items(thread_id, after, limit, order, context)


@fault("test_writers_on_one_thread_lose_nothing", "stores over an append-only file")
class CompactedWhileWritten(MemoryStore):
    """Every 40th record the log is written anew from what was read before: records of meanwhile are lost."""

    def __init__(self) -> None:
        super().__init__()
        self.records = itertools.count(1)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        if next(self.records) % 40 == 0:
            before = {key: dict(line) for key, line in self.items.items()}
            await self.turn()
            self.items.update(before)
