"""Conversations that try each tool by itself, all right: see suites/exchanges/tool_trials.py."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.transcript import Call, Reply, Sent, Transcript
from tests.suites.build import (
    PROGRESS,
    Data,
    answer,
    asked,
    called,
    calling,
    create,
    result,
    say,
    sent,
    steps,
    transcript,
)
from tests.suites.conversations import NAMES, TOOLS, task

TITLE, NEW = "Käse 買い物 1a2b3c", "Сыр 치즈 4d5e6f"
SPOONS = "Count the spoons 1"
Rows = list[tuple[str, Any, Any]]


def _turns(*made: tuple[str, Rows]) -> tuple[list[Reply], list[Call]]:
    """A turn for each label: its rounds of one call each, progress, an answer. The first begins the thread."""
    replies: list[Reply] = []
    calls: list[Call] = []
    for n, (label, rows) in enumerate(made):
        make = say if n else create
        replies.append(make(label, "Please.", [PROGRESS, *answer(f"a-{label}", f"Done: {label}.")]))
        calls += steps(label, "Please.", *rows, n=len(calls), tools=TOOLS)
    return replies, calls


def each_tool(*, listed: str = TITLE, relisted: str = NEW, empty: bool = False) -> Transcript:
    """Each tool of one task alone in its turn; the arguments are what the list tells instead of the right titles."""
    told: Any = "" if empty else {"ok": True}
    turns = _turns(
        ("create", [("create_task", {"title": TITLE}, "" if empty else task(TITLE))]),
        ("read", [("list_tasks", {}, "" if empty else [task(listed)])]),
        ("update", [("update_task", {"id": 1, "title": NEW}, told)]),
        ("read-updated", [("list_tasks", {}, [task(relisted)])]),
        ("complete", [("complete_task", {"id": 1}, told)]),
        ("delete", [("delete_task", {"id": 1}, told)]),
    )
    return transcript("each_tool", *turns, names=NAMES, title=TITLE, new_title=NEW)


def long_texts(*, listed: str = "Read the letter", behind: str = "Air") -> Transcript:
    """Long descriptions, each call with its result."""
    rows: list[Any] = [("list_tasks", {}, [task("Water"), task(listed), task(behind)])]
    made: list[Any] = [("create_task", {"title": name}, task(name)) for name in ("Water", "Read the letter", "Air")]
    turns = _turns(
        ("create", [*made, *rows]),
        ("update", [("update_task", {"id": 1}, {"ok": True}), *rows]),
    )
    return transcript("long_texts", *turns, names=NAMES, title="Read the letter", neighbours=["Water", "Air"])


def wrong_arguments() -> Transcript:
    """Arguments cut off, each turn answered."""
    turns = _turns(
        *((f"wrong-{r}", [(NAMES[r], {}, {"error": "?"})]) for r in ("create", "read", "update", "complete", "delete"))
    )
    return transcript("wrong_arguments", *turns, names=NAMES)


def unknown_ids(*, after: Data | None = None, told: Any = None) -> Transcript:
    """Ids of nothing, and a list that stays as it was unless `after` says otherwise."""
    title = "Leave me alone 1"
    rows: Rows = [("list_tasks", {}, [after or task(title)])]
    turns = _turns(
        ("create", [("create_task", {"title": title}, task(title)), ("list_tasks", {}, [task(title)])]),
        *(
            (f"unknown-{r}", [(NAMES[r], {"id": 9}, {"error": "no"} if told is None else told), *rows])
            for r in ("update", "complete", "delete")
        ),
    )
    return transcript("unknown_ids", *turns, names=NAMES, title=title)


def made_calls(*rows: tuple[str, Any]) -> tuple[Sent, ...]:
    """What the stand-in wrote where it called these tools in one delta."""
    return sent("", *((f"k{n}", name, arguments) for n, (name, arguments) in enumerate(rows)))


def _at_once(label: str, rows: Rows, then: Rows, n: int, ids: list[str]) -> list[Call]:
    """The requests of a turn whose first answer has several calls."""
    messages: list[Data] = [{"role": "user", "content": asked("Please.", label)}]
    sent = made_calls(*((name, arguments) for name, arguments, _ in rows))
    calls = [called(label, messages, n=n, sent=sent, tools=TOOLS)]
    both = calling(*((id, name, arguments) for id, (name, arguments, _) in zip(ids, rows, strict=True)))
    messages = [*messages, both, *(result(id, told) for id, (_, _, told) in zip(ids, rows, strict=True))]
    for at, (name, arguments, told) in enumerate(then, 1):
        calls.append(called(label, messages, n=n + at, position=at, sent=made_calls((name, arguments)), tools=TOOLS))
        messages = [*messages, calling((f"z{at}", name, arguments)), result(f"z{at}", told)]
    return [*calls, called(label, messages, n=n + len(then) + 1, position=len(then) + 1, tools=TOOLS)]


ERRANDS = [f"Errand {n} 1a2b3{n}" for n in range(1, 6)]


BLUE = "The blue one, for Ada: 1a2b"


def many_calls(
    *,
    heard: int = 5,
    listed: int = 5,
    ids: tuple[str, str] = ("y0", "y1"),
    again: Any = None,
    two: bool = True,
    left: int | None = None,
) -> Transcript:
    """Five calls at once, one more, then two equal ones; the arguments say how many were executed and listed.

    Args:
        again: what is told of the one with a title that there was. two: whether it is in the list then.
        left: from which of the first five on they are listed, once the one more was deleted; None: it was not.
    """
    five = [("create_task", {"title": x}, task(x)) for x in ERRANDS[:heard]]
    read: Any = ("list_tasks", {}, [task(x) for x in ERRANDS[:listed]])
    calls = _at_once("five", five, [read], 0, [f"k{n}" for n in range(heard)])
    blue = {"title": ERRANDS[0], "description": BLUE}
    both: Any = ("list_tasks", {}, [*read[2], *([{**task(ERRANDS[0]), **blue, "id": 9}] if two else ())])
    calls += steps(
        "same-title", "Please.", ("create_task", blue, again or {**blue, "id": 9}), both, n=len(calls), tools=TOOLS
    )
    calls += _at_once("equal", [read, read], [], len(calls), list(ids))
    replies = [
        create("five", "Please.", [PROGRESS, *answer("a1", "All five.")]),
        say("same-title", "Please.", [PROGRESS, *answer("a3", "Done.")]),
        say("equal", "Please.", [PROGRESS, *answer("a2", "Done.")]),
    ]
    if left is not None:
        gone: Rows = [("delete_task", {"task_id": 9}, {"deleted": 9}), ("list_tasks", {}, read[2][left:])]
        calls += steps("of-two-delete", "Please.", *gone, n=len(calls), tools=TOOLS)
        replies.append(say("of-two-delete", "Please.", [PROGRESS, *answer("a4", "Done.")]))
    return transcript("many_calls", replies, calls, names=NAMES, titles=ERRANDS, again=BLUE)


def empty_ids(*, ids: tuple[str, str] = ("m0", "m1"), listed: int = 2) -> Transcript:
    """Two calls that came without an id, and went back with ids of their own."""
    rows = [("create_task", {"title": x}, task(x)) for x in ERRANDS[:2]]
    read: Any = ("list_tasks", {}, [task(x) for x in ERRANDS[:listed]])
    calls = _at_once("empty", rows, [read], 0, list(ids))
    replies = [create("empty", "Please.", answer("a1", "Both.")), say("after", "Thanks.", answer("a2", "Welcome."))]
    return transcript("empty_ids", replies, calls, names=NAMES, titles=ERRANDS[:2])


def bulk_trials(*, after: Data | None = None) -> Transcript:
    """Bulk tools without arguments, alone, and with arguments cut off; `after` is listed after the bare calls."""
    rows: Rows = [("list_tasks", {}, [after or task(SPOONS)])]
    bulk = ("bulk-complete", "bulk-delete")
    turns = _turns(
        ("create", [("create_task", {"title": SPOONS}, task(SPOONS)), ("list_tasks", {}, [task(SPOONS)])]),
        *((f"bare-{r}", [(NAMES[r], {}, {"error": "confirm?"}), *rows]) for r in bulk),
        *((r, [(NAMES[r], {"confirm": True}, {"ok": 1})]) for r in bulk),
        *((f"wrong-{r}", [(NAMES[r], {}, {"error": "?"})]) for r in bulk),
    )
    return transcript("bulk_trials", *turns, names=NAMES, titles=[SPOONS])


def trials() -> list[Transcript]:
    """All of them."""
    return [
        each_tool(),
        long_texts(),
        wrong_arguments(),
        unknown_ids(),
        many_calls(left=0),
        empty_ids(),
        bulk_trials(),
    ]
