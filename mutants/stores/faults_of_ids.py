"""Faulty stores: ids that are matched, cut or made in the wrong way."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from chatkit.store import StoreItemType
from chatkit.types import ThreadItem, ThreadMetadata

from mutants.stores.fault import fault
from mutants.stores.memory import Caller, MemoryStore

EXACT = "test_ids_with_odd_characters_are_ids"
LIKELY = "test_ids_that_are_nearly_alike_are_two"


def like(pattern: str) -> re.Pattern[str]:
    """SQL's LIKE."""
    return re.compile("".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern), re.DOTALL)


@fault(LIKELY, "DELETE ... WHERE id LIKE :id")
class DeletesWhatIsLike(MemoryStore):
    """Deleting an item deletes what its id matches as a pattern: `_` is any character."""

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        line = self.line(thread_id, context)
        for key in [key for key in line if like(item_id).fullmatch(key)]:
            del line[key]


@fault(LIKELY, "a scan by prefix in a key-value store")
class DeletesByPrefix(MemoryStore):
    """Deleting a thread deletes every thread whose id begins with its id."""

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        for own in [own for own in self.own_threads(context) if own.startswith(thread_id)]:
            await super().delete_thread(own, context)


@fault(EXACT, "a file for each thread")
class FileNamesOfIds(MemoryStore):
    """A thread is kept under the file name of its id: what stands before a slash is lost."""

    def key(self, entry_id: str, context: Caller) -> tuple[str, str]:
        return (context.user_id, PurePosixPath(entry_id).name)


@fault(LIKELY, "VARCHAR(32) without strict mode")
class IdsCut(MemoryStore):
    """Ids of items are cut after forty characters."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context)[item.id[:40]] = self.keep(item)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        return await super().load_item(thread_id, item_id[:40], context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await super().delete_thread_item(thread_id, item_id[:40], context)


@fault(EXACT, "a key joined with a separator")
class KeysJoined(MemoryStore):
    """Thread and item are one key, joined with a colon: a:b of c is a of b:c."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[Any, Any] = {}

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        self.rows[context.user_id, f"{thread_id}:{item.id}"] = self.keep(item)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        await super().load_item(thread_id, item_id, context)
        return self.give(self.rows[context.user_id, f"{thread_id}:{item_id}"])  # type: ignore[no-any-return]  # an item


@fault("test_generated_ids_are_new_each_time", "int(time.time())")
class IdsOfTheSecond(MemoryStore):
    """The id of a thread is the second in which it was made."""

    def generate_thread_id(self, context: Caller) -> str:
        return "thr_1795780800"


@fault("test_generated_ids_are_new_each_time", "an id that the database gives")
class IdsAwaited(MemoryStore):
    """Ids of threads are made by a coroutine; the SDK does not await it."""

    async def generate_thread_id(self, context: Caller) -> str:  # type: ignore[override]  # this is the fault
        return "thr_1"


@fault("test_generated_ids_are_new_each_time", "an id made of the thread's")
class IdsOfTheThread(MemoryStore):
    """The id of an item is that of its thread with its type: two messages of a thread have one id."""

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: Caller) -> str:
        return f"{thread.id}_{item_type}"
