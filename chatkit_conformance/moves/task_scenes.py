"""Scenes of tasks: calls of one answer change them at once; what was done is opened again."""

from __future__ import annotations

import json
from itertools import accumulate, pairwise, takewhile
from typing import TYPE_CHECKING

from ..wire.actions import action_beside, sent_by
from .move import JSON, MoveKind
from .reading import THREADS, USERS, read_thread
from .scripted_turn import by_tools
from .shown import STREAM
from .tools import (
    NEW_FACTS,
    NO_ID,
    Call,
    calls_taken,
    created,
    expect_tasks,
    known_by,
    listing,
    require_silence,
    results_of,
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


async def _press_asked(act: Act) -> None:
    """Two tasks are to be deleted, and the tool asks first: a button of the first question is pressed.

    What the button does to its own task, only the server knows; the other question's task is left alone.
    """
    act.require_own_users()
    person, name = act.person, act.talk.tools["delete"].name
    confirmed = task_call(act, "delete", id=NO_ID, title="Nothing", confirm=True)["arguments"]
    act.talk.require(True in confirmed.values(), f"{name!r} has no argument to confirm with")

    def rounds(nonce: str) -> list[list[Call]]:
        return [[task_call(act, "create", title=title_of(nonce, n, "Mow the lawn")) for n in (1, 2)]]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n), suffix="made")
    nonce = act.stage.turns[made.label]["nonce"]
    await created(act, made, person, [title_of(nonce, n, "Mow the lawn") for n in (1, 2)])
    first, second = person.tasks[-2:]
    calls = [[task_call(act, "delete", **known_by(task), confirm=False) for task in (first, second)], listing(act)]
    asked = await act.turn(act.thread, by_tools(lambda _: calls, n=act.n + 1), suffix="asked")
    told = await results_of(act, act.stage.turns[asked.label]["nonce"])
    act.talk.require(len(told) > 2 and second.title in told[-1]["content"], "the tool deletes without asking")
    cards = ((e.item_id, e.item.get("widget")) for e in asked.items_done("widget"))
    offered = ((id, action_beside(card, first.title, (second.title,))) for id, card in cards)
    item, button = next(((id, config) for id, config in offered if config), ("", None))
    act.talk.require(button, "no widget asks about the first task alone")
    params = {"thread_id": act.thread.id, "item_id": item, "action": sent_by(button or {})}
    await act.talk.ask(STREAM, params, label=act.label("press"), user=person.user)
    first.sure = False
    read = await act.turn(act.thread, by_tools(lambda _: [listing(act)], n=act.n + 2), suffix="read")
    expect_tasks(act, read, person, 0)


FILTERS: tuple[tuple[str, JSON, JSON], ...] = (("priority", "high", "low"), ("tags", ["garden"], ["balcony"]))
"""Facts by which a list may be filtered: what is asked for, and what is not."""


async def _press_filtered(act: Act) -> None:
    """Of two tasks one is listed, by a filter; its button is pressed, and the thread is read."""
    person, whole = act.person, task_call(act, "read")
    rows = ((task_call(act, "read", **{fact: mine}), fact, mine, other) for fact, mine, other in FILTERS)
    filtered = next((row for row in rows if row[0]["arguments"] != whole["arguments"]), None)
    act.talk.require(filtered, f"{whole['name']!r} takes no filter that we know")
    assert filtered is not None
    listed, fact, mine, other = filtered

    def rounds(nonce: str) -> list[list[Call]]:
        two = [task_call(act, "create", title=title_of(nonce, n), **{fact: it}) for n, it in ((1, mine), (2, other))]
        return [two, [listed]]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n), suffix="listed")
    nonce = act.stage.turns[made.label]["nonce"]
    await created(act, made, person, [title_of(nonce, n) for n in (1, 2)])
    shown, left_out = (task.title for task in person.tasks[-2:])
    cards = ((e.item_id, e.item.get("widget")) for e in made.items_done("widget"))
    lists = ((id, card) for id, card in cards if left_out not in json.dumps(card, ensure_ascii=False))
    offered = [(id, config) for id, card in lists if (config := action_beside(card, shown, ()))]
    act.talk.require(offered, "no widget of the turn shows the one task alone, with a button")
    item, button = offered[-1]
    before = await read_thread(act, act.thread, person, "before")
    params = {"thread_id": act.thread.id, "item_id": item, "action": sent_by(button)}
    pressed = await act.talk.ask(STREAM, params, label=act.label("press"), user=person.user)
    for task in person.tasks[-2:]:
        task.sure = False
    after = await read_thread(act, act.thread, person, "after")
    place = {"item": item, "others": [], "absent": left_out, "before": before.label, "after": after.label}
    act.expect(pressed.label, pressed_list=place)


TASK_SCENES = (
    MoveKind(
        name="press-filtered",
        does="user {user} presses the button of a task in thread {thread}, in a list that leaves others out",
        play=_press_filtered,
        args={"user": USERS, "thread": THREADS},
        needs=("actions", "role:create", "role:read"),
        wants=("thread",),
        makes=("turn", "tools"),
    ),
    MoveKind(
        name="press-asked",
        does="user {user} presses a button of the first of two questions whether to delete a task, in thread {thread}",
        play=_press_asked,
        args={"user": USERS, "thread": THREADS},
        needs=("actions", "role:create", "role:read", "role:delete"),
        wants=("thread",),
        makes=("turn", "tools"),
    ),
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
