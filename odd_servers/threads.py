"""Threads and their items, in memory, and in a file where the server keeps them."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from .habits import Habits

JSON = Any


class NotThere(Exception):
    """The user has no such thread or item."""


@dataclass(slots=True, kw_only=True)
class Row:
    """One thread."""

    id: str
    owner: str
    created_at: str
    title: str | None = None
    counted: int = 0
    items: list[dict[str, JSON]] = field(default_factory=list)


def _counting() -> Callable[[str], str]:
    # A start begins where no earlier one can have been: a counter that began at 1 again would name two things alike.
    numbers = itertools.count(time.time_ns() // 1000)
    return lambda kind: str(next(numbers))


IDS: Mapping[str, Callable[[], Callable[[str], str]]] = {
    "uuid": lambda: lambda kind: str(uuid.uuid4()),
    "counter": _counting,
    "signs": lambda: lambda kind: f"{kind}:λ/{uuid.uuid4().hex}=",
    "per-thread": lambda: lambda kind: str(uuid.uuid4()),
    "long": lambda: lambda kind: f"{kind}_{uuid.uuid4().hex}_{'x' * 160}",
}

TIMES: Mapping[str, Callable[[], str]] = {
    "utc": lambda: datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    "zone": lambda: datetime.now(timezone(timedelta(hours=2))).isoformat(),
    "seconds": lambda: datetime.now(UTC).replace(microsecond=0).isoformat(),
}


class Threads:
    """All threads of all users.

    Args:
        habits: of this server. file: where they are kept, or None.
    """

    def __init__(self, habits: Habits, file: Path | None) -> None:
        self._page = habits.page
        self._file = file
        self._new_id, self._per_thread = IDS[habits.ids](), habits.ids == "per-thread"
        self.now = TIMES[habits.times]
        self._rows: dict[str, Row] = {}
        self._order = itertools.count()
        if file and file.exists():
            self._rows = {row["id"]: Row(**row) for row in json.loads(file.read_text("utf-8"))}

    def new_id(self, kind: str, row: Row | None = None) -> str:
        """An id for a thread, or for an item of this one: where threads count their own, another has it, too."""
        if row is None or not self._per_thread:
            return self._new_id(kind)
        row.counted += 1
        return f"{kind}-{row.counted}"

    def create(self, owner: str) -> Row:
        """A new thread, not yet seen by anyone else."""
        row = Row(id=self.new_id("thread"), owner=owner, created_at=self.now())
        self._rows[row.id] = row
        return row

    def get(self, owner: str, id: JSON) -> Row:
        """The user's thread. Raises NotThere."""
        row = self._rows.get(id) if isinstance(id, str) else None
        if row is None or row.owner != owner:
            raise NotThere("thread not found")
        return row

    def delete(self, owner: str, id: JSON) -> None:
        """Forget the user's thread. Raises NotThere."""
        del self._rows[self.get(owner, id).id]
        self.save()

    def mine(self, owner: str) -> list[Row]:
        """The user's threads, oldest first."""
        return [row for row in self._rows.values() if row.owner == owner]

    def put(self, row: Row, item: dict[str, JSON]) -> None:
        """Keep an item, in the place of the one with its id."""
        at = next((n for n, known in enumerate(row.items) if known["id"] == item["id"]), None)
        if at is None:
            row.items.append(item)
        else:
            row.items[at] = item
        self.save()

    def save(self) -> None:
        """Write them down, where they are kept."""
        if self._file:
            rows = [{name: getattr(row, name) for name in Row.__slots__} for row in self._rows.values()]
            new = self._file.with_suffix(".new")
            new.write_text(json.dumps(rows), "utf-8")
            new.replace(self._file)

    def meta(self, row: Row) -> dict[str, JSON]:
        """The thread without its items."""
        return {
            "id": row.id,
            "title": row.title,
            "created_at": row.created_at,
            "status": {"type": "active"},
            "metadata": {},
        }

    def whole(self, row: Row) -> dict[str, JSON]:
        """The thread with its first page of items."""
        return {**self.meta(row), "items": self.page(row.items, {"limit": 100, "order": "asc"}, "asc")}

    def page(self, rows: list[dict[str, JSON]], asked: Mapping[str, JSON], order: str = "desc") -> dict[str, JSON]:
        """One page of rows that are given oldest first. Raises NotThere for a cursor that names none of them."""
        rows = list(rows) if (asked.get("order") or order) == "asc" else rows[::-1]
        if (after := asked.get("after")) is not None:
            at = next((n for n, row in enumerate(rows) if row["id"] == after), None)
            if at is None:
                raise NotThere("no such cursor")
            rows = rows[at + 1 :]
        wanted = asked.get("limit")
        size = min(20 if wanted is None else wanted, self._page)
        data = rows[:size]
        more = len(rows) > len(data)
        return {"data": data, "has_more": more, "after": data[-1]["id"] if more else None}


def texts(item: Mapping[str, JSON]) -> Iterator[str]:
    """The words of an item, part by part."""
    yield from (str(part["text"]) for part in item.get("content", ()) if "text" in part)
