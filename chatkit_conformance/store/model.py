"""The plain model beside which a store is run: dictionaries, and what is known of the order that the store chose.

Where the rules leave a choice the model learns the store's: it is told what was accepted, and keeps the order it saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chatkit.types import Attachment, ThreadItem, ThreadMetadata

Entry = ThreadItem | ThreadMetadata


@dataclass(slots=True)
class ModelLine:
    """The entries of one list, when each came and was last touched, and the ascending order last seen.

    `floating` entries changed in a way that may have moved them; nothing is asked of their place.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    came: dict[str, int] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    floating: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)
    seen_at: int = 0
    now: int = 0

    def put(self, entry: Entry) -> None:
        """Insert, or replace in place; an entry whose time changed floats."""
        self.now += 1
        old = self.entries.get(entry.id)
        if old is None:
            self.came[entry.id] = self.now
        elif old.created_at != entry.created_at:
            self.floating.add(entry.id)
        self.entries[entry.id] = entry
        self.touched[entry.id] = self.now

    def touch(self, entry_id: str) -> None:
        """Something happened inside the entry: a list by last use may move it."""
        self.now += 1
        self.touched[entry_id] = self.now

    def remove(self, entry_id: str) -> None:
        self.now += 1
        self.entries.pop(entry_id, None)
        self.floating.discard(entry_id)
        self.seen = [entry for entry in self.seen if entry != entry_id]

    def order_fault(self, ascending: Sequence[str], *, by_use: bool) -> str | None:
        """What is wrong with an ascending listing, or None; the order is remembered for the next one.

        Args:
            by_use: the list may be ordered by last use, so that a touched entry may move.
        """
        fault = self._content_fault(ascending) or self._pair_fault(ascending, by_use)
        self.seen, self.seen_at = list(ascending), self.now
        return fault

    def _content_fault(self, ascending: Sequence[str]) -> str | None:
        if sorted(ascending) == sorted(self.entries):
            return None
        missing = [entry for entry in self.entries if entry not in ascending]
        extra = [entry for entry in ascending if entry not in self.entries]
        return f"missing {missing}, and there though they should not be {extra}; listed: {list(ascending)}"

    def _pair_fault(self, ascending: Sequence[str], by_use: bool) -> str | None:
        before = {entry: index for index, entry in enumerate(self.seen)}
        for index, first in enumerate(ascending):
            for second in ascending[index + 1 :]:
                if first in self.floating or second in self.floating:
                    continue
                if self._must_precede(second, first):
                    older = f"{second!r} is older than {first!r} and came before it"
                    return f"{older}, and is listed after it: {list(ascending)}"
                moved = by_use and max(self.touched[first], self.touched[second]) > self.seen_at
                if first in before and second in before and before[second] < before[first] and not moved:
                    return f"{second!r} and {first!r} changed places; before: {self.seen}, now: {list(ascending)}"
        return None

    def _must_precede(self, one: str, other: str) -> bool:
        older, newer = self.entries[one].created_at, self.entries[other].created_at
        return (
            _comparable(older, newer)
            and older < newer
            and self.came[one] < self.came[other]
            and self.touched[one] < self.touched[other]
        )


@dataclass(slots=True)
class UserData:
    """All that one user has. `ghosts` are threads written to while they did not exist: nothing is known of them.

    `deleted` are ids that were in use once.
    """

    threads: ModelLine = field(default_factory=ModelLine)
    items: dict[str, ModelLine] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    ghosts: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def save_thread(self, thread: ThreadMetadata) -> None:
        self.threads.put(thread)
        self.items.setdefault(thread.id, ModelLine())

    def delete_thread(self, thread_id: str) -> None:
        self.threads.remove(thread_id)
        self.items.pop(thread_id, None)

    def put_item(self, item: ThreadItem) -> None:
        self.items[item.thread_id].put(item)
        self.threads.touch(item.thread_id)

    def delete_item(self, thread_id: str, item_id: str) -> None:
        self.items[thread_id].remove(item_id)
        self.threads.touch(thread_id)

    def elsewhere(self, thread_id: str, item_id: str) -> bool:
        """The user has an item of that id in another thread."""
        return any(item_id in line.entries for other, line in self.items.items() if other != thread_id)


def _comparable(left: datetime, right: datetime) -> bool:
    return (left.tzinfo is None) == (right.tzinfo is None)
