"""A conversation made of moves, with a stage's notes; and what breaks the checks of its expected state."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chatkit_conformance.target.fuller_call import NAMES
from chatkit_conformance.transcript import Call, Transcript
from tests.suites.build import (
    Data,
    answer,
    ask,
    called,
    calling,
    create,
    edit,
    get,
    nonce_of,
    noted,
    refusal,
    result,
    said,
    say,
    thread,
    transcript,
    user,
)
from tests.suites.edits import body, items, rows

HERE, THERE = "ann", "bob"
FIRST = "user-a"
"""A user of the run who takes no part."""
FERNS = {
    "id": "t1",
    "title": "Ferns zt1",
    "priority": "high",
    "completed": False,
    "weight": 1.5,
    "with": NAMES[0],
}
BASIL = {**FERNS, "title": "Basil zt2", "tags": ["balcony"]}
THEIRS = "Secret zt9"
TITLE = "Garden zl1"
LABELS = ("1-begin", "2-create-task", "3-use-tool", "4-bulk-tool", "5-misuse-tool")
TURNS: tuple[tuple[str, Data, Any], ...] = (
    ("create", {"title": "Ferns zt1", "priority": "high", "weight": 1.5, "with": NAMES[0]}, {"created": FERNS}),
    ("update", {"id": "t1", "new_title": "Basil zt2", "tags": ["balcony"]}, {"updated": BASIL}),
    ("bulk-delete", {"confirm": "false"}, {"error": "confirm must be true"}),
    ("complete", {"id": "999999999"}, {"error": "there is no such task"}),
)
"""What the tool of each turn with tools was called with, and answered."""


def _turn(label: str, *tools: Data) -> Data:
    return {
        "user": HERE,
        "thread": "thr_1",
        "nonce": nonce_of(label),
        "words": "Yes?",
        "answer": f"Answer {label}.",
        "tools": list(tools),
        "beside": [],
        "retry": "",
        "fault": None,
        "left": False,
    }


def _told(label: str, **more: Any) -> Data:
    told = {"nonce": nonce_of(label), "words": "Yes?", "item": f"u-{label}", "answer": f"Answer {label}."}
    return {**told, "sure": True, "kept": True, "quoted": None, "files": [], **more}


def _thread(**more: Any) -> Data:
    return {"id": "thr_1", "turns": [_told(label) for label in LABELS], "title": TITLE, "under_way": [], **more}


def _task(row: Data, **more: Any) -> Data:
    return {"title": row["title"], "id": "t1", "completed": False, "gone": False, "sure": True, "told": True, **more}


def _calls(n: int, label: str, role: str, arguments: Data, told: Any, listed: list[Data]) -> list[Call]:
    """The three requests of a turn in which a tool is called, and the list read."""
    first: list[Data] = [{"role": "user", "content": "Yes?"}]
    second = [*first, calling((f"c{n}", role, arguments)), result(f"c{n}", told)]
    third = [*second, calling((f"r{n}", "list", {})), result(f"r{n}", {"tasks": listed})]
    return [called(label, messages, n=3 * n + k, position=k) for k, messages in enumerate((first, second, third))]


def moved() -> Transcript:
    """Five turns, four with tools; a rename, a delete, a stranger, and all that was read."""
    lists = ([FERNS], [BASIL], [BASIL], [BASIL])
    tasks = ([_task(FERNS)], [_task(BASIL)], [_task(BASIL)], [_task(BASIL)])
    calls, expected = [], {}
    notes = {LABELS[0]: _turn(LABELS[0])}
    for n, (label, (role, arguments, told)) in enumerate(zip(LABELS[1:], TURNS, strict=True)):
        calls += _calls(n, label, role, arguments, told, lists[n])
        used = ({"role": role, "name": role, "arguments": arguments}, {"role": "read", "name": "list", "arguments": {}})
        notes[label] = _turn(label, *used)
        expected[label] = {"tasks": tasks[n], "others": [THEIRS], "whole": True, "position": 2}
    expected["4-bulk-tool"]["confirm"] = "false"
    stored = [i for label in LABELS for i in (user(f"u-{label}", f"Yes? {nonce_of(label)}"), _answered(label))]
    listing = {"data": [thread("thr_1", title=TITLE)], "has_more": False}
    replies = [
        create(LABELS[0], "Yes?", answer(f"a-{LABELS[0]}", f"Answer {LABELS[0]}."), user=HERE),
        *(say(label, "Yes?", answer(f"a-{label}", f"Answer {label}."), user=HERE) for label in LABELS[1:]),
        refusal("6-stranger", thread_id="thr_1", user=THERE),
        ask("7-stranger", "threads.list", {"after": "thr_0"}, {"data": [], "has_more": False}),
        get("8-read", stored, title=TITLE),
        ask("end-list-0", "threads.list", {}, listing),
        refusal("end-gone-0-1", thread_id="thr_2"),
    ]
    expected |= {
        "6-stranger": {"refused": "read by another user"},
        "7-stranger": {"without": ["thr_1"], "nonce": nonce_of("stranger")},
        "8-read": {"thread": _thread()},
        "end-list-0": {"threads": ["thr_1"], "gone": ["thr_2"], "titles": {"thr_1": TITLE}, "whole": True},
        "end-gone-0-1": {"refused": "the thread was deleted"},
    }
    moves = [_move(n, label) for n, label in enumerate((*LABELS, "6-stranger", "7-stranger", "8-read"), 1)]
    people = {"users": [HERE, THERE], "own": True, "others": [FIRST]}
    made = transcript("moves_01", replies, calls, moves=moves, turns=notes, people=people)
    return noted(made, expected=expected, left_out={})


def _answered(label: str) -> Data:
    return said(f"a-{label}", f"Answer {label}.")


def _move(n: int, label: str) -> Data:
    kind = label.partition("-")[2]
    return {"n": n, "kind": kind, "args": {}, "who": "stranger" if kind == "stranger" else "user", "replies": [label]}


def _listed(label: str, change: Callable[[list[Data]], list[Data]]) -> Transcript:
    """The conversation in which a list of tasks reads otherwise."""
    return _resulted(label, 1, lambda told: {"tasks": change(told["tasks"])})


def _resulted(label: str, nth: int, change: Callable[[Any], Any]) -> Transcript:
    """The conversation in which the nth result of a turn reads otherwise."""
    return _contents(label, nth, lambda content: json.dumps(change(json.loads(content))))


def _contents(label: str, nth: int, change: Callable[[Any], Any]) -> Transcript:
    """The conversation in which the nth result of a turn has another content."""
    t = moved()

    def told(c: Call) -> Call:
        messages = json.loads(json.dumps(c.body["messages"]))
        results = [m for m in messages if m["role"] == "tool"]
        if c.nonce == nonce_of(label) and len(results) > nth:
            results[nth]["content"] = change(results[nth]["content"])
        return replace(c, body={**c.body, "messages": messages})

    return replace(t, calls=tuple(map(told, t.calls)))


def _said(label: str, nth: int, content: Any) -> Transcript:
    """The conversation in which the nth result of a turn has this content."""
    return _contents(label, nth, lambda _: content)


def _answers(label: str, body: Any) -> Transcript:
    return edit(moved(), label, status=200, body=body)


def _with_tasks(label: str, *tasks: Data) -> Transcript:
    """The conversation after which these tasks are expected."""
    expected = {**moved().notes["expected"]}
    expected[label] = {**expected[label], "tasks": list(tasks)}
    return noted(moved(), expected=expected)


GONE = _task(FERNS, id="7", gone=True)

BREAKS: Mapping[str, list[Transcript]] = {
    "tools.fractions-kept": [_listed("2-create-task", lambda old: [{**old[0], "weight": 1}])],
    "tools.update-tells-new": [_resulted("3-use-tool", 0, lambda _: {"updated": True, "task": FERNS})],
    "tools.names-kept": [_listed("2-create-task", lambda old: [{**old[0], "with": "Rafael Van Der Vaart"}])],
    "tools.task-ids-not-reused": [
        _with_tasks("5-misuse-tool", GONE, _task(BASIL, id="7")),
        _with_tasks("5-misuse-tool", GONE, _task(FERNS, id="7")),
    ],
    "persistence.thread-as-expected": [
        items(moved(), "8-read", lambda old: old[1:]),
        items(moved(), "8-read", lambda old: [*old[:1], *old[2:]]),
        items(moved(), "8-read", lambda old: [*old, old[1]]),
        items(moved(), "8-read", lambda old: [*old[2:], *old[:2]]),
        items(moved(), "8-read", lambda old: [*old, user("u-x", "Whose is this? zq9999999999")]),
        edit(moved(), "8-read", status=404, body={"detail": "not found"}),
    ],
    "persistence.title-as-expected": [
        body(moved(), "8-read", title="Where do ferns grow?"),
        rows(moved(), "end-list-0", lambda old: [{**old[0], "title": None}]),
    ],
    "persistence.list-as-expected": [
        rows(moved(), "end-list-0", lambda old: []),
        rows(moved(), "end-list-0", lambda old: [*old, *old]),
        rows(moved(), "end-list-0", lambda old: [*old, thread("thr_2")]),
        rows(moved(), "end-list-0", lambda old: [*old, thread("thr_of_another")]),
        edit(moved(), "end-list-0", status=500, body={"detail": "no"}),
    ],
    "errors.no-internal-error": [
        edit(moved(), "6-stranger", status=500, body={"detail": "no"}),
        edit(moved(), "7-stranger", status=500, body={"detail": "no"}),
    ],
    "persistence.deleted-is-gone": [_answers("end-gone-0-1", thread("thr_2"))],
    "security.stranger-refused": [
        _answers("6-stranger", thread("thr_1")),
        rows(moved(), "7-stranger", lambda old: [thread("thr_1")]),
        replace(moved(), calls=(*moved().calls, called("stranger", [{"role": "user", "content": "thr_1"}]))),
    ],
    "tools.tasks-as-expected": [
        _listed("2-create-task", lambda old: []),
        _listed("3-use-tool", lambda old: [*old, FERNS]),
        _listed("5-misuse-tool", lambda old: [{**old[0], "completed": True}]),
        _listed("5-misuse-tool", lambda old: [{**old[0], "priority": "low"}]),
    ],
    "tools.done-not-told-failed": [_resulted("2-create-task", 0, lambda _: {"error": "there is no such task"})],
    "tools.created-task-listed": [_listed("2-create-task", lambda old: [])],
    "tools.changes-nothing-else": [_listed("3-use-tool", lambda old: [{**old[0], "priority": "medium"}])],
    "tools.created-facts-kept": [_listed("2-create-task", lambda old: [{**old[0], "priority": "medium"}])],
    "tools.updated-facts-kept": [_listed("3-use-tool", lambda old: [{**old[0], "tags": ["garden", "balcony"]}])],
    "tools.bulk-refused-unless-confirmed": [
        _listed("4-bulk-tool", lambda old: []),
        _listed("4-bulk-tool", lambda old: [{**old[0], "completed": True}]),
    ],
    "tools.tasks-of-one-user": [_listed("3-use-tool", lambda old: [*old, {"id": "t9", "title": THEIRS}])],
    "tools.results-told": [
        _said("3-use-tool", 0, ""),
        _said("4-bulk-tool", 0, None),
        _said("3-use-tool", 1, [{"type": "text", "text": " "}]),
    ],
    "tools.unknown-task-not-claimed": [
        _resulted("5-misuse-tool", 0, lambda _: {"completed": True}),
        _resulted("5-misuse-tool", 0, lambda _: "Task 999999999 was marked as done."),
    ],
}
