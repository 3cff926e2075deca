"""Scenes of tasks: calls of one answer change them at once; what was done is opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..wire.actions import action_beside, sent_by
from .move import JSON, MoveKind
from .reading import THREADS, USERS
from .scripted_turn import by_tools
from .shown import STREAM
from .tools import NEW_FACTS, Call, calls_taken, created, expect_tasks, known_by, require_silence, task_call, title_of

if TYPE_CHECKING:
    from .act import Act


async def _changed_at_once(act: Act) -> None:
    """Three calls of one answer: a task gets another title and other facts, and it and another one are completed."""
    person, (task, *rest) = act.person, act.person.open_tasks
    both = [task, *rest[:1]]

    def rounds(nonce: str) -> list[list[Call]]:
        new: dict[str, JSON] = {"new_title": title_of(nonce, words="Repot the basil"), **NEW_FACTS}
        done = [task_call(act, "complete", **known_by(each)) for each in both]
        return [[task_call(act, "update", **known_by(task), **new), *done], [task_call(act, "read")]]

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
    calls = [[task_call(act, "complete", **known)], [opens], [task_call(act, "read")]]
    made = await act.turn(act.thread, by_tools(lambda _: calls, n=act.n))
    completed, opened = await calls_taken(act, act.stage.turns[made.label]["nonce"], 2)
    task.sure = completed and opened
    expect_tasks(act, made, person, 2)


async def _press_older(act: Act) -> None:
    """Three tasks are listed and the first is deleted; then a button of the list of before is pressed, the second's."""
    act.require_own_users()
    person, words = act.person, "Sow the cress"

    def rounds(nonce: str) -> list[list[Call]]:
        three = [task_call(act, "create", title=title_of(nonce, n, words)) for n in (1, 2, 3)]
        return [three, [task_call(act, "read")]]

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
    calls = [[task_call(act, "delete", **known_by(first))], [task_call(act, "read")]]
    then = await act.turn(act.thread, by_tools(lambda _: calls, n=act.n + 1), suffix="gone")
    first.sure, first.gone = (await calls_taken(act, act.stage.turns[then.label]["nonce"], 1))[0], True
    expect_tasks(act, then, person, 1)
    params = {"thread_id": act.thread.id, "item_id": item, "action": sent_by(button)}
    await act.talk.ask(STREAM, params, label=act.label("press"), user=person.user)
    second.sure = False
    read = await act.turn(act.thread, by_tools(lambda _: [[task_call(act, "read")]], n=act.n + 2), suffix="read")
    expect_tasks(act, read, person, 0)


TASK_SCENES = (
    MoveKind(
        name="press-older",
        does="user {user} presses the button of a task in thread {thread}, in a list from before another was deleted",
        play=_press_older,
        args={"user": USERS, "thread": THREADS},
        needs=("actions", "role:create", "role:read", "role:delete"),
        wants=("thread",),
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
