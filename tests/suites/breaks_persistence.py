"""Conversations that each check of persistence must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations as c
from tests.suites import conversations_threads as paging
from tests.suites import shows
from tests.suites.build import edit, replaced, restream, said, thread
from tests.suites.conversations_restart import BRASS, SWEPT, older_thread, restart
from tests.suites.edits import CRASH, body, items, rows, silent, spoken

SAYS_FINE = restream(c.three_turns(), "turn-2", lambda old: old[:1])

DONE = [c.task(), c.task(SWEPT, completed=True)]

BREAKS: Mapping[str, list[Transcript]] = {
    "persistence.reload-equals-stream": [
        items(c.three_turns(), "reload-2", lambda old: old[:-1]),
        items(c.three_turns(), "reload-1", lambda old: [old[0], said("a1", "Something else.")]),
    ],
    "persistence.reload-answers": [edit(c.three_turns(), "reload-1", status=500, body=None, text="boom")],
    "persistence.second-turn-works": [SAYS_FINE, edit(c.three_turns(), "turn-2", **CRASH)],
    "persistence.third-turn-works": [silent(c.three_turns(), "turn-3")],
    "persistence.answers-are-different-items": [items(c.three_turns(), "reload-2", lambda old: [*old[:1], *old[2:]])],
    "persistence.order-oldest-first": [
        items(c.three_turns(), "reload-3", lambda old: old[::-1]),
        items(shows.widget_actions(), "reload-sync", lambda old: sorted(old, key=lambda item: item["id"] == "w1")),
    ],
    "persistence.no-duplicate-items": [items(c.three_turns(), "reload-1", lambda old: [*old, old[-1]])],
    "persistence.text-other-scripts": [replaced(c.other_scripts(), "reload", "\\u65e5", "?")],
    "persistence.partial-answer-kept": [items(c.client_leaves(), "reload-next", lambda old: old[:1])],
    "persistence.turn-after-disconnect-works": [edit(c.client_leaves(), "next", **CRASH)],
    "persistence.disconnect-keeps-message": [items(c.client_leaves(), "reload", lambda _: [])],
    "persistence.restart-keeps-thread": [
        items(restart(), "reload-2", lambda _: []),
        edit(restart(), "reload-2", status=404, body={"detail": "no thread"}),
    ],
    "persistence.restart-keeps-tasks": [
        restart([]),
        restart([{**c.task(), "id": "task-1"}]),
        restart([{**c.task(), "priority": "low"}], done=False),
        restart([c.task(), c.task(SWEPT)]),
        restart([*DONE, c.task(BRASS)], pressed=[*DONE, c.task(BRASS, completed=True)]),
        restart([*DONE, c.task(BRASS)], pressed=DONE),
    ],
    "persistence.restart-serves-older-threads": [
        edit(older_thread(), "after-items.feedback", status=404, body={"detail": "No such session."}),
        edit(older_thread(), "after-threads.delete", status=500, body={"detail": "Something went wrong."}),
    ],
    "persistence.restart-keeps-status": [restart(status={"type": "active"})],
    "persistence.restart-next-turn": [spoken(restart(), lambda old: old[1:]), silent(restart(), "turn-2")],
    "persistence.rename-answers-thread": [body(paging.rename_and_delete(), "rename", title="Old")],
    "persistence.delete-accepted": [edit(paging.rename_and_delete(), "delete", status=500)],
    "persistence.delete-leaves-nothing": [
        edit(paging.rename_and_delete(), "gone", status=200, body=thread()),
        edit(paging.rename_and_delete(), "gone-items", status=200, body={"data": [said("a1", "Kept.")]}),
        rows(paging.rename_and_delete(), "list-after", lambda _: [thread()]),
    ],
    "persistence.delete-is-final": [
        replace(
            paging.rename_and_delete(),
            replies=tuple(
                replace(paging.retry().reply("turn-3"), label="gone-say") if r.label == "gone-say" else r
                for r in paging.rename_and_delete().replies
            ),
        )
    ],
    "persistence.retry-answers": [silent(paging.retry(), "retry"), edit(paging.retry(), "retry", **CRASH)],
    "persistence.retry-leaves-one-answer": [items(paging.retry(), "reload", lambda old: [*old, said("a2", "old")])],
    "persistence.turn-after-retry-works": [silent(paging.retry(), "turn-3")],
    "persistence.reading-creates-nothing": [
        edit(c.bad_requests(), "still-unknown", status=200, body=thread("thr_nowhere")),
        rows(c.bad_requests(), "list", lambda _: [thread("thr_nowhere")]),
    ],
}


def sound_restarts() -> list[Transcript]:
    """A button was pressed before the restart: the task is as the button left it, or a hidden one stays hidden."""
    done = [*DONE, c.task(BRASS, completed=True)]
    kept, hidden = restart(done, pressed=done), restart(DONE, pressed=DONE)
    return [replace(kept, exchange="restart_pressed"), replace(hidden, exchange="restart_hidden")]
