"""Faulty stores that keep a thread and its items as one document."""

from __future__ import annotations

import asyncio
from typing import Any

from chatkit.types import Page, ThreadItem, ThreadMetadata
from pydantic import BaseModel

from mutants.stores.documents import Document, DocumentStore
from mutants.stores.fault import fault
from mutants.stores.memory import Caller
from mutants.stores.sqlite_rows import THREAD

DOCUMENTS = "stores over MongoDB or Firestore"


@fault("test_writers_on_one_thread_lose_nothing", DOCUMENTS)
class GivesUpAfterThreeTries(DocumentStore):
    """A write whose document has a newer version is tried three times, then dropped without a word."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        for _ in range(3):
            if await self.tried(thread_id, item, context):
                return


@fault("test_saving_a_thread_loses_no_item_added_meanwhile", DOCUMENTS)
class ReplacesTheDocument(DocumentStore):
    """save_thread reads the document and replaces it whole: an item that was added in between is lost."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await self.turn()
        found = self.documents.get((context.user_id, thread.id), {"items": [], "version": 0})
        document = {**found, "items": list(found["items"]), "thread": self.keep(thread)}
        await self.turn()
        self.documents[(context.user_id, thread.id)] = document


@fault("test_saving_a_known_item_replaces_it", DOCUMENTS)
class SetsByIndex(DocumentStore):
    """save_item sets `content.0`, `content.1`: an item that is saved with fewer parts keeps the old last ones."""

    def put(self, items: list[Document], kept: Document) -> None:
        for entry in items:
            if entry["id"] == kept["id"] and isinstance(kept.get("content"), list) and "content" in entry:
                kept["content"] += entry["content"][len(kept["content"]) :]
        super().put(items, kept)


def without_empty(value: Any) -> Any:
    """A value as it is written where an attribute cannot be an empty text."""
    if isinstance(value, dict):
        return {key: without_empty(inner) for key, inner in value.items() if inner != ""}
    return value


@fault("test_metadata_comes_back_deep_and_typed", DOCUMENTS)
class NoEmptyText(DocumentStore):
    """Empty texts are left out of metadata and of what client tools are asked and answer."""

    def keep(self, entry: BaseModel) -> Document:
        kept = super().keep(entry)
        free = {"metadata", "arguments", "output"} & kept.keys()
        return kept | {name: without_empty(kept[name]) for name in free}


@fault("test_threads_of_others_take_no_place_on_a_page", DOCUMENTS)
class LimitBeforeOwner(DocumentStore):
    """The list asks for as many threads as the page has, then leaves out those of other users."""

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        await self.turn()
        owners = {document["thread"]["id"]: owner for (owner, _), document in self.documents.items()}
        page = self.page(THREAD, [doc["thread"] for doc in self.documents.values()], after, limit, order)
        page.data = [thread for thread in page.data if owners[thread.id] == context.user_id]
        return page


@fault("test_deleting_a_thread_deletes_its_items", DOCUMENTS)
class IndexComesLater(DocumentStore):
    """The list reads an index that the server brings up to date 30 ms after a thread was saved or deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.index: dict[tuple[str, str], Document] = {}

    def later(self, thread_id: str, context: Caller) -> None:
        key = (context.user_id, thread_id)

        def refresh() -> None:
            self.index.pop(key, None) if key not in self.documents else self.index.__setitem__(
                key, self.documents[key]["thread"]
            )

        asyncio.get_running_loop().call_later(0.03, refresh)

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await super().save_thread(thread, context)
        if (context.user_id, thread.id) not in self.index:
            self.index[(context.user_id, thread.id)] = self.keep(thread)
        self.later(thread.id, context)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await super().delete_thread(thread_id, context)
        self.later(thread_id, context)

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        await self.turn()
        own = [kept for (owner, _), kept in self.index.items() if owner == context.user_id]
        return self.page(THREAD, own, after, limit, order)


@fault("test_a_late_item_does_not_bring_a_thread_back", DOCUMENTS)
class ItemsWithoutThread(DocumentStore):
    """An item for a thread that is not there is written with upsert: it waits for the thread's id to be used again."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[tuple[str, str], list[Document]] = {}

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        if (context.user_id, thread_id) in self.documents:
            await super().save_item(thread_id, item, context)
            return
        self.put(self.waiting.setdefault((context.user_id, thread_id), []), self.keep(item))

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await super().save_thread(thread, context)
        self.documents[(context.user_id, thread.id)]["items"] += self.waiting.pop((context.user_id, thread.id), [])
