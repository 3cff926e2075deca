"""Faulty stores: mappings that take zero for nothing, keys joined of two names, caches in place of tables."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

from chatkit.types import AssistantMessageItem, Page, ThreadItem, ThreadMetadata, UserMessageItem

from mutants.stores.fault import fault
from mutants.stores.memory import Caller, Key, MemoryStore


@fault("test_zeros_and_empty_values_come_back", "`row.position or None` in a mapping")
class FirstPositionLost(MemoryStore):
    """The position 0 of an annotation is taken for none."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, AssistantMessageItem):
            for annotation in (one for part in copy.content for one in part.annotations):
                annotation.index = annotation.index or None
        return copy


@fault("test_lists_inside_an_item_keep_their_order", "a table for texts and one for tags")
class TagsBehindText(MemoryStore):
    """The tags of a message are read after its texts, wherever they stood."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, UserMessageItem):
            copy.content.sort(key=lambda part: part.type != "input_text")
        return copy


@fault("test_lists_inside_an_item_keep_their_order", "a JOIN without ORDER BY")
class FilesById(MemoryStore):
    """The files of a message are read in the order of their ids."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, UserMessageItem):
            copy.attachments.sort(key=lambda file: file.id)
        return copy


@fault("test_many_users_later_everything_is_there", "LRUCache(maxsize=128) as the store of a process")
class ForgetsTheFirstUsers(MemoryStore):
    """The threads of 128 users are kept; one more, and the one who wrote longest ago loses everything."""

    def __init__(self) -> None:
        super().__init__()
        self.recent: OrderedDict[str, None] = OrderedDict()

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        self.recent[context.user_id] = None
        self.recent.move_to_end(context.user_id)
        if len(self.recent) > 128:
            gone, _ = self.recent.popitem(last=False)
            for key in [key for key in self.threads if key[0] == gone]:
                del self.threads[key], self.items[key]
        await super().save_thread(thread, context)


@fault("test_a_refused_call_leaves_the_store_usable", "no `finally` around what gives the connection back")
class UnknownFileKeepsConnection(MemoryStore):
    """Asking for a file that is not there keeps one of ten connections for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.free = 10

    async def load_attachment(self, attachment_id: str, context: Caller) -> Any:
        if not self.free:
            raise TimeoutError("QueuePool limit of size 10 reached")
        self.free -= 1
        file = await super().load_attachment(attachment_id, context)
        self.free += 1
        return file


@fault("test_deleting_a_thread_leaves_other_files_alone", "deleting a thread deletes what its messages name")
class FilesOfItsMessagesGo(MemoryStore):
    """Deleting a thread deletes the files that its messages name, though another thread has them by now."""

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        for item in self.items.get(self.key(thread_id, context), {}).values():
            for file in getattr(item, "attachments", []):
                self.attachments.pop(self.key(file.id, context), None)
        await super().delete_thread(thread_id, context)


@fault("test_what_is_stored_is_not_shared_with_the_caller", "a cache of pages, cleared by each write")
class PageObjectCached(MemoryStore):
    """Until the next write the same page object is given to everybody who asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[tuple[Any, ...], tuple[str, Page[ThreadItem]]] = {}

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        asked, state = (context.user_id, thread_id, after, limit, order), repr(self.line(thread_id, context))
        if self.pages.get(asked, ("",))[0] != state:
            page = await super().load_thread_items(thread_id, after, limit, order, context)
            self.pages[asked] = (state, page)
        return self.pages[asked][1]


@fault("test_users_with_names_alike_are_two", "a key f'{user}:{thread}' in a key-value store")
class KeysOfTwoNames(MemoryStore):
    """A user and a thread are one key, joined by a colon, which names of users have too."""

    def key(self, entry_id: str, context: Caller) -> Key:
        user, *rest = f"{context.user_id}:{entry_id}".split(":", 1)
        return (user, rest[0])

    def own_threads(self, context: Caller) -> dict[str, Any]:
        own = {key: kept for key, kept in self.threads.items() if key == self.key(kept.id, context)}
        return {kept.id: kept for kept in own.values()}


@fault("test_a_replaced_item_keeps_its_place", "one table for each type of item, with a counter of rows")
class OtherTypeOtherPlace(MemoryStore):
    """An item that becomes one of another type is deleted from one table and inserted into another, at the end."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        line = self.line(thread_id, context)
        if item.id in line and line[item.id].type != item.type:
            del line[item.id]
        await super().save_item(thread_id, item, context)


@fault("test_an_answer_is_written_to_a_locked_thread", "a guard in the store against messages in locked threads")
class LockedIsReadOnly(MemoryStore):
    """A thread that is not active takes no item, not even the rest of the answer that locked it."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context)
        if self.threads[self.key(thread_id, context)].status.type != "active":
            raise PermissionError(f"thread {thread_id!r} is locked")
        await super().add_thread_item(thread_id, item, context)


@fault("test_an_id_that_the_model_made_is_an_id", "items.id VARCHAR(40)")
class ShortColumnOfIds(MemoryStore):
    """The column of an item's id takes 40 characters; the model's ids are 54 long."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if re.fullmatch(r"(msg|call)_[0-9a-f]{41,}", item.id):
            raise ValueError("value too long for type character varying(40)")
        await super().add_thread_item(thread_id, item, context)
