"""Faulty stores whose INSERT ... ON CONFLICT, comparisons or columns are a little wrong."""

from __future__ import annotations

import json
import unicodedata
from datetime import datetime
from typing import Any, ClassVar

from chatkit.store import NotFoundError
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import BaseModel

from mutants.stores.fault import fault
from mutants.stores.memory import Caller
from mutants.stores.sqlite_rows import FILE, ITEM, SqliteStore

ORM = "stores over SQLAlchemy"
SQL = "stores over SQL"


@fault("test_what_a_second_save_leaves_out_is_gone", SQL)
class OldReason(SqliteStore):
    """`reason = COALESCE(excluded.reason, reason)`: a thread locked again without a reason gets the old one."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        kept = json.loads(self.keep(thread))
        before = await self.sql(self.LOAD_THREAD, owner=context.user_id, thread=thread.id)
        if before and "reason" in kept["status"] and kept["status"]["reason"] is None:
            kept["status"]["reason"] = json.loads(before[0]["body"])["status"].get("reason")
        await self.sql(self.SAVE_THREAD, owner=context.user_id, id=thread.id, body=json.dumps(kept))


@fault("test_a_second_save_updates_the_thread", ORM)
class CreatedWhenUpdated(SqliteStore):
    """The column of created_at has `onupdate=now`: a renamed thread was created just now."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        if await self.sql(self.LOAD_THREAD, owner=context.user_id, thread=thread.id):
            now = datetime.now(thread.created_at.tzinfo)
            thread = thread.model_copy(update={"created_at": now})
        await super().save_thread(thread, context)


@fault("test_a_second_save_updates_the_thread", ORM)
class MetadataChangedInPlace(SqliteStore):
    """The session sees no change inside a JSON column: new metadata is written only with a new title."""

    async def save_thread(self, thread: ThreadMetadata, context: Caller) -> None:
        before = await self.sql(self.LOAD_THREAD, owner=context.user_id, thread=thread.id)
        if before:
            old, new = json.loads(before[0]["body"]), json.loads(self.keep(thread))
            if {**old, "metadata": None} == {**new, "metadata": None} and new["metadata"]:
                return
        await super().save_thread(thread, context)


@fault("test_descending_is_the_reverse_of_ascending", SQL)
class WrongTuple(SqliteStore):
    """Pages compare `t >= edge_t AND n > edge_n`, column by column: a clock that went back hides items."""

    TABLES: ClassVar[str] = SqliteStore.TABLES.replace("type TEXT, body TEXT", "type TEXT, t REAL, body TEXT").replace(
        "items (owner, thread, n)", "items (owner, thread, t, n)"
    )
    SAVE_ITEM: ClassVar[str] = (
        "INSERT INTO items (owner, thread, id, type, t, body) VALUES (:owner, :thread, :id, :type, :t, :body)"
        " ON CONFLICT (owner, thread, id) DO UPDATE SET type = excluded.type, t = excluded.t, body = excluded.body"
    )

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        values = {"owner": context.user_id, "thread": thread_id, "id": item.id, "type": item.type}
        await self.sql(self.LOAD_THREAD, self.SAVE_ITEM, **values, t=item.created_at.timestamp(), body=self.keep(item))

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Caller
    ) -> Page[ThreadItem]:
        await self.load_thread(thread_id, context)
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        own = "owner = :owner AND thread = :thread"
        values: dict[str, Any] = {"owner": context.user_id, "thread": thread_id}
        if after is not None:
            edge = await self.sql(f"SELECT t, n FROM items WHERE {own} AND id = :id", **values, id=after)  # noqa: S608  # constants
            if not edge:
                raise NotFoundError(f"cursor {after!r} not found")
            own += " AND t >= :t AND n > :n" if order == "asc" else " AND t <= :t AND n < :n"
            values |= {"t": edge[0]["t"], "n": edge[0]["n"]}
        query = f"SELECT body, type FROM items WHERE {own} ORDER BY t {order}, n {order} LIMIT :limit"  # noqa: S608  # constants
        rows = await self.sql(query, **values, limit=min(limit, 2**31) + 1)
        return self.cut(ITEM, rows, limit)


