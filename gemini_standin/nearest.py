"""The nearest of the names that exist, for messages about one that does not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that looks most like `name`, or None where none comes near."""
    found = get_close_matches(name, list(names), n=1, cutoff=0.5)
    return found[0] if found else None


def hint(name: str, names: Iterable[str]) -> str:
    """` (did you mean "..."?)` where a name comes near, else nothing."""
    found = nearest(name, names)
    return f' (did you mean "{found}"?)' if found else ""
