"""Scenes of tasks: calls of one answer change them at once; what was done is opened again."""

from __future__ import annotations

from itertools import accumulate, pairwise, takewhile
from typing import TYPE_CHECKING

from ..wire.actions import action_beside, sent_by
from .move import JSON, MoveKind
from .reading import THREADS, USERS
from .scripted_turn import by_tools
from .shown import STREAM
from .tools import (
    NEW_FACTS,
    Call,
    calls_taken,
    created,
    expect_tasks,
    known_by,
    listing,
    require_silence,
    task_call,
    title_of,
)

if TYPE_CHECKING:
    from .act import Act


async def _changed_at_once(act: Act) -> None:
    """Three calls of one answer: a task gets another title and other facts, and it and another one are completed."""
    person, (task, *rest) = act.person, act.person.open_tasks
    both = [task, *rest[:1]]

    def rounds(nonce: str) -> list[list[Call]]:
        new: dict[str, JSON] = {"new_title": title_of(nonce, words="Repot the basil"), **NEW_FACTS}
        done = [task_call(act, "complete", **known_by(each)) for each in both]
        return [[task_call(act, "update", **known_by(task), **new), *done], listing(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n))
    nonce = act.stage.turns[made.label]["nonce"]
    updated, *completed = await calls_taken(act, nonce, 1 + len(both))
    for each, taken in zip(both, completed, strict=True):
        each.sure, each.completed = taken, True
    task.sure = task.sure and updated
    task.title = title_of(nonce, words="Repot the basil")
    expect_tasks(act, made, person, 1)


async def _reopen(act: Act) -> None:
    """A task is completed, and an update says that it is not."""
    person, task = act.person, act.person.open_tasks[0]
    known = known_by(task)
    opens = task_call(act, "update", **known, new_title=task.title, completed=False)
    told = [value for value in opens["arguments"].values() if value is False]
    act.talk.require(told, "the tool that updates has no argument that is true or false")
    require_silence(act)
    calls = [[task_call(act, "complete", **known)], [opens], listing(act)]
    made = await act.turn(act.thread, by_tools(lambda _: calls, n=act.n))
    completed, opened = await calls_taken(act, act.stage.turns[made.label]["nonce"], 2)
    task.sure = completed and opened
    expect_tasks(act, made, person, 2)


async def _press_older(act: Act) -> None:
    """Three tasks are listed, the first is deleted and the second renamed; then the second's old button is pressed."""
    act.require_own_users()
    person, words = act.person, "Sow the cress"

    def rounds(nonce: str) -> list[list[Call]]:
        three = [task_call(act, "create", title=title_of(nonce, n, words)) for n in (1, 2, 3)]
        return [three, listing(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n), suffix="made")
    nonce = act.stage.turns[made.label]["nonce"]
    await created(act, made, person, [title_of(nonce, n, words) for n in (1, 2, 3)])
    expect_tasks(act, made, person, 1)
    first, second, third = person.tasks[-3:]
    beside = (
        (e.item_id, action_beside(e.item.get("widget"), second.title, (first.title, third.title)))
        for e in made.items_done("widget")
    )
    item, button = next(((id, config) for id, config in reversed(list(beside)) if config), ("", {}))
    act.talk.require(button, "no widget of the turn has a button beside one task alone")
    old, new = second.title, second.title.replace(words, "Repot the basil")
    changed = [task_call(act, "delete", **known_by(first))]
    if "update" in act.talk.tools:
        changed.append(task_call(act, "update", **known_by(second), new_title=new))
    calls = [changed, listing(act)]
    then = await act.turn(act.thread, by_tools(lambda _: calls, n=act.n + 1), suffix="gone")
    taken = await calls_taken(act, act.stage.turns[then.label]["nonce"], len(changed))
    first.sure, first.gone = taken[0], True
    second.sure, second.title = taken[-1], new if len(changed) > 1 else old
    expect_tasks(act, then, person, 1)
    params = {"thread_id": act.thread.id, "item_id": item, "action": sent_by(button)}
    await act.talk.ask(STREAM, params, label=act.label("press"), user=person.user)
    second.sure = False
    read = await act.turn(act.thread, by_tools(lambda _: [listing(act)], n=act.n + 2), suffix="read")
    expect_tasks(act, read, person, 0)
    if len(changed) > 1 and taken[-1]:
        act.stage.expected[read.label]["renamed"] = [old, new]


async def _shorten(act: Act) -> None:
    """A task is deleted by the beginning of its id, with which the id of another task begins as well."""
    act.require_own_users()
    person = act.person
    ids = sorted({str(task.id) for task in person.open_tasks if task.id and task.told})
    alike = ([*takewhile(one.startswith, accumulate(other))] for one, other in pairwise(ids))
    shared = max((beginnings[-1] for beginnings in alike if beginnings), key=len, default="")
    act.talk.require(shared and not shared.isdigit() and shared not in ids, "no two ids of tasks begin alike")
    calls = [[task_call(act, "delete", id=shared)], listing(act)]
    made = await act.turn(act.thread, by_tools(lambda _: calls, n=act.n))
    expect_tasks(act, made, person, 1, refused="the call is wrong: the id is the beginning of two")


TASK_SCENES = (
    MoveKind(
        name="press-older",
        does="user {user} presses the button of a task in thread {thread}, in a list from before tasks were changed",
        play=_press_older,
        args={"user": USERS, "thread": THREADS},
        needs=("actions", "role:create", "role:read", "role:delete"),
        wants=("thread",),
        makes=("turn", "tools"),
    ),
    MoveKind(
        name="shorten-id",
        does="user {user} has a task deleted by a beginning that two ids have, in thread {thread}",
        play=_shorten,
        args={"user": USERS, "thread": THREADS},
        needs=("role:delete", "role:read"),
        wants=("thread", "task"),
        makes=("turn", "tools"),
    ),
    MoveKind(
        name="change-at-once",
        does="user {user} has a task updated, and it and another completed, by one answer in thread {thread}",
        play=_changed_at_once,
        args={"user": USERS, "thread": THREADS},
        needs=("role:update", "role:complete", "role:read"),
        wants=("thread", "task"),
        makes=("turn", "tools", "task-spent"),
    ),
    MoveKind(
        name="reopen",
        does="user {user} has a task completed, and opened again by an update, in thread {thread}",
        play=_reopen,
        args={"user": USERS, "thread": THREADS},
        needs=("role:update", "role:complete", "role:read"),
        wants=("thread", "task"),
        makes=("turn", "tools"),
    ),
)
"""The kinds."""
