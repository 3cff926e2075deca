"""Conversations that ask how far a tool reaches, all right: see suites/exchanges/tool_scope.py."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.transcript import Call, Reply, Transcript
from tests.suites.build import PROGRESS, Data, answer, create, say, steps, transcript
from tests.suites.conversations import NAMES, TOOLS

MINE, OTHER, NEW = "Prune the roses 0a0a01", "Sharpen the saw 0a0a02", "Prune all roses 0a0a03"
FIELDS: Data = {"description": "Two sentences.", "due_date": "2031-05-04", "priority": "high", "tags": ["spring"]}
Rows = list[tuple[str, Any, Any]]


def task(title: str, **changes: Any) -> Data:
    """A task with all its fields, as the list tells it."""
    return {"id": f"t-{title[-1]}", "title": title, "completed": False, **FIELDS, **changes}


def _turns(exchange: str, made: list[tuple[str, Rows]], **notes: Any) -> Transcript:
    replies: list[Reply] = []
    calls: list[Call] = []
    for n, (label, rows) in enumerate(made):
        make = say if n else create
        replies.append(make(label, "Please.", [PROGRESS, *answer(f"a-{label}", "Done.")]))
        calls += steps(label, "Please.", *rows, n=len(calls), tools=TOOLS)
    return transcript(exchange, replies, calls, names=NAMES, **notes)


def one_task_of_two(*, toggles: bool = False, **lists: list[Data]) -> Transcript:
    """One of two tasks is updated, completed twice and deleted; `lists` are told in place of the right ones."""
    add: Rows = [("create_task", {"title": title, **FIELDS}, task(title)) for title in (MINE, OTHER)]
    right = {
        "create": [task(MINE), task(OTHER)],
        "update": [task(NEW, id="t-1"), task(OTHER)],
        "complete": [task(NEW, id="t-1", completed=True), task(OTHER)],
        "delete": [task(OTHER)],
    }
    told = {**right, "again": [task(NEW, id="t-1", completed=True), task(OTHER)], **lists}
    rows: list[tuple[str, Rows]] = [("create", [*add, ("list_tasks", {}, told["create"])])]
    for role in ("update", "complete", "delete"):
        made: Rows = [(NAMES[role], {"id": "t-1"}, {"ok": True}), ("list_tasks", {}, told[role])]
        if role == "complete":
            made.append(("list_tasks", {"status": "all"}, told[role]))
        rows.append((role, made))
        if role == "complete":
            rows.append(("complete-again", [made[0], ("list_tasks", {}, told["again"])]))
    notes: Data = {"title": MINE, "other": OTHER, "new_title": NEW, "task_id": "t-1", "toggles": toggles}
    notes["full_reading"] = {"status": "all"}
    return _turns("one_task_of_two", rows, **notes)


def tasks_of_two_users(*, a_sees: list[Data] | None = None, after: dict[str, list[Data]] | None = None) -> Transcript:
    """User b's task, and user a's calls for it; `after` is what b's list tells after a's call of that role."""
    right = [task(MINE)]
    rows: list[tuple[str, Rows]] = [
        ("b-create", [("create_task", {"title": MINE}, task(MINE)), ("list_tasks", {}, right)]),
        ("a-read", [("list_tasks", {}, a_sees or [])]),
    ]
    for role in ("update", "complete", "delete"):
        rows.append((f"a-{role}", [(NAMES[role], {"id": "t-1"}, {"error": "no such task"})]))
        rows.append((f"b-after-{role}", [("list_tasks", {}, (after or {}).get(role, right))]))
    return _turns("tasks_of_two_users", rows, title=MINE, task_id="t-1")


def no_consent(*, after: dict[str, list[Data]] | None = None, others: list[Data] | None = None) -> Transcript:
    """The bulk tools with what is no consent, then with true; `after` is the list after `N-ROLE`."""
    right = [task(MINE)]
    rows: list[tuple[str, Rows]] = [
        ("b-create", [("create_task", {"title": OTHER}, task(OTHER)), ("list_tasks", {}, [task(OTHER)])]),
        ("create", [("create_task", {"title": MINE}, task(MINE)), ("list_tasks", {}, right)]),
    ]
    for role in ("bulk-complete", "bulk-delete"):
        for n, value in enumerate(("false", "no", None, 0)):
            listed = (after or {}).get(f"{n}-{role}", right)
            made: Rows = [(NAMES[role], {"confirm": value}, {"error": "ask first"}), ("list_tasks", {}, listed)]
            rows.append((f"{n}-{role}", made))
    for role in ("bulk-complete", "bulk-delete"):
        rows.append((f"yes-{role}", [(NAMES[role], {"confirm": True}, {"ok": 1})]))
    rows.append(("b-after", [("list_tasks", {}, [task(OTHER)] if others is None else others)]))
    return _turns("no_consent", rows, title=MINE, others=OTHER)


def claims(**told: Any) -> Transcript:
    """Each tool by an id of nothing and by its own; `told` is what the tool of that role says of the first."""
    rows: list[tuple[str, Rows]] = [("create", [("create_task", {"title": MINE}, task(MINE)), ("list_tasks", {}, [])])]
    for role in ("update", "complete", "delete"):
        nothing = told.get(role, {"error": "there is no such task"})
        rows.append((f"nothing-{role}", [(NAMES[role], {"id": "9"}, nothing)]))
        rows.append((f"true-{role}", [(NAMES[role], {"id": "t-1"}, {"ok": True})]))
    return _turns("claims", rows, title=MINE)


def scopes() -> list[Transcript]:
    """Every conversation of this file that is right."""
    return [one_task_of_two(), tasks_of_two_users(), no_consent(), claims()]
