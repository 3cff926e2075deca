"""Faulty stores on SQLite: statements that were written in a hurry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from chatkit.store import NotFoundError
from chatkit.types import Page, ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter

from mutants.stores.fault import fault
from mutants.stores.memory import Caller
from mutants.stores.sqlite_rows import TABLES, SqliteStore


@fault("test_threads_are_paged_like_items", "LEFT JOIN items, for a preview in the list")
class ThreadOncePerItem(SqliteStore):
    """The list names a thread once for each of its items."""

    THREADS: ClassVar[str] = (
        "SELECT t.body AS body, t.n * 1000000 + coalesce(i.n, 0) AS n, t.id AS id FROM threads t"
        " LEFT JOIN items i ON i.owner = t.owner AND i.thread = t.id WHERE t.owner = :owner"
    )


@fault("test_threads_are_paged_like_items", "LIMIT on a query with joinedload, then .unique()")
class LimitCountsJoinedRows(SqliteStore):
    """The list's limit counts the items of its threads: threads are missing, and nothing is said to follow."""

    THREADS: ClassVar[str] = ThreadOncePerItem.THREADS

    def cut(self, kind: TypeAdapter[Any], rows: Sequence[Any], limit: int) -> Page[Any]:
        unique = list({row["id"]: row for row in rows}.values())
        return super().cut(kind, unique, limit)


@fault("test_users_are_compared_exactly", "a column of e-mail addresses with COLLATE NOCASE")
class OwnersIgnoreCase(SqliteStore):
    """Users whose names differ in case alone share their threads."""

    TABLES: ClassVar[str] = TABLES.replace("owner TEXT", "owner TEXT COLLATE NOCASE")


@fault("test_users_with_names_alike_are_two", "VARCHAR(24), in a database that cuts in silence")
class OwnersCut(SqliteStore):
    """Users whose names have the first 24 characters in common share their threads."""

    async def sql(self, *statements: str, **values: Any) -> Sequence[Any]:
        return await super().sql(*statements, **{**values, "owner": values["owner"][:24]})


@fault("test_saving_a_known_item_replaces_it", "a column for the type that the upsert forgets")
class TypeStaysOnSave(SqliteStore):
    """An item that is replaced by one of another type keeps its old type."""

    SAVE_ITEM: ClassVar[str] = SqliteStore.SAVE_ITEM.replace("type = excluded.type, ", "")

    def give(self, kind: TypeAdapter[Any], row: Any) -> Any:
        body = json.loads(row["body"])
        if "type" in row.keys():  # noqa: SIM118  # a row of sqlite3 holds values, not names
            body["type"] = row["type"]
        return kind.validate_python(body)


@fault(
    "test_deleting_a_thread_leaves_other_files_alone",
    "WHERE thread_id IS NULL OR thread_id = :thread, to collect what is left",
)
class LooseFilesGoToo(SqliteStore):
    """Deleting a thread deletes every file that is in no thread yet."""

    DELETE_THREAD: ClassVar[tuple[str, ...]] = (
        *SqliteStore.DELETE_THREAD,
        "DELETE FROM files WHERE owner = :owner AND (thread IS NULL OR thread = :thread)",
    )


@fault("test_text_comes_back_code_point_by_code_point", "VARCHAR(100), in a database that cuts in silence")
class TitleCut(SqliteStore):
    """A title of more than 100 characters is cut."""

    def keep(self, entry: BaseModel) -> str:
        if isinstance(entry, ThreadMetadata) and entry.title:
            entry = entry.model_copy(update={"title": entry.title[:100]})
        return super().keep(entry)


@fault("test_ids_of_one_user_never_block_another", "an owner in the table of threads alone")
class ItemsOfNamesakesGo(SqliteStore):
    """Deleting a thread deletes the items of every user's thread of that id."""

    DELETE_THREAD: ClassVar[tuple[str, ...]] = (
        SqliteStore.DELETE_THREAD[0],
        "DELETE FROM items WHERE thread = :thread",
    )


@fault("test_long_threads_and_lists_are_whole", "next(item for item in page.data if item.id == item_id)")
class ItemSoughtInFirstPage(SqliteStore):
    """An item is found among the first hundred of its thread alone."""

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        page = await self.load_thread_items(thread_id, None, 100, "asc", context)
        for item in page.data:
            if item.id == item_id:
                return item
        raise NotFoundError(f"item {item_id!r} not found")
