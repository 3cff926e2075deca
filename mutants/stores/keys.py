"""A correct store over a key/value server: strings, and sorted sets that give their members by score, then by name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter

from mutants.stores.memory import Caller
from mutants.stores.sqlite_rows import FILE, ITEM, THREAD


class KeyValueStore(Store[Caller]):
    """Entries are strings under quoted keys; sorted sets hold the ids, scored by a counter when they are new."""

    @staticmethod
    def request_of(user: str) -> Any:
        """The context of one request of a user."""
        return Caller(user_id=user)

    def __init__(self) -> None:
        self.strings: dict[str, str] = {}
        self.sorted_sets: dict[str, dict[str, float]] = {}
        self.counter = 0

    async def turn(self) -> None:
        """The way to the server; what follows it is one transaction there."""
        await asyncio.sleep(0)

    def at(self, *parts: str) -> str:
        """A key; no part can hold its separator."""
        return ":".join(quote(part, safe="") for part in parts)

    def score(self, entry: Any) -> float:
        """The place of a new entry: INCR."""
        self.counter += 1
        return self.counter

    def keep(self, entry: BaseModel) -> str:
        """What is stored for an entry."""
        return entry.model_dump_json(exclude={"items"})

    def put(self, names: str, key: str, entry: Any) -> None:
        """SET, and ZADD NX: an entry that is saved again keeps its place."""
        self.strings[key] = self.keep(entry)
        self.sorted_sets.setdefault(names, {}).setdefault(entry.id, self.score(entry))

    def get(self, kind: TypeAdapter[Any], key: str) -> Any:
        """The entry under the key. Raises NotFoundError."""
        if key not in self.strings:
            raise NotFoundError(f"{key} not found")
        return kind.validate_json(self.strings[key])

    def members(self, names: str) -> list[str]:
        """ZRANGE: by score, then by name."""
        scores = self.sorted_sets.get(names, {})
        return sorted(scores, key=lambda name: (scores[name], name))

    def left(self, scores: Mapping[str, float], ids: list[str], after: str | None) -> list[str]:
        """The ids behind the cursor. Raises NotFoundError."""
        if after is None:
            return ids
        if after not in scores:
            raise NotFoundError(f"cursor {after!r} not found")
        return ids[ids.index(after) + 1 :]

    def page(self, kind: TypeAdapter[Any], names: str, after: str | None, limit: int, order: str) -> Page[Any]:
        """One page. Raises NotFoundError for an unknown cursor, ValueError for a limit below 1."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        ids = self.members(names)
        left = self.left(self.sorted_sets.get(names, {}), ids if order == "asc" else ids[::-1], after)
        data = [self.get(kind, f"{names}:{self.at(name)}") for name in left[:limit]]
        more = self.has_more(names, left, limit)
        return Page(data=data, has_more=more, after=data[-1].id if more else None)

    def has_more(self, names: str, left: list[str], limit: int) -> bool:
        return len(left) > limit

    def threads(self, context: Caller) -> str:
        return self.at("threads", context.user_id)

    def items(self, thread_id: str, context: Caller) -> str:
        return self.at("items", context.user_id, thread_id)

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        await self.turn()
        thread: ThreadMetadata = self.get(THREAD, f"{self.threads(context)}:{self.at(thread_id)}")
        return thread

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await self.turn()
        self.put(self.threads(context), f"{self.threads(context)}:{self.at(thread.id)}", thread)

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        await self.turn()
        return self.page(THREAD, self.threads(context), after, limit, order)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await self.turn()
        self.strings.pop(f"{self.threads(context)}:{self.at(thread_id)}", None)
        self.sorted_sets.get(self.threads(context), {}).pop(thread_id, None)
        self.forget_items(thread_id, context)

    def forget_items(self, thread_id: str, context: Caller) -> None:
        names = self.items(thread_id, context)
        for name in self.sorted_sets.pop(names, {}):
            self.strings.pop(f"{names}:{self.at(name)}", None)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        await self.load_thread(thread_id, context)
        return self.page(ITEM, self.items(thread_id, context), after, limit, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.save_item(thread_id, item, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.turn()
        self.get(THREAD, f"{self.threads(context)}:{self.at(thread_id)}")
        names = self.items(thread_id, context)
        self.put(names, f"{names}:{self.at(item.id)}", item)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        await self.turn()
        item: ThreadItem = self.get(ITEM, f"{self.items(thread_id, context)}:{self.at(item_id)}")
        return item

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await self.turn()
        names = self.items(thread_id, context)
        self.sorted_sets.get(names, {}).pop(item_id, None)
        self.strings.pop(f"{names}:{self.at(item_id)}", None)

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await self.turn()
        self.strings[self.at("file", context.user_id, attachment.id)] = self.keep(attachment)

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        await self.turn()
        attachment: Attachment = self.get(FILE, self.at("file", context.user_id, attachment_id))
        return attachment

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await self.turn()
        self.strings.pop(self.at("file", context.user_id, attachment_id), None)
