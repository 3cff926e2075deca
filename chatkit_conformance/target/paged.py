"""Whether a list tool gives its tasks by pages, and how the next is asked for: the newest may be on a later one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .task_reading import TOTAL_KEYS, entry, objects, parsed
from .tools import Tool
from .vocabulary import words

How = Literal["rows", "page", "cursor"]
"""What the argument counts: rows to skip, pages from 1 or 0, or nothing: it takes what the list gave."""

GOES_ON: dict[str, How] = {
    **dict.fromkeys(("offset", "skip", "start", "start_index"), "rows"),
    **dict.fromkeys(("page", "page_number", "page_index", "seite", "pagina"), "page"),
    **dict.fromkeys(
        ("page_token", "cursor", "after", "after_id", "next_token", "continuation_token"),
        "cursor",
    ),
}
"""Arguments that ask a list for what comes after its first page."""

GIVEN = ("next_offset", "next_page", "next_cursor", "next_token", "next_page_token", "continuation_token", "next")
"""Keys under which a list gives the value that asks for its next page."""

KEPT = 3
"""Rows before the newest one that a reading shows: other conversations delete some in between, and add more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """How a list tool's pages are turned: the argument's name, and what it counts."""

    argument: str
    how: How

    def next(self, value: Any, text: str) -> Any:
        """The argument's value for the page after this one, or None. `value`: of this page, or None."""
        spelled = {"_".join(words(key)): found for row in objects(parsed(text)) for key, found in row.items()}
        total = next((n for key in TOTAL_KEYS if isinstance(n := spelled.get(key), int)), None)
        rows = _rows(text)
        begins = value if isinstance(value, int) else 0
        if self.how == "rows" and total is not None and not isinstance(total, bool):
            return max(total - KEPT, begins + len(rows)) if total > begins + len(rows) and rows else None
        given = (spelled[key] for key in GIVEN if key in spelled)
        told = next((v for v in given if isinstance(v, str | int) and not isinstance(v, bool) and v != ""), None)
        if told is not None:
            return int(told) if self.how != "cursor" and str(told).isdigit() else told
        pages = spelled.get("pages", spelled.get("total_pages"))
        more = spelled.get("has_more") or spelled.get("has_next") or (isinstance(pages, int) and pages > (value or 1))
        if not more or self.how == "cursor":
            return None
        return begins + len(rows) if self.how == "rows" else (value or 1) + 1

    def around(self, value: Any, text: str, title: str) -> Any:
        """The value of a reading with this newest task well inside of it, None where no value is needed."""
        at = next((n for n, row in enumerate(_rows(text)) if title in map(str, row.values())), None)
        if self.how != "rows" or at is None:
            return value
        return max(0, (value or 0) + at - KEPT) or None


def turning(tool: Tool) -> Turning | None:
    """How the tool is asked for another page than the first; None where it cannot be."""
    properties = tool.schema.get("properties")
    names = properties if isinstance(properties, dict) else {}
    found = ((name, GOES_ON["_".join(words(name))]) for name in names if "_".join(words(name)) in GOES_ON)
    return next((Turning(argument=name, how=how) for name, how in found), None)


def is_paged(tool: Tool) -> bool:
    """Whether the tool can be asked for another page than the first."""
    return turning(tool) is not None


def _rows(text: str) -> list[dict[str, Any]]:
    """The rows of a list that is a structure."""
    value = parsed(text)
    lists = [value] if isinstance(value, list) else []
    lists += [inner for row in objects(value) for inner in row.values() if isinstance(inner, list)]
    return next(([row for row in found if isinstance(row, dict)] for found in lists if found), [])


def holds(text: str, title: str) -> bool:
    """Whether this page of a list has the task."""
    return entry(text, title) is not None


def read_with(step: Any, name: str, more: Mapping[str, Any]) -> Any:
    """A script's step, in which every call of that tool has these arguments, too."""
    if isinstance(step, list):
        return [read_with(inner, name, more) for inner in step]
    if not isinstance(step, dict):
        return step
    if step.get("name") == name and isinstance(step.get("arguments"), dict):
        return {**step, "arguments": {**step["arguments"], **more}}
    return {key: read_with(inner, name, more) for key, inner in step.items()}
