"""More stores that are odd and right: what they keep, how they name it, and what they declare."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from chatkit.store import StoreItemType
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

from chatkit_conformance.store import Capabilities
from mutants.stores.faults_of_caches import CachingStore
from mutants.stores.memory import Caller, MemoryStore


class Session(Caller):
    """A request's session: one call at a time, none after its end."""

    busy: ClassVar[set[int]] = set()
    ended: ClassVar[dict[int, Caller]] = {}


class SessionInContext(MemoryStore):
    """The session is in the request's context: two calls of one request at once, or a call after its end, fail."""

    @staticmethod
    async def request_of(user: str) -> AsyncIterator[Caller]:
        session = Session(user_id=user)
        try:
            yield session
        finally:
            Session.ended[id(session)] = session  # kept, so that no other gets its number

    async def in_session(self, method: str, *given: Any) -> Any:
        session = given[-1]
        if id(session) in Session.busy or id(session) in Session.ended:
            raise RuntimeError("concurrent operations are not permitted on one session, nor any after its end")
        Session.busy.add(id(session))
        try:
            return await getattr(super(), method)(*given)
        finally:
            Session.busy.discard(id(session))

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.in_session("add_thread_item", thread_id, item, context)

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        await self.in_session("save_thread", thread, context)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        page: Page[ThreadItem] = await self.in_session("load_thread_items", thread_id, after, limit, order, context)
        return page


class CachesAndForgets(CachingStore):
    """Everything that was read is kept, until anything is written."""


class IdsAreAddresses(MemoryStore):
    """The ids that it makes have slashes, as addresses of a document database."""

    def generate_thread_id(self, context: Caller) -> str:
        return f"users/{context.user_id}/threads/{uuid.uuid4()}"

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: Caller) -> str:
        return f"{thread.id}/{item_type}/{uuid.uuid4()}"


class TimesAsText(MemoryStore):
    """Times are kept as text: UTC where there was a zone, as they are where there was none."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if not hasattr(copy, "created_at"):
            return copy
        moment = copy.created_at
        return copy, (moment.astimezone(UTC) if moment.tzinfo else moment).isoformat()

    def give(self, kept: Any) -> Any:
        if not isinstance(kept, tuple):
            return super().give(kept)
        copy = super().give(kept[0])
        copy.created_at = datetime.fromisoformat(kept[1])
        return copy


class TimesThroughTimestamps(MemoryStore):
    """A naive time goes through seconds since 1970 and back, both as local time."""

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        moment = getattr(copy, "created_at", None)
        if moment is not None and moment.tzinfo is None:
            copy.created_at = datetime.fromtimestamp(moment.timestamp()).replace(
                microsecond=moment.microsecond
            )  # local, both ways
        return copy


class FiveOnAPage(MemoryStore):
    """A page has five entries at most, whatever the limit; it is declared."""

    claims = Capabilities(largest_page=5)

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().page(entries, after, min(limit, 5), order)


class TitlesByItself(MemoryStore):
    """A thread that is saved without a title gets one, from its id."""

    def keep(self, entry: Any) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, ThreadMetadata) and copy.title is None:
            copy.title = f"Conversation {copy.id[:8]}"
        return copy


class TitledByFirstMessage(MemoryStore):
    """A thread without a title gets that of its first message."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().add_thread_item(thread_id, item, context)
        thread = self.threads[self.key(thread_id, context)]
        if thread.title is None:
            self.threads[self.key(thread_id, context)] = thread.model_copy(update={"title": f"About {item.id}"})


class OneUser(MemoryStore):
    """A store for one person: the context says nothing; it is declared."""

    claims = Capabilities(users=False)

    def key(self, entry_id: str, context: Caller) -> tuple[str, str]:
        return ("me", entry_id)

    def own_threads(self, context: Caller) -> dict[str, Any]:
        return {thread_id: kept for (_, thread_id), kept in self.threads.items()}


