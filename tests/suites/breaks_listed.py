"""Lists of threads that say something else of a thread than the thread itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Transcript
from tests.suites.build import Data, answer, ask, create, thread, transcript
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


def renamed_midway(title: str = "Moss", *, at: float = 4.0) -> Transcript:
    """A thread is renamed while it is answered; then its stream tells of it: with this title, so many seconds later."""
    turn = create("turn-1", "Hello.", [*answer("a1", "Hello."), {"type": "thread.updated", "thread": NAMED}])
    last: Data = {"type": "thread.updated", "thread": {**NAMED, "title": title}}
    shown = [replace(e, at=1.0) for e in turn.events]
    told = replace(shown[-1], index=len(shown), at=at, data=last, raw=json.dumps(last))
    turn = replace(turn, events=(*shown, told), sent_at=0.5, ended_at=at + 1)
    asked = {"thread_id": "thr_1", "title": "Moss"}
    rename = ask("rename", "threads.update", asked, {**NAMED, "title": "Moss"}, sent_at=2.0, ended_at=3.0)
    return transcript("renamed_midway", [turn, rename])


BREAKS: Mapping[str, list[Transcript]] = {
    "persistence.list-agrees-with-thread": [
        listed(title="Another"),
        listed(title=None),
        listed(created_at="2026-11-22T11:00:00"),
    ],
    "stream.title-told-as-renamed": [renamed_midway("Ferns of the north")],
    "persistence.thread-time-stays": [body(listed(), "again", created_at="2026-11-22T11:00:00")],
}


def odd_lists() -> list[Transcript]:
    """A list that shows the beginning of a title, or its time in UTC; a title that was on its way, or is new."""
    renamed = [renamed_midway(), renamed_midway("Moss and more"), renamed_midway("Ferns of the north", at=3.01)]
    return [listed(title="Ferns of…"), listed(created_at="2026-11-22T10:00:00Z"), *renamed]
