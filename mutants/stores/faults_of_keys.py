"""Faulty stores over a key/value server with sorted sets."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping
from typing import Any

from chatkit.types import ThreadItem, ThreadMetadata
from pydantic import BaseModel

from mutants.stores.fault import fault
from mutants.stores.keys import KeyValueStore
from mutants.stores.memory import Caller

KEYS = "stores over Redis"


@fault("test_later_items_come_later", KEYS)
class MillisecondScores(KeyValueStore):
    """Items are scored by the millisecond of their time, and within one of them ordered by id."""

    def score(self, entry: Any) -> float:
        return int(entry.created_at.timestamp() * 1000)


@fault("test_threads_are_paged_like_items", KEYS)
class ThreadsBehindTheScore(KeyValueStore):
    """The next page of threads begins behind the cursor's time: threads of the same time are skipped."""

    def score(self, entry: Any) -> float:
        if isinstance(entry, ThreadMetadata):
            return entry.created_at.timestamp()
        return super().score(entry)

    def left(self, scores: Mapping[str, float], ids: list[str], after: str | None) -> list[str]:
        left = super().left(scores, ids, after)
        return left if after is None else [name for name in left if scores[name] != scores[after]]


@fault("test_a_replaced_item_keeps_its_place", KEYS)
class ScoredAgainBySave(KeyValueStore):
    """save_item is ZADD without NX: an item that is saved again moves to the end."""

    async def save_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().save_item(thread_id, item, context)
        self.sorted_sets[self.items(thread_id, context)][item.id] = self.score(item)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        await super().save_item(thread_id, item, context)


@fault("test_ids_with_odd_characters_are_ids", KEYS)
class DeletesByPattern(KeyValueStore):
    """delete_thread deletes the keys that match `items:user:thread:*`: an id with `*`, `?` or `[` names others too."""

    def at(self, *parts: str) -> str:
        return ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)

    def forget_items(self, thread_id: str, context: Caller) -> None:
        names = self.items(thread_id, context)
        for key in fnmatch.filter(list(self.strings), f"{names}:*"):
            del self.strings[key]
        for key in fnmatch.filter(list(self.sorted_sets), names):
            del self.sorted_sets[key]


@fault("test_has_more_is_exact", KEYS)
class CountsByCounter(KeyValueStore):
    """has_more comes from a counter of items, which deleting an unknown item counts down as well."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    def put(self, names: str, key: str, entry: Any) -> None:
        if key not in self.strings:
            self.counts[names] = self.counts.get(names, 0) + 1
        super().put(names, key, entry)

    def has_more(self, names: str, left: list[str], limit: int) -> bool:
        before = len(self.sorted_sets.get(names, {})) - len(left)
        return bool(left) and before + limit < self.counts.get(names, 0)

    def forget_items(self, thread_id: str, context: Caller) -> None:
        super().forget_items(thread_id, context)
        self.counts.pop(self.items(thread_id, context), None)

    async def delete_thread(self, thread_id: str, context: Caller) -> None:
        if f"{self.threads(context)}:{self.at(thread_id)}" in self.strings:
            self.counts[self.threads(context)] -= 1
        await super().delete_thread(thread_id, context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Caller) -> None:
        await super().delete_thread_item(thread_id, item_id, context)
        names = self.items(thread_id, context)
        self.counts[names] = self.counts.get(names, 0) - 1


def in_lua(value: Any) -> Any:
    """What a script of the server makes of JSON: an empty table is an object."""
    if isinstance(value, dict):
        return {key: in_lua(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [in_lua(inner) for inner in value] if value else {}
    return value


@fault("test_metadata_comes_back_deep_and_typed", KEYS)
class EmptyTables(KeyValueStore):
    """A script on the server writes the metadata of threads: an empty list comes back as an empty object."""

    def keep(self, entry: BaseModel) -> str:
        if not isinstance(entry, ThreadMetadata):
            return super().keep(entry)
        return json.dumps(json.loads(super().keep(entry)) | {"metadata": in_lua(entry.metadata)}, default=str)


def of_fourteen_digits(value: Any) -> Any:
    """Numbers as that script writes them."""
    if isinstance(value, dict):
        return {key: of_fourteen_digits(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [of_fourteen_digits(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**14:
        return float(f"{value:.14g}")
    return value


@fault("test_metadata_comes_back_deep_and_typed", KEYS)
class FourteenDigits(KeyValueStore):
    """A script on the server writes what client tools answered: numbers keep fourteen digits."""

    def keep(self, entry: BaseModel) -> str:
        kept = json.loads(super().keep(entry))
        if kept.get("type") == "client_tool_call":
            kept["output"] = of_fourteen_digits(kept["output"])
        return json.dumps(kept)
