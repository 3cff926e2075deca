"""Faulty stores: users who reach what is not theirs."""

from __future__ import annotations

from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

from mutants.stores.fault import SDK_GUIDE, SDK_SAMPLE, fault
from mutants.stores.memory import Caller, MemoryStore


@fault("test_nothing_of_one_user_is_read_by_another")
class EverybodysThreads(MemoryStore):
    """The list of threads is everybody's."""

    def own_threads(self, context: Caller) -> dict[str, Any]:
        return {thread_id: kept for (_, thread_id), kept in self.threads.items()}


@fault("test_nothing_of_one_user_is_read_by_another")
class PagesForAnyone(MemoryStore):
    """Pages of items are found by thread id alone."""

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        owner = next((owner for owner, known in self.threads if known == thread_id), context.user_id)
        return await super().load_thread_items(thread_id, after, limit, order, Caller(user_id=owner))


@fault("test_nothing_of_one_user_is_read_by_another")
class ItemsForAnyone(MemoryStore):
    """`load_item` does not ask whose thread it is."""

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        owner = next((owner for owner, known in self.threads if known == thread_id), context.user_id)
        return await super().load_item(thread_id, item_id, Caller(user_id=owner))


@fault("test_nothing_of_one_user_is_changed_by_another")
class AnyoneDeletes(MemoryStore):
    """`delete_thread` deletes by id alone."""

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        for owner in [owner for owner, known in self.threads if known == thread_id]:
            await super().delete_thread(thread_id, Caller(user_id=owner))


@fault("test_nothing_of_one_user_is_changed_by_another")
class AnyoneRewrites(MemoryStore):
    """`save_item` updates by item id alone."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        for line in self.items.values():
            if item.id in line:
                line[item.id] = self.keep(item)
                return
        await super().save_item(thread_id, item, context)


@fault("test_nothing_of_one_user_is_changed_by_another")
class SavingTakesOver(MemoryStore):
    """`save_thread` with another user's id makes the thread one's own: ON CONFLICT DO UPDATE SET user_id."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        for owner in [owner for owner, known in self.threads if known == thread.id and owner != context.user_id]:
            self.items[self.key(thread.id, context)] = self.items.pop((owner, thread.id))
            del self.threads[owner, thread.id]
        await super().save_thread(thread, context)


@fault("test_ids_of_one_user_never_block_another", SDK_GUIDE)
class IdsBlock(MemoryStore):
    """An id is taken when any user has it: the key is the id alone."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        if any(known == thread.id and owner != context.user_id for owner, known in self.threads):
            raise RuntimeError("duplicate key value violates unique constraint")
        await super().save_thread(thread, context)


@fault("test_ids_of_one_user_never_block_another")
class ForeignIdIgnored(MemoryStore):
    """Saving a thread under an id that another user has is acknowledged and dropped: DO UPDATE WHERE user_id = ..."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        if not any(known == thread.id and owner != context.user_id for owner, known in self.threads):
            await super().save_thread(thread, context)


@fault("test_attachments_are_their_owners_alone", SDK_SAMPLE)
class AttachmentForAnyone(MemoryStore):
    """An attachment is loaded by id alone; 'consider checking user_id' stands beside it."""

    async def load_attachment(self, attachment_id: str, context: Caller) -> Attachment:
        for (_, known), kept in self.attachments.items():
            if known == attachment_id:
                return self.give(kept)  # type: ignore[no-any-return]  # an attachment
        raise NotFoundError(attachment_id)


@fault("test_attachments_are_their_owners_alone")
class AnyoneDeletesAttachments(MemoryStore):
    """An attachment is deleted by id alone."""

    async def delete_attachment(self, attachment_id: str, context: Caller) -> None:
        self.attachments = {key: kept for key, kept in self.attachments.items() if key[1] != attachment_id}
