"""Small faults put into conversations that were right: an event lost, a row twice, a letter altered.

A mutant breaks a server by a story. An edit breaks what was seen, anywhere and without one, so it finds what no check
looks at. Some edits are no fault: a progress text that is lost harms nobody.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from chatkit_conformance.transcript import JSON, Event, Reply, Transcript

Path = tuple[str | int, ...]
Change = Callable[[Any, Random], str]
"""Changes a value in place; returns what it did to which part, or "" where there is nothing to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A transcript with one fault. `what`: the kind of it; `where`: the reply's label, or the number of the call."""

    transcript: Transcript
    what: str
    where: str


def _lose(rows: list[Any], random: Random) -> str:
    return f"{_kind(rows.pop(random.randrange(len(rows))))} lost" if rows else ""


def _repeat(rows: list[Any], random: Random) -> str:
    if not rows:
        return ""
    n = random.randrange(len(rows))
    rows.insert(n, copy.deepcopy(rows[n]))
    return f"{_kind(rows[n])} twice"


def _swap(rows: list[Any], random: Random) -> str:
    if len(rows) < 2:
        return ""
    n = random.randrange(len(rows) - 1)
    rows[n], rows[n + 1] = rows[n + 1], rows[n]
    return f"{_kind(rows[n])} before {_kind(rows[n + 1])}"


def _alter(value: Any, random: Random) -> str:
    found = [(path, leaf) for path, leaf in _leaves(value) if leaf is not None]
    if not found:
        return ""
    path, leaf = random.choice(found)
    _parent(value, path)[path[-1]] = _other(leaf, random)
    return f"{_names(path)} altered"


def _drop(value: Any, random: Random) -> str:
    found = [path for path, leaf in _leaves(value) if leaf is not None and isinstance(path[-1], str)]
    if not found:
        return ""
    path = random.choice(found)
    del _parent(value, path)[path[-1]]
    return f"{_names(path)} left out"


def _cut(rows: list[Any], random: Random) -> str:
    if len(rows) < 2:
        return ""
    n = random.randrange(1, len(rows))
    said = f"cut before {_kind(rows[n])}"
    del rows[n:]
    return said


ROWS: tuple[Change, ...] = (_lose, _repeat, _swap)
STREAM: tuple[Change, ...] = (*ROWS, _alter, _drop, _cut)


def edited(t: Transcript, random: Random) -> Edited | None:
    """The transcript with a fault at random, or None where the one that was drawn does not fit it."""
    return random.choice((_in_stream, _in_answer, _in_page, _in_history))(t, random)


def _in_stream(t: Transcript, random: Random) -> Edited | None:
    found = [r for r in t.replies if r.events and all(e.data for e in r.events)]
    if not found:
        return None
    r = random.choice(found)
    rows = [copy.deepcopy(e.data) for e in r.events]
    said = random.choice(STREAM)(rows, random)
    times = [e.at for e in r.events]
    events = (
        Event(index=n, at=times[min(n, len(times) - 1)], raw=json.dumps(row), data=row) for n, row in enumerate(rows)
    )
    return _with(t, r, replace(r, events=tuple(events)), f"{r.type}, event: {said}") if said and rows else None


def _in_answer(t: Transcript, random: Random) -> Edited | None:
    found = [r for r in t.replies if r.accepted and isinstance(r.body, dict) and r.type]
    if not found:
        return None
    r = random.choice(found)
    body = copy.deepcopy(r.body)
    said = random.choice((_alter, _drop))(body, random)
    return _with(t, r, replace(r, body=body), f"{r.type}, answer: {said}") if said else None


def _in_page(t: Transcript, random: Random) -> Edited | None:
    found = [r for r in t.replies if r.accepted and _page(r.body)]
    if not found:
        return None
    r = random.choice(found)
    body = copy.deepcopy(r.body)
    said = random.choice(ROWS)(_page(body), random)
    return _with(t, r, replace(r, body=body), f"{r.type}, rows: {said}") if said else None


def _in_history(t: Transcript, random: Random) -> Edited | None:
    """In what the model was told of the past; the newest message stays, for by it the model finds its script."""
    found = [c for c in t.calls if isinstance(c.body, dict) and len(c.body.get("messages") or ()) > 3]
    if not found:
        return None
    call = random.choice(found)
    body = copy.deepcopy(call.body)
    past = body["messages"][1:-1]
    said = random.choice(ROWS)(past, random)
    body["messages"][1:-1] = past
    calls = tuple(replace(c, body=body) if c is call else c for c in t.calls)
    return Edited(transcript=replace(t, calls=calls), what=f"history: {said}", where=f"call {call.n}") if said else None


def _with(t: Transcript, old: Reply, new: Reply, what: str) -> Edited:
    return Edited(
        transcript=replace(t, replies=tuple(new if r is old else r for r in t.replies)), what=what, where=old.label
    )


def _page(body: JSON) -> list[Any]:
    """The rows of a page, or of the page inside a thread."""
    page = body.get("items", body) if isinstance(body, dict) else None
    rows = page.get("data") if isinstance(page, dict) else None
    return rows if isinstance(rows, list) else []


def _kind(row: Mapping[str, Any]) -> str:
    """What an event, an item, a thread or a message is, in short."""
    update, item = row.get("update"), row.get("item")
    if isinstance(update, dict):
        return str(update.get("type"))
    if isinstance(item, dict):
        return f"{row.get('type')} of {item.get('type')}"
    return str(row.get("type") or row.get("role") or "thread")


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _leaves(inner, (*path, n))
    elif path:
        yield path, value


def _parent(value: Any, path: Path) -> Any:
    for step in path[:-1]:
        value = value[step]
    return value


def _names(path: Path) -> str:
    return ".".join(step for step in path if isinstance(step, str))


def _other(leaf: Any, random: Random) -> Any:
    """Another value of the same type."""
    if isinstance(leaf, bool):
        return not leaf
    if isinstance(leaf, (int, float)):
        return leaf + 1
    text = str(leaf)
    n = random.randrange(len(text)) if text else 0
    return f"{text[:n]}{'q' if text[n : n + 1] != 'q' else 'x'}{text[n + 1 :]}"
