"""Stores that are odd and right: each takes a choice that the rules leave open, and must pass everything."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

from chatkit_conformance.store import Capabilities
from mutants.stores.faults_of_pages import instant
from mutants.stores.memory import Caller, MemoryStore
from mutants.stores.odd_databases import ODD_DATABASES
from mutants.stores.odd_designs import ODD_DESIGNS
from mutants.stores.odd_stores import ODD


class OpaqueCursors(MemoryStore):
    """Cursors are tokens; an item's id is none."""

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        known = base64.b64decode(after.encode("ascii"), validate=True).decode() if after is not None else None
        page = super().page(entries, known, limit, order)
        token = base64.b64encode(page.after.encode()).decode() if page.after else None
        return Page(data=page.data, has_more=page.has_more, after=token)


class OrderedByTimeThenId(MemoryStore):
    """Time decides, a tie is decided by id, and a time without a zone counts as UTC."""

    def in_order(self, entries: Mapping[str, Any], order: str) -> list[str]:
        return sorted(entries, key=lambda key: (instant(entries[key]), key), reverse=order == "desc")


class QuietAboutCursors(MemoryStore):
    """An unknown cursor gives an empty last page, a limit below 1 an empty page, an unknown thread too."""

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if limit < 1 or (after is not None and after not in entries):
            return Page()
        return super().page(entries, after, limit, order)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        if self.key(thread_id, context) not in self.threads:
            return Page()
        return await super().load_thread_items(thread_id, after, limit, order, context)


class StrictAboutIds(MemoryStore):
    """An id may be added once, in one thread of a user; what is not there cannot be deleted."""

    def taken(self, item_id: str, thread_id: str, context: Caller) -> bool:
        return any(
            item_id in line
            for (owner, other), line in self.items.items()
            if owner == context.user_id and other != thread_id
        )

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if item.id in self.line(thread_id, context) or self.taken(item.id, thread_id, context):
            raise ValueError(f"item {item.id!r} exists")
        await super().add_thread_item(thread_id, item, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if self.taken(item.id, thread_id, context):
            raise ValueError(f"item {item.id!r} exists in another thread")
        await super().save_item(thread_id, item, context)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        self.line(thread_id, context)
        await super().delete_thread(thread_id, context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await self.load_item(thread_id, item_id, context)
        await super().delete_thread_item(thread_id, item_id, context)

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await self.load_attachment(attachment_id, context)
        await super().delete_attachment(attachment_id, context)


class ThreadsByLastUse(MemoryStore):
    """A thread moves to the newest end when it is saved or written to."""

    def used(self, thread_id: str, context: Caller) -> None:
        key = self.key(thread_id, context)
        if key in self.threads:
            self.threads[key] = self.threads.pop(key)

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await super().save_thread(thread, context)
        self.used(thread.id, context)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        self.used(thread_id, context)


class AfterAlwaysGiven(MemoryStore):
    """`after` names the last entry also when nothing follows."""

    def cut(self, entries: Mapping[str, Any], ids: list[str], start: int, limit: int) -> Page[Any]:
        page = super().cut(entries, ids, start, limit)
        return Page(data=page.data, has_more=page.has_more, after=page.data[-1].id if page.data else None)


class TimesInUtc(MemoryStore):
    """A time with a zone comes back as the same instant in UTC."""

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        if hasattr(copy, "created_at") and copy.created_at.tzinfo is not None:
            copy.created_at = copy.created_at.astimezone(UTC)
        return copy


class LateItemsSwallowed(MemoryStore):
    """Items for a thread that is not there are accepted and dropped."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if self.key(thread_id, context) in self.threads:
            await super().add_thread_item(thread_id, item, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.add_thread_item(thread_id, item, context)


class FarAway(MemoryStore):
    """Every call takes two milliseconds and more without blocking anybody, as over a network."""

    async def turn(self) -> None:
        await asyncio.sleep(0.002)


class RefusesSurrogates(MemoryStore):
    """What cannot be written as UTF-8 is refused."""

    def keep(self, entry: Any) -> Any:
        entry.model_dump_json()
        return super().keep(entry)


class NoAttachments(MemoryStore):
    """Attachments are not supported, and not claimed."""

    claims = Capabilities(attachments=False)

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        raise TypeError("attachments are not supported")

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        raise NotFoundError(attachment_id)


class SnapshotPages(MemoryStore):
    """A walk sees the thread as it was when the walk began, without what was deleted since."""

    def __init__(self) -> None:
        super().__init__()
        self.snapshots: dict[str, tuple[list[str], int]] = {}

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if limit < 1:
            raise ValueError(limit)
        if after is not None and after not in self.snapshots:
            raise NotFoundError(after)
        ids, start = self.snapshots[after] if after is not None else (self.in_order(entries, order), 0)
        if after is not None and not entries:
            return Page()
        left = [key for key in ids[start:] if key in entries]
        chosen, rest = left[:limit], left[limit:]
        token = None
        if rest:
            token = f"{id(self)}.{len(self.snapshots)}"
            self.snapshots[token] = (rest, 0)
        return Page(data=[self.give(entries[key]) for key in chosen], has_more=bool(rest), after=token)


NEAR_MISSES: tuple[type[Any], ...] = (
    MemoryStore,
    OpaqueCursors,
    OrderedByTimeThenId,
    QuietAboutCursors,
    StrictAboutIds,
    ThreadsByLastUse,
    AfterAlwaysGiven,
    TimesInUtc,
    LateItemsSwallowed,
    FarAway,
    RefusesSurrogates,
    NoAttachments,
    SnapshotPages,
    *ODD,
    *ODD_DATABASES,
    *ODD_DESIGNS,
)
