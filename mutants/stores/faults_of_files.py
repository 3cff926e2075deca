"""Faulty stores: what file names, lines of text and processes do to what they are given."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

from chatkit.store import StoreItemType
from chatkit.types import ThreadItem, ThreadMetadata
from pydantic import BaseModel, TypeAdapter

from mutants.stores.fault import fault
from mutants.stores.json_file import JsonFileStore
from mutants.stores.memory import Caller, Key, MemoryStore

ITEM: TypeAdapter[Any] = TypeAdapter(ThreadItem)


def texts(item: ThreadItem) -> str:
    """What a message says, as it stands in a line of JSON."""
    parts = getattr(item, "content", None)
    said = "".join(str(getattr(part, "text", "")) for part in parts) if isinstance(parts, list) else ""
    return said.translate({ord(char): " " for char in "\n\r\t\v\f\x1c\x1d\x1e"})


@fault("test_writers_on_one_thread_lose_nothing", "sorted(folder.iterdir()) of 1.json, 2.json, ... 10.json")
class TenBeforeTwo(MemoryStore):
    """The tenth item of a thread is listed before the second."""

    def in_order(self, entries: Mapping[str, Any], order: str) -> list[str]:
        names = {str(number): key for number, key in enumerate(entries, start=1)}
        return [names[name] for name in sorted(names, reverse=order == "desc")]


@fault("test_every_item_is_in_one_page_when_times_are_equal", "f'{item.created_at.timestamp()}.json'")
class FileNamedByTime(MemoryStore):
    """An item replaces another one of the same time."""

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Caller) -> None:
        line = self.line(thread_id, context)
        for key, kept in [*line.items()]:
            if kept.created_at == item.created_at and key != item.id:
                del line[key]
        await super().add_thread_item(thread_id, item, context)


@fault(
    "test_text_comes_back_code_point_by_code_point", "open(path, 'w') and read(), which make one newline of three kinds"
)
class NewlinesTranslated(MemoryStore):
    """The two characters that end a line on Windows come back as one."""

    def keep(self, entry: BaseModel) -> Any:
        copy = super().keep(entry)
        if hasattr(copy, "created_at") and hasattr(copy, "thread_id"):
            text = json.dumps(copy.model_dump(mode="json")).replace("\\r\\n", "\\n").replace("\\r", "\\n")
            return ITEM.validate_json(text)
        return copy


@fault(
    "test_text_comes_back_code_point_by_code_point",
    "text.splitlines() on lines of JSON that were written with ensure_ascii=False",
)
class LinesSplitAnywhere(MemoryStore):
    """An item whose text has U+2028 or U+0085 is not in a page any more."""

    def in_order(self, entries: Mapping[str, Any], order: str) -> list[str]:
        whole = {
            key: kept
            for key, kept in entries.items()
            if isinstance(kept, ThreadMetadata) or len(texts(kept).splitlines()) <= 1
        }
        return super().in_order(whole, order)


@fault(
    "test_acknowledged_writes_survive_a_kill",
    "shards[hash(user_id) % len(shards)], and hash() is another one in each process",
)
class ShardsBySaltedHash(JsonFileStore):
    """Another process looks for a user's threads in another place."""

    def key(self, entry_id: str, context: Caller) -> Key:
        return (f"{hash(context.user_id)}", entry_id)

    def own_threads(self, context: Caller) -> dict[str, Any]:
        owner, _ = self.key("", context)
        return {thread_id: kept for (kept_owner, thread_id), kept in self.threads.items() if kept_owner == owner}


@fault("test_ids_are_new_after_reopening", "itertools.count() at the top of a module")
class CounterStartsAgain(JsonFileStore):
    """A store that is opened again gives its ids a second time."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.numbers = itertools.count(1)

    def generate_thread_id(self, context: Caller) -> str:
        return f"thr_{next(self.numbers)}"

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: Caller) -> str:
        return f"{item_type}_{next(self.numbers)}"