@fault("test_times_keep_their_microseconds", SQL)
class TruncatedMicroseconds(SqliteStore):
    """Seconds and `int(timestamp % 1 * 1_000_000)` are two columns: most times come back a microsecond earlier."""

    def keep(self, entry: BaseModel) -> str:
        created = getattr(entry, "created_at", None)
        if created is not None:
            fraction = int(created.timestamp() % 1 * 1_000_000)
            entry = entry.model_copy(update={"created_at": created.replace(microsecond=fraction)})
        return super().keep(entry)


def without_accents(text: str) -> str:
    """A text as a collation compares it that knows no accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


@fault("test_ids_with_odd_characters_are_ids", "stores over MySQL with utf8mb4_general_ci")
class IdsWithoutAccents(SqliteStore):
    """The collation of the item's id knows no accents: `ré` is `re`."""

    async def sql(self, *statements: str, **values: Any) -> Any:
        if "type" in values:
            rows = await super().sql("SELECT id FROM items WHERE owner = :owner AND thread = :thread", **values)
            same = [r["id"] for r in rows if without_accents(r["id"]) == without_accents(values["id"])]
            values["id"] = same[0] if same else values["id"]
        return await super().sql(*statements, **values)


@fault("test_long_values_of_short_fields_come_back", SQL)
class CallIdsOfSixtyFour(SqliteStore):
    """The column of call_id holds 64 characters: the client answers a call that nobody made."""

    def keep(self, entry: BaseModel) -> str:
        call_id = getattr(entry, "call_id", None)
        return super().keep(entry.model_copy(update={"call_id": call_id[:64]}) if call_id else entry)


@fault("test_saving_an_attachment_again_replaces_it", SQL)
class DescriptorKept(SqliteStore):
    """`upload_descriptor = COALESCE(excluded.upload_descriptor, upload_descriptor)`: the upload never ends."""

    async def save_attachment(self, attachment: Attachment, context: Caller) -> None:
        rows = await self.sql(self.LOAD_FILE, owner=context.user_id, id=attachment.id)
        if rows and attachment.upload_descriptor is None:
            before = self.give(FILE, rows[0])
            attachment = attachment.model_copy(update={"upload_descriptor": before.upload_descriptor})
        await super().save_attachment(attachment, context)


@fault("test_attachments_are_their_owners_alone", SQL)
class FileTakenOver(SqliteStore):
    """The id alone is the key of files, and an upsert writes the owner: who saves an id of another has the file."""

    TABLES: ClassVar[str] = SqliteStore.TABLES + "CREATE UNIQUE INDEX files_by_id ON files (id);"
    SAVE_FILE: ClassVar[str] = (
        "INSERT INTO files (owner, id, thread, body) VALUES (:owner, :id, :thread, :body)"
        " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, thread = excluded.thread, body = excluded.body"
    )


@fault("test_a_saved_thread_is_loaded_in_every_field", ORM)
class ClosedIsLocked(SqliteStore):
    """The status is a column `is_active` and a reason: a closed thread comes back locked."""

    def keep(self, entry: BaseModel) -> str:
        kept = json.loads(super().keep(entry))
        if isinstance(entry, ThreadMetadata) and kept["status"]["type"] == "closed":
            kept["status"]["type"] = "locked"
        return json.dumps(kept)


@fault("test_allowed_image_domains_are_kept", SQL)
class NoDomainsIsNull(SqliteStore):
    """`json.dumps(domains) if domains else None`: a thread that allows no images allows all."""

    def keep(self, entry: BaseModel) -> str:
        kept = json.loads(super().keep(entry))
        if isinstance(entry, ThreadMetadata):
            kept["allowed_image_domains"] = kept["allowed_image_domains"] or None
        return json.dumps(kept)
