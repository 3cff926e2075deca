"""A correct store over a document server: one document for each thread, its items an array in it."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import Any

from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter

from mutants.stores.memory import Caller
from mutants.stores.sqlite_rows import FILE, ITEM, THREAD

Document = dict[str, Any]


class DocumentStore(Store[Caller]):
    """Documents in the order of insertion; each operator ($push, $set, $pull) is one step on the server."""

    @staticmethod
    def request_of(user: str) -> Any:
        """The context of one request of a user."""
        return Caller(user_id=user)

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Document] = {}
        self.files: dict[tuple[str, str], Document] = {}

    async def turn(self) -> None:
        """The way to the server."""
        await asyncio.sleep(0)

    def keep(self, entry: BaseModel) -> Document:
        """What is stored for an entry."""
        kept: Document = json.loads(entry.model_dump_json(exclude={"items"}))
        return kept

    def document(self, thread_id: str, context: Caller) -> Document:
        """The thread's document itself, on the server. Raises NotFoundError."""
        found = self.documents.get((context.user_id, thread_id))
        if found is None:
            raise NotFoundError(f"thread {thread_id!r} not found")
        return found

    def read(self, kind: TypeAdapter[Any], kept: Document) -> Any:
        return kind.validate_python(copy.deepcopy(kept))

    def page(
        self, kind: TypeAdapter[Any], entries: list[Document], after: str | None, limit: int, order: str
    ) -> Page[Any]:
        """One page. Raises NotFoundError for an unknown cursor, ValueError for a limit below 1."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        ids = [entry["id"] for entry in entries]
        if after is not None and after not in ids:
            raise NotFoundError(f"cursor {after!r} not found")
        if order == "asc":
            begin = 0 if after is None else ids.index(after) + 1
            chosen, more = entries[begin : begin + limit], begin + limit < len(ids)
        else:
            end = len(ids) if after is None else ids.index(after)
            chosen, more = entries[max(end - limit, 0) : end][::-1], end > limit
        data = [self.read(kind, entry) for entry in chosen]
        return Page(data=data, has_more=more, after=data[-1].id if more else None)

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        await self.turn()
        thread: ThreadMetadata = self.read(THREAD, self.document(thread_id, context)["thread"])
        return thread

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await self.turn()
        document = self.documents.setdefault((context.user_id, thread.id), {"items": [], "version": 0})
        document["thread"] = self.keep(thread)
        document["version"] += 1

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        await self.turn()
        own = [document["thread"] for (owner, _), document in self.documents.items() if owner == context.user_id]
        return self.page(THREAD, own, after, limit, order)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await self.turn()
        self.documents.pop((context.user_id, thread_id), None)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        await self.turn()
        return self.page(ITEM, self.document(thread_id, context)["items"], after, limit, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.save_item(thread_id, item, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.turn()
        document = self.document(thread_id, context)
        self.put(document["items"], self.keep(item))
        document["version"] += 1

    async def tried(self, thread_id: str, item: ThreadItem, context: Caller) -> bool:
        """Whether a write got through: it changes nothing where the document has a newer version meanwhile."""
        await self.turn()
        document = self.document(thread_id, context)
        version, items = document["version"], list(document["items"])
        self.put(items, self.keep(item))
        await self.turn()
        if self.document(thread_id, context)["version"] != version:
            return False
        document["items"], document["version"] = items, version + 1
        return True

    def put(self, items: list[Document], kept: Document) -> None:
        """$set in its place, $push when there is none."""
        for place, entry in enumerate(items):
            if entry["id"] == kept["id"]:
                items[place] = kept
                return
        items.append(kept)

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        await self.turn()
        for entry in self.document(thread_id, context)["items"]:
            if entry["id"] == item_id:
                item: ThreadItem = self.read(ITEM, entry)
                return item
        raise NotFoundError(f"item {item_id!r} not found")

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await self.turn()
        document = self.document(thread_id, context)
        document["items"] = [entry for entry in document["items"] if entry["id"] != item_id]
        document["version"] += 1

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await self.turn()
        self.files[(context.user_id, attachment.id)] = self.keep(attachment)

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        await self.turn()
        kept = self.files.get((context.user_id, attachment_id))
        if kept is None:
            raise NotFoundError(f"attachment {attachment_id!r} not found")
        attachment: Attachment = self.read(FILE, kept)
        return attachment

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await self.turn()
        self.files.pop((context.user_id, attachment_id), None)
