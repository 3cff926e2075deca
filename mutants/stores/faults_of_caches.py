"""Faulty stores: caches, and second copies, that some write does not reach."""

from __future__ import annotations

from typing import Any, ClassVar

from chatkit.store import NotFoundError
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

from mutants.stores.fault import fault
from mutants.stores.memory import Caller, MemoryStore


class CachingStore(MemoryStore):
    """Keeps what was read. Right as it is: every write empties the cache."""

    forgets_on: ClassVar[frozenset[str]] = frozenset(
        {
            "save_thread",
            "delete_thread",
            "add_thread_item",
            "save_item",
            "delete_thread_item",
            "save_attachment",
            "delete_attachment",
        }
    )
    keeps: ClassVar[frozenset[str]] = frozenset(
        {"load_thread", "load_threads", "load_thread_items", "load_item", "load_attachment"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[Any, Any] = {}

    def cache_of(self, context: Caller) -> dict[Any, Any]:
        return self.cache

    async def read(self, method: str, context: Caller, *key: Any) -> Any:
        """The answer that is kept, or the store's own."""
        kept, wanted = self.cache_of(context), (method, context.user_id, *key)
        if method not in self.keeps:
            return await getattr(super(), method)(*key, context)
        if wanted not in kept:
            kept[wanted] = await getattr(super(), method)(*key, context)
        return kept[wanted].model_copy(deep=True)

    def wrote(self, method: str, context: Caller) -> None:
        if method in self.forgets_on:
            self.cache_of(context).clear()

    async def load_thread(self, thread_id: str, context: Caller) -> ThreadMetadata:
        return await self.read("load_thread", context, thread_id)  # type: ignore[no-any-return]  # a thread

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        return await self.read("load_threads", context, limit, after, order)  # type: ignore[no-any-return]  # a page

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        return await self.read("load_thread_items", context, thread_id, after, limit, order)  # type: ignore[no-any-return]  # a page

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        return await self.read("load_item", context, thread_id, item_id)  # type: ignore[no-any-return]  # an item

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        return await self.read("load_attachment", context, attachment_id)  # type: ignore[no-any-return]  # a file

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await super().save_thread(thread, context)
        self.wrote("save_thread", context)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await super().delete_thread(thread_id, context)
        self.wrote("delete_thread", context)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        self.wrote("add_thread_item", context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().save_item(thread_id, item, context)
        self.wrote("save_item", context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await super().delete_thread_item(thread_id, item_id, context)
        self.wrote("delete_thread_item", context)

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await super().save_attachment(attachment, context)
        self.wrote("save_attachment", context)

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        await super().delete_attachment(attachment_id, context)
        self.wrote("delete_attachment", context)


READS_SEE = "test_every_read_sees_every_write"
LRU = "functools.lru_cache, Redis, or a dictionary beside the database"


@fault(READS_SEE, LRU)
class PagesKeptAfterDelete(CachingStore):
    """Pages are cached; deleting an item does not empty the cache."""

    keeps = frozenset({"load_thread_items"})
    forgets_on = CachingStore.forgets_on - {"delete_thread_item"}


@fault(READS_SEE, LRU)
class PagesKeptAfterSave(CachingStore):
    """Pages are cached; replacing an item does not empty the cache."""

    keeps = frozenset({"load_thread_items"})
    forgets_on = CachingStore.forgets_on - {"save_item"}


@fault(READS_SEE, LRU)
class ItemKeptAfterSave(CachingStore):
    """Items are cached one by one; replacing one does not empty the cache."""

    keeps = frozenset({"load_item"})
    forgets_on = CachingStore.forgets_on - {"save_item"}


@fault(READS_SEE, LRU)
class ThreadKeptAfterSave(CachingStore):
    """Threads are cached; saving one again does not empty the cache."""

    keeps = frozenset({"load_thread"})
    forgets_on = CachingStore.forgets_on - {"save_thread"}


@fault(READS_SEE, LRU)
class ThreadKeptAfterDelete(CachingStore):
    """Threads are cached; a deleted one is still loaded."""

    keeps = frozenset({"load_thread"})
    forgets_on = CachingStore.forgets_on - {"delete_thread"}


@fault(READS_SEE, LRU)
class ListKeptAfterDelete(CachingStore):
    """The list of threads is cached; a deleted thread is still in it."""

    keeps = frozenset({"load_threads"})
    forgets_on = CachingStore.forgets_on - {"delete_thread"}


@fault(READS_SEE, "a list that is kept beside the threads")
class OldTitlesInList(MemoryStore):
    """The list of threads has the titles they were made with."""

    def __init__(self) -> None:
        super().__init__()
        self.titles: dict[Any, str | None] = {}

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        self.titles.setdefault(self.key(thread.id, context), thread.title)
        await super().save_thread(thread, context)

    async def load_threads(self, limit: int, after: str | None, order: str, context: Caller) -> Page[ThreadMetadata]:
        page = await super().load_threads(limit, after, order, context)
        for entry in page.data:
            entry.title = self.titles[self.key(entry.id, context)]
        return page


@fault("test_what_was_not_found_is_found_once_it_is_saved", "a cache of answers, errors included")
class MissingItemRemembered(MemoryStore):
    """An item that was not found is not looked for again."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: set[Any] = set()

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        wanted = (thread_id, item_id, context)
        if wanted in self.missing:
            raise NotFoundError(item_id)
        try:
            return await super().load_item(thread_id, item_id, context)
        except NotFoundError:
            self.missing.add(wanted)
            raise


@fault(READS_SEE, LRU)
class FileKeptAfterSave(CachingStore):
    """Attachments are cached; saving one again does not empty the cache."""

    keeps = frozenset({"load_attachment"})
    forgets_on = CachingStore.forgets_on - {"save_attachment"}


@fault("test_one_request_sees_what_it_wrote", "an identity map in the request's context")
class CachedInTheRequest(CachingStore):
    """What a request has read it reads again as it was, also after it has written itself."""

    forgets_on = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self.caches: dict[int, tuple[Caller, dict[Any, Any]]] = {}

    def cache_of(self, context: Caller) -> dict[Any, Any]:
        # The context is kept too, so that no other gets its number.
        return self.caches.setdefault(id(context), (context, {}))[1]


@fault("test_nothing_of_one_user_is_read_by_another", "a cache whose key is the id alone")
class CacheForEverybody(CachingStore):
    """Pages are cached by thread, and given to whoever asks."""

    keeps = frozenset({"load_thread_items"})

    async def read(self, method: str, context: Caller, *key: Any) -> Any:
        wanted = (method, *key)
        if method not in self.keeps:
            return await super().read(method, context, *key)
        if wanted not in self.cache:
            self.cache[wanted] = await super().read(method, context, *key)
        return self.cache[wanted].model_copy(deep=True)