class NoIdTwice(MemoryStore):
    """What was deleted is remembered, and its id is refused for ever; it is declared."""

    claims = Capabilities(reuse_of_ids=False)

    def __init__(self) -> None:
        super().__init__()
        self.buried: set[Any] = set()

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        if self.key(thread.id, context) in self.buried:
            raise ValueError(f"{thread.id!r} was deleted")
        await super().save_thread(thread, context)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        if self.key(thread_id, context) in self.threads:
            self.buried.add(self.key(thread_id, context))
        await super().delete_thread(thread_id, context)


class KeysInOrder(MemoryStore):
    """Objects come back with their keys sorted, as PostgreSQL's jsonb has them."""

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        for name in ("metadata", "arguments", "output"):
            if isinstance(getattr(copy, name, None), dict):
                setattr(copy, name, dict(sorted(getattr(copy, name).items())))
        return copy


class OddIdsRefused(MemoryStore):
    """Ids with anything but letters, digits, spaces, `_`, `.` and `-` are refused."""

    def allow(self, *ids: str) -> None:
        for entry_id in ids:
            if not all(char.isalnum() or char in "_-. " for char in entry_id):
                raise ValueError(f"{entry_id!r} is no id")

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        self.allow(thread.id)
        await super().save_thread(thread, context)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.allow(item.id)
        await super().add_thread_item(thread_id, item, context)


class ShortItems(MemoryStore):
    """Items above 60,000 characters are refused; it is declared."""

    claims = Capabilities(largest_item=60_000)

    def keep(self, entry: Any) -> Any:
        if hasattr(entry, "thread_id") and hasattr(entry, "created_at") and len(entry.model_dump_json()) > 400_000:
            raise ValueError("too large")
        return super().keep(entry)


class NumbersAsFloats(MemoryStore):
    """1 comes back as 1.0: JSON has one kind of number."""

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        if isinstance(copy, ThreadMetadata):
            copy.metadata = {k: float(v) if type(v) is int else v for k, v in copy.metadata.items()}
        return copy


class FilesGoWithThreads(MemoryStore):
    """Deleting a thread deletes the files that were attached in it."""

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        await super().delete_thread(thread_id, context)
        for key, kept in [*self.attachments.items()]:
            if key[0] == context.user_id and kept.thread_id == thread_id:
                del self.attachments[key]

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        await super().save_attachment(attachment, context)


class ThreadsAreUuids(MemoryStore):
    """The id of a thread is a UUID, which the store makes; its column takes nothing else. Items have any id."""

    def generate_thread_id(self, context: Caller) -> str:
        return str(uuid.uuid4())

    def checked(self, thread_id: str) -> None:
        try:
            uuid.UUID(thread_id)
        except ValueError as error:
            raise RuntimeError(f"invalid input syntax for type uuid: {thread_id!r}") from error

    def line(self, thread_id: str, context: Caller) -> dict[str, Any]:
        self.checked(thread_id)
        return super().line(thread_id, context)

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        self.checked(thread.id)
        await super().save_thread(thread, context)


class LockedTakesNoQuestions(MemoryStore):
    """A thread that is locked takes no user's message; what the server writes is written. The SDK's kinds have ids."""

    PREFIXES: ClassVar[dict[str, str]] = {
        "message": "m",
        "tool_call": "c",
        "workflow": "w",
        "task": "t",
        "attachment": "f",
        "sdk_hidden_context": "h",
    }

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: Caller) -> str:
        return f"{self.PREFIXES[item_type]}_{uuid.uuid4().hex}"

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        self.line(thread_id, context)
        asked = item.type == "user_message"
        if asked and self.threads[self.key(thread_id, context)].status.type != "active":
            raise PermissionError(f"thread {thread_id!r} is locked")
        await super().add_thread_item(thread_id, item, context)


ODD: tuple[type[MemoryStore], ...] = (
    SessionInContext,
    CachesAndForgets,
    IdsAreAddresses,
    TimesAsText,
    TimesThroughTimestamps,
    FiveOnAPage,
    TitlesByItself,
    TitledByFirstMessage,
    OneUser,
    NoIdTwice,
    KeysInOrder,
    OddIdsRefused,
    ShortItems,
    NumbersAsFloats,
    FilesGoWithThreads,
    ThreadsAreUuids,
    LockedTakesNoQuestions,
)
