"""A correct store in memory, cut into small methods so that a faulty one overrides exactly one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, Thread, ThreadItem, ThreadMetadata
from pydantic import BaseModel

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks."""

    user_id: str


class MemoryStore(Store[Caller]):
    """Threads, items and attachments in dictionaries, which keep insertion order; replacing keeps the place."""

    @staticmethod
    def request_of(user: str) -> Any:
        """The context of one request of a user; it may be yielded."""
        return Caller(user_id=user)

    def __init__(self) -> None:
        self.threads: dict[Key, Any] = {}
        self.items: dict[Key, dict[str, Any]] = {}
        self.attachments: dict[Key, Any] = {}

    def keep(self, entry: BaseModel) -> Any:
        """What is stored for an entry: a copy of its own."""
        return entry.model_copy(deep=True)

    def give(self, kept: Any) -> Any:
        """What the caller gets for what is stored: a copy again."""
        return kept.model_copy(deep=True)

    async def turn(self) -> None:
        """Let others run, as a store that truly awaits does."""
        await asyncio.sleep(0)

    def key(self, entry_id: str, context: Caller) -> Key:
        return (context.user_id, entry_id)

    def metadata_of(self, thread: ThreadMetadata) -> ThreadMetadata:
        """A thread without the items that the SDK's `Thread` carries."""
        if isinstance(thread, Thread):
            return ThreadMetadata(**{name: getattr(thread, name) for name in ThreadMetadata.model_fields})
        return thread

    def line(self, thread_id: str, context: Caller) -> dict[str, Any]:
        """The items of a thread. Raises NotFoundError."""
        if self.key(thread_id, context) not in self.threads:
            raise NotFoundError(f"thread {thread_id!r} not found")
        return self.items[self.key(thread_id, context)]

    def own_threads(self, context: Caller) -> dict[str, Any]:
        return {thread_id: kept for (owner, thread_id), kept in self.threads.items() if owner == context.user_id}

    def in_order(self, entries: Mapping[str, Any], order: str) -> list[str]:
        return list(entries) if order == "asc" else list(entries)[::-1]

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        """One page. Raises NotFoundError for an unknown cursor, ValueError for a limit below 1."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        if after is not None and after not in entries:
            raise NotFoundError(f"cursor {after!r} not found")
        ids = self.in_order(entries, order)
        start = 0 if after is None else ids.index(after) + 1
        return self.cut(entries, ids, start, limit)

    def cut(self, entries: Mapping[str, Any], ids: list[str], start: int, limit: int) -> Page[Any]:
        chosen = ids[start : start + limit]
        has_more = start + limit < len(ids)
        after = chosen[-1] if has_more else None
        return Page(data=[self.give(entries[entry_id]) for entry_id in chosen], has_more=has_more, after=after)

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        await self.turn()
        self.line(thread_id, context)
        thread: ThreadMetadata = self.give(self.threads[self.key(thread_id, context)])
        return thread

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await self.turn()
        self.threads[self.key(thread.id, context)] = self.keep(self.metadata_of(thread))
        self.items.setdefault(self.key(thread.id, context), {})

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        await self.turn()
        return self.page(self.own_threads(context), after, limit, order)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await self.turn()
        self.threads.pop(self.key(thread_id, context), None)
        self.items.pop(self.key(thread_id, context), None)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        await self.turn()
        return self.page(self.line(thread_id, context), after, limit, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.turn()
        self.line(thread_id, context)[item.id] = self.keep(item)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.turn()
        self.line(thread_id, context)[item.id] = self.keep(item)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        await self.turn()
        line = self.line(thread_id, context)
        if item_id not in line:
            raise NotFoundError(f"item {item_id!r} not found")
        item: ThreadItem = self.give(line[item_id])
        return item

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await self.turn()
        self.line(thread_id, context).pop(item_id, None)

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await self.turn()
        self.attachments[self.key(attachment.id, context)] = self.keep(attachment)

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        await self.turn()
        kept = self.attachments.get(self.key(attachment_id, context))
        if kept is None:
            raise NotFoundError(f"attachment {attachment_id!r} not found")
        attachment: Attachment = self.give(kept)
        return attachment

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await self.turn()
        self.attachments.pop(self.key(attachment_id, context), None)
