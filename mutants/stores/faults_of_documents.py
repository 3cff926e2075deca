"""Faulty stores: what document databases and key-value stores do to what they are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import Page, ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter

from mutants.stores.fault import fault
from mutants.stores.memory import Caller, MemoryStore

ITEM: TypeAdapter[Any] = TypeAdapter(ThreadItem)


def mapped(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """The JSON value with each of its leaves changed."""
    if isinstance(value, dict):
        return {key: mapped(inner, leaf) for key, inner in value.items()}
    if isinstance(value, list):
        return [mapped(inner, leaf) for inner in value]
    return leaf(value)


@fault("test_a_second_save_updates_the_thread", "model_dump(exclude_unset=True)")
class UnsetExcluded(MemoryStore):
    """Metadata that was put into a thread made without any counts as not set, and is lost."""

    def keep(self, entry: BaseModel) -> Any:
        if isinstance(entry, ThreadMetadata):
            given = {name: getattr(entry, name) for name in entry.model_fields_set}
            return ThreadMetadata(**given).model_copy(deep=True)
        return super().keep(entry)


@fault("test_metadata_comes_back_deep_and_typed", "boto3, which gives every number of DynamoDB as Decimal")
class DecimalsComeBack(MemoryStore):
    """Numbers in metadata come back as Decimal, which JSON writes as text."""

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        if isinstance(copy, ThreadMetadata):
            copy.metadata = mapped(
                copy.metadata,
                lambda v: Decimal(str(v)) if isinstance(v, int | float) and v is not True and v is not False else v,
            )
        return copy


@fault("test_metadata_comes_back_deep_and_typed", "convert_empty_values of DynamoDB's mapper")
class EmptyTextIsNull(MemoryStore):
    """Empty text in metadata and in a tool's arguments becomes null."""

    def keep(self, entry: BaseModel) -> Any:
        copy = super().keep(entry)
        for name in ("metadata", "arguments"):
            if isinstance(getattr(copy, name, None), dict):
                setattr(copy, name, mapped(getattr(copy, name), lambda v: None if v == "" else v))
        return copy


@fault("test_metadata_comes_back_deep_and_typed", "update({f'metadata.{key}': value}), whose dots are paths")
class DottedKeysAreNested(MemoryStore):
    """A key with a dot in metadata becomes an object in an object."""

    def keep(self, entry: BaseModel) -> Any:
        copy = super().keep(entry)
        if isinstance(copy, ThreadMetadata):
            metadata: dict[str, Any] = {}
            for key, value in copy.metadata.items():
                *path, last = key.split(".")
                place = metadata
                for part in path:
                    inner = place.get(part)
                    place[part] = inner if isinstance(inner, dict) else {}
                    place = place[part]
                place[last] = value
            copy.metadata = metadata
        return copy


@fault("test_a_large_item_comes_back_whole", "a query without a loop over LastEvaluatedKey")
class MegabytePages(MemoryStore):
    """A page ends after a megabyte, and says that nothing follows."""

    def cut(self, entries: Mapping[str, Any], ids: list[str], start: int, limit: int) -> Page[Any]:
        page = super().cut(entries, ids, start, limit)
        size = 0
        for number, entry in enumerate(page.data):
            size += len(str(entry))
            if size > 1_000_000 and number:
                return Page(data=page.data[:number], has_more=False, after=None)
        return page


@fault("test_has_more_is_exact", "Limit together with FilterExpression")
class LimitBeforeFilter(MemoryStore):
    """Deleted items still count for a page's limit, and the page says that nothing follows."""

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await self.turn()
        line = self.line(thread_id, context)
        if item_id in line:
            line[item_id] = None

    async def load_item(self, thread_id: str, item_id: str, context: Caller) -> ThreadItem:
        if self.line(thread_id, context).get(item_id) is None:
            raise NotFoundError(f"item {item_id!r} not found")
        return await super().load_item(thread_id, item_id, context)

    def cut(self, entries: Mapping[str, Any], ids: list[str], start: int, limit: int) -> Page[Any]:
        rows = [entries[entry_id] for entry_id in ids[start : start + limit + 1]]
        alive = [self.give(row) for row in rows if row is not None]
        more = len(alive) > limit
        return Page(data=alive[:limit], has_more=more, after=alive[limit - 1].id if more else None)


@fault("test_saving_a_known_item_replaces_it", "a sort key of created_at#id")
class TimeIsInTheKey(MemoryStore):
    """An item that is saved with another time is there twice."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await self.turn()
        line = self.line(thread_id, context)
        old = line.get(item.id)
        if old is not None and old.created_at != item.created_at:
            line[f"{old.created_at}#{item.id}"] = old
        line[item.id] = self.keep(item)


@fault("test_saving_a_known_item_replaces_it", "$set: item.model_dump(exclude_none=True)")
class EmptiedFieldsStay(MemoryStore):
    """What a saved item no longer has stays as it was before."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        old = self.line(thread_id, context).get(item.id)
        if old is not None:
            merged = {**old.model_dump(), **item.model_dump(exclude_none=True)}
            item = ITEM.validate_python(merged)
        await super().save_item(thread_id, item, context)


@fault("test_later_items_come_later", "ZADD with int(created_at.timestamp()) as score")
class ScoreInSeconds(MemoryStore):
    """Items of one second are listed by id."""

    def in_order(self, entries: Mapping[str, Any], order: str) -> list[str]:
        def score(key: str) -> tuple[int, str]:
            return int(entries[key].created_at.timestamp()), key

        return sorted(entries, key=score, reverse=order == "desc")


@fault("test_metadata_comes_back_deep_and_typed", "TINYINT(1), as MySQL keeps BOOLEAN")
class BooleansAreNumbers(MemoryStore):
    """True and False in metadata come back as 1 and 0."""

    def give(self, kept: Any) -> Any:
        copy = super().give(kept)
        if isinstance(copy, ThreadMetadata):
            copy.metadata = mapped(copy.metadata, lambda v: int(v) if isinstance(v, bool) else v)
        return copy


@fault("test_metadata_comes_back_deep_and_typed", "json.dumps(item.output) if item.output else None")
class FalsyOutputIsNone(MemoryStore):
    """A tool's output of 0, false, empty text or an empty list becomes none."""

    def keep(self, entry: BaseModel) -> Any:
        copy = super().keep(entry)
        if getattr(copy, "output", True) in (0, "", [], {}):
            copy.output = None
        return copy
