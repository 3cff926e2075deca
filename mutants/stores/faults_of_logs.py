"""Faulty stores: buffers, logs of events, what is made from them, and text that is made fit on the way."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import Page, ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter

from mutants.stores.fault import fault
from mutants.stores.memory import Caller, MemoryStore

ITEM: TypeAdapter[Any] = TypeAdapter(ThreadItem)


@fault("test_long_threads_and_lists_are_whole", "events are applied to a snapshot that was made before a deletion")
class SnapshotResurrects(MemoryStore):
    """Every hundredth write to a thread brings back what was deleted since the last such one."""

    def __init__(self) -> None:
        super().__init__()
        self.buried: dict[str, dict[str, Any]] = {}
        self.writes: dict[str, int] = {}

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        line = self.line(thread_id, context)
        if item_id in line:
            self.buried.setdefault(thread_id, {})[item_id] = line[item_id]
        await super().delete_thread_item(thread_id, item_id, context)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        self.writes[thread_id] = self.writes.get(thread_id, 0) + 1
        if self.writes[thread_id] % 100 == 0:
            self.line(thread_id, context).update(self.buried.pop(thread_id, {}))


@fault("test_deleting_an_item_takes_that_one", "executemany every ten items")
class BufferedOutlivesDeletion(MemoryStore):
    """An item that is deleted while it waits in the buffer is written with it."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer: list[tuple[str, ThreadItem, Caller]] = []

    async def flush(self) -> None:
        waiting, self.buffer = self.buffer, []
        for thread_id, item, context in waiting:
            if self.key(thread_id, context) in self.threads:
                await super().add_thread_item(thread_id, item, context)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context)
        self.buffer.append((thread_id, item.model_copy(deep=True), context))
        if len(self.buffer) >= 10:
            await self.flush()

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        await self.flush()
        return await super().load_thread_items(thread_id, after, limit, order, context)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        await self.flush()
        return await super().load_item(thread_id, item_id, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.flush()
        await super().save_item(thread_id, item, context)


@fault("test_every_read_sees_every_write", "a projection that a task of its own keeps up to date")
class ListFollowsLater(MemoryStore):
    """A saved title is in the list of threads some turns of the loop later."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: dict[Any, Any] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await super().save_thread(thread, context)
        key = self.key(thread.id, context)
        if key not in self.listed:
            self.listed[key] = self.threads[key]
        task = asyncio.create_task(self.follow(key))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def follow(self, key: Any) -> None:
        for _ in range(50):
            await asyncio.sleep(0)
        if key in self.threads:
            self.listed[key] = self.threads[key]

    def own_threads(self, context: Caller) -> dict[str, Any]:
        return {name: self.listed[context.user_id, name] for name in super().own_threads(context)}


@fault("test_items_are_listed_in_the_order_they_came", "deduplication by a hash of the content, against double clicks")
class EqualTextsAreOne(MemoryStore):
    """A message that says what one before it said is taken for the same, and dropped."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        line = self.line(thread_id, context)
        said = item.model_dump(exclude={"id", "created_at"})
        if any(key != item.id and kept.model_dump(exclude={"id", "created_at"}) == said for key, kept in line.items()):
            return
        await super().add_thread_item(thread_id, item, context)


def with_text(entry: Any, change: Any) -> Any:
    """The item with each text of its content changed."""
    for part in getattr(entry, "content", None) or []:
        if isinstance(getattr(part, "text", None), str):
            part.text = change(part.text)
    return entry


@fault("test_text_comes_back_code_point_by_code_point", "codecs.decode(text, 'unicode_escape'), once too often")
class EscapesUndone(MemoryStore):
    """A backslash before an n becomes the end of a line."""

    def keep(self, entry: BaseModel) -> Any:
        return with_text(super().keep(entry), lambda text: text.replace("\\n", "\n").replace("\\t", "\t"))


@fault("test_text_comes_back_code_point_by_code_point", "bleach.clean(text)")
class MarkupStripped(MemoryStore):
    """What looks like a tag is taken out of a message."""

    def keep(self, entry: BaseModel) -> Any:
        return with_text(super().keep(entry), lambda text: re.sub(r"</?[a-zA-Z][^<>]*>", "", text))


@fault("test_text_comes_back_code_point_by_code_point", "html.escape(text) when it is saved, and not when it is shown")
class MarkupEscaped(MemoryStore):
    """An ampersand in a title comes back as five characters."""

    def keep(self, entry: BaseModel) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, ThreadMetadata) and copy.title:
            copy.title = copy.title.replace("&", "&amp;").replace("<", "&lt;")
        return copy


@fault(
    "test_a_page_starts_behind_its_cursor",
    "urlsafe_b64encode(...).rstrip(b'=') and no padding on the way back",
)
class CursorPaddingLost(MemoryStore):
    """A cursor is refused when its id's length is no multiple of three."""

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if after is not None:
            try:
                after = base64.urlsafe_b64decode(after.encode()).decode()
            except ValueError:
                raise NotFoundError(f"cursor {after!r} not found") from None
        page = super().page(entries, after, limit, order)
        cursor = base64.urlsafe_b64encode(page.after.encode()).decode().rstrip("=") if page.after else None
        return Page(data=page.data, has_more=page.has_more, after=cursor)
