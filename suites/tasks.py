"""A task as it stands in a tool's result text: an object in JSON, or a line of text. Every server has its own shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Entry = dict[str, Any] | str

_DONE_KEYS = ("completed", "is_completed", "complete", "is_complete", "done", "is_done", "finished", "checked")
_STATE_KEYS = ("status", "state")
_DONE_WORDS = ("completed", "complete", "done", "finished", "closed")


def entry(text: str, title: str) -> Entry | None:
    """The smallest piece of a result that holds the title: a JSON object, else the line. None where it is nowhere."""
    try:
        value = json.loads(text)
    except ValueError:
        return next((line for line in text.splitlines() if title in line), None)
    found = [row for row in _objects(value) if title in row.values()]
    if found:
        return found[-1]
    flat = json.dumps(value, ensure_ascii=False)
    return flat if title in flat else None


def ids_of(text: str, title: str) -> set[str]:
    """The ids of the tasks with this title in a result that is JSON; empty where it tells none."""
    try:
        value = json.loads(text)
    except ValueError:
        return set()
    rows = [row for row in _objects(value) if title in row.values()]
    return {str(row[key]) for row in rows for key in ("id", "task_id", "uuid") if key in row}


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, outer before inner; JSON texts inside strings are looked into."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)
    elif isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            yield from _objects(json.loads(value))
        except ValueError:
            return


def is_completed(found: Entry) -> bool | None:
    """Whether an entry says that its task is completed; None where it does not say it in words that we know."""
    if isinstance(found, str):
        return None
    for key in _DONE_KEYS:
        if isinstance(found.get(key), bool):
            return bool(found[key])
    for key in _STATE_KEYS:
        if isinstance(found.get(key), str):
            return found[key].lower() in _DONE_WORDS
    if "completed_at" in found:
        return found["completed_at"] is not None
    return None
