"""Times: when a thread or an item was made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import JSON, Transcript

from ..clauses import types

ZONED = re.compile(r"\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$", re.IGNORECASE)
"""A moment that says in which zone it is told."""

DEEPEST = 6
"""Objects within one another in which a time is looked for: a thread, its items, one of them."""


@check(
    "protocol.times-of-one-kind",
    level=SHOULD,
    clause=types("598, 645") + ": created_at; RFC 3339 section 4.4: a time without a zone is another one in each place",
    cause="Some times are made by datetime.now(), and others by datetime.now(UTC); or one of two paths loses the zone.",
    fix="Make all times in one way, and write them with their zone.",
)
def times_of_one_kind(t: Transcript) -> Findings:
    """All times of threads and items are told with a zone, or all without one: else they cannot be put in order."""
    first: dict[bool, tuple[str, str]] = {}
    for r in t.replies:
        for data in (r.body, *(e.data for e in r.events)) if r.accepted else ():
            for time in _times(data):
                first.setdefault(isinstance(time, int | float) or bool(ZONED.search(time)), (str(time), r.label))
    if not first:
        raise Untestable(f"No time was told in {t.exchange}.")
    if len(first) > 1:
        with_zone, (time, label) = first[True], first[False]
        got = f"{time} in {label}, and {with_zone[0]} in {with_zone[1]}"
        yield Finding(expected="all times with a zone, or all without", got=got, reply=label)


def _times(value: JSON, depth: int = 0) -> Iterator[str | int | float]:
    """The times at which what is in an answer or an event was made; seconds since 1970 are the same everywhere."""
    if isinstance(value, dict) and depth < DEEPEST:
        made = value.get("created_at")
        if isinstance(made, str | int | float) and isinstance(value.get("id"), str):
            yield made
        inner = (value.get(key) for key in ("item", "thread", "items", "data", "updated_item"))
        for each in inner:
            yield from _times(each, depth + 1)
    elif isinstance(value, list) and depth < DEEPEST:
        for each in value:
            yield from _times(each, depth + 1)
