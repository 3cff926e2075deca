"""Conversations that are right: threads and tasks that outlast a restart."""

from __future__ import annotations

from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.build import (
    PROGRESS,
    Data,
    answer,
    ask,
    asked,
    called,
    create,
    get,
    read,
    said,
    say,
    steps,
    thread,
    transcript,
    user,
)
from tests.suites.conversations import NAMES, TITLE, TOOLS, Q, task

SWEPT = "Sweep the stairs 4d5e6f"
"""The task that was completed before."""

BRASS = "Polish the brass 7a8b9c"
"""The task whose button was pressed before."""


KEEP, FORGET = "Keep this thread, too.", "Forget this thread."

LOCKED: Data = {"type": "locked", "reason": "Asked for."}


def restart(
    after: list[Data] | None = None, *, done: bool = True, status: Data = LOCKED, pressed: list[Data] | None = None
) -> Transcript:
    """A thread, a locked one and three tasks before and after a restart.

    Args:
        after: what the list tells then. done: whether the second task is completed before.
        status: of the locked thread, afterwards. pressed: what the list tells once the third task's button was pressed.
    """
    items = [user("u-lock", asked("Lock.", "lock"), "thr_3"), said("a3", "It is locked.", "thr_3")]
    replies = [
        create("turn-1", Q[0], answer("a1", "Noted.")),
        create("tasks-before", "Add.", [PROGRESS, *answer("a8", "Added.", "thr_2")], "thr_2"),
        *([say("tasks-done", "Done.", [PROGRESS, *answer("a10", "Done.", "thr_2")], "thr_2")] if done else ()),
        *(_press() if pressed is not None else ()),
        create("lock", "Lock.", answer("a3", "It is locked.", "thr_3"), "thr_3"),
        get("locked-before", items, "thr_3", status=LOCKED),
        read("reload-1"),
        read("reload-2"),
        get("locked-after", items, "thr_3", status=status),
        read("tasks-reload", "thr_2"),
        say("tasks-after", "And now?", [PROGRESS, *answer("a9", "The same.", "thr_2")], "thr_2"),
        say("turn-2", Q[1], answer("a2", "Quillfeather.")),
    ]
    both = [("create_task", {"title": title}, task(title)) for title in (TITLE, SWEPT, BRASS)]
    told = [task(), task(SWEPT), task(BRASS)]
    calls = steps("tasks-before", "Add.", *both, ("list_tasks", {}, told), tools=TOOLS)
    if done:
        told = [task(), task(SWEPT, completed=True), task(BRASS)]
        ran = ("complete_task", {"task_id": f"task-{SWEPT}"}, told[1])
        calls += steps("tasks-done", "Done.", ran, ("list_tasks", {}, told), n=len(calls) + 1, tools=TOOLS)
    if pressed is not None:
        calls += steps("tasks-pressed", "And?", ("list_tasks", {}, pressed), n=len(calls) + 1, tools=TOOLS)
        told = pressed
    then = told if after is None else after
    calls += steps("tasks-after", "And now?", ("list_tasks", {}, then), n=len(calls) + 1, tools=TOOLS)
    calls.append(called("turn-2", [{"role": "user", "content": asked(Q[1], "turn-2")}], n=len(calls) + 1))
    notes = {} if pressed is None else {"pressed": BRASS}
    return transcript("restart", replies, calls, names=NAMES, title=TITLE, completed=SWEPT, **notes)


def _press() -> list[Reply]:
    """A button is pressed, and the list read."""
    button = {"thread_id": "thr_2", "item_id": "w1", "action": {"type": "done", "payload": {"id": "t1"}}}
    return [
        ask("press", "threads.custom_action", button, None),
        say("tasks-pressed", "And?", [PROGRESS, *answer("a11", "That.", "thr_2")], "thr_2"),
    ]


def older_thread() -> Transcript:
    """Two threads alike, read by page, rated, renamed and deleted: one before a restart, the other one after it."""
    made, rest = [], []
    for n, when in enumerate(("before", "after"), 1):
        id, end = f"thr_{n}", f"thr_{n}-end"
        made += [
            create(f"{when}-made", KEEP, answer(f"a{n}", "Kept.", id), id),
            create(f"{when}-end", FORGET, answer(f"a{n}-end", "Forgotten.", end), end),
        ]
        first = user(f"u-{when}-made", asked(KEEP, f"{when}-made"), id)
        listed = {"data": [first], "has_more": True, "after": first["id"]}
        rating = {"thread_id": id, "item_ids": [f"a{n}"], "kind": "positive"}
        titled = thread(id, [], title="Kept")
        rest += [
            ask(f"{when}-items.list", "items.list", {"thread_id": id, "limit": 1, "order": "asc"}, listed),
            ask(f"{when}-items.feedback", "items.feedback", rating, {}),
            ask(f"{when}-threads.update", "threads.update", {"thread_id": id, "title": "Kept"}, titled),
            ask(f"{when}-threads.delete", "threads.delete", {"thread_id": end}, {}),
        ]
    calls = [
        called(r.label, [{"role": "user", "content": asked(words, r.label)}], n=n)
        for n, (r, words) in enumerate(zip(made, (KEEP, FORGET) * 2, strict=True))
    ]
    return transcript("older_thread", [*made, *rest], calls)
