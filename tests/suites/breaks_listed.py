"""Lists of threads that say something else of a thread than the thread itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatkit_conformance.transcript import Transcript
from tests.suites.build import answer, ask, create, thread, transcript
from tests.suites.conversations_threads import page
from tests.suites.edits import body

NAMED = thread("thr_1", title="Ferns of the north")


def listed(**changes: Any) -> Transcript:
    """A thread that the server gave a title, listed, in the list with these changes, and read."""
    made = create("turn-1", "Keep.", [*answer("a1", "Kept."), {"type": "thread.updated", "thread": NAMED}])
    rows = [dict(e.item) for e in made.items_done()]
    replies = [
        made,
        ask("list", "threads.list", {}, page([{**NAMED, **changes}])),
        ask("again", "threads.get_by_id", {"thread_id": "thr_1"}, {**NAMED, "items": page(rows)}),
    ]
    return transcript("plain_moves", replies)


BREAKS: Mapping[str, list[Transcript]] = {
    "persistence.list-agrees-with-thread": [
        listed(title="Another"),
        listed(title=None),
        listed(created_at="2026-11-22T11:00:00"),
    ],
    "persistence.thread-time-stays": [body(listed(), "again", created_at="2026-11-22T11:00:00")],
}


def odd_lists() -> list[Transcript]:
    """A list that shows the beginning of a title, or its time in UTC."""
    return [listed(title="Ferns of…"), listed(created_at="2026-11-22T10:00:00Z")]
