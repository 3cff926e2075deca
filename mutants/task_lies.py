"""More ways in which a tool does other things than it was asked to: to alike tasks, to other fields, in other turns."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sqlalchemy import text

import reference_server.chat as chat
import reference_server.tools as tools
from reference_server.tasks.arguments import CreateTask
from reference_server.tasks.task import Task, TaskList
from reference_server.tasks.verbs import Outcome

from .effect_lies import Run
from .inside import Invoke, Method, around
from .mutant import Patch

_OWNER = text("SELECT owner FROM tasks WHERE id = :id")

SHORT = 20
"""Characters of a title that `title_cut` leaves."""


def _first(task: Task) -> str:
    return task.title.split()[0].lower() if task.title.split() else ""


async def _alike(tasks: TaskList, asked: Any) -> list[Task]:
    """The other tasks that begin with the same word."""
    mine = [task for task in await tasks.all() if task.id == asked.task_id]
    return [task for task in await tasks.all() if mine and task.id != asked.task_id and _first(task) == _first(mine[0])]


async def complete_alike(tasks: TaskList, asked: Any) -> None:
    """Tasks that begin with the same word are completed, too."""
    for task in await _alike(tasks, asked):
        await tasks.change(task.id, completed=True)


async def reset_date(tasks: TaskList, asked: Any) -> None:
    """The date is gone."""
    await tasks.change(asked.task_id, due_date=None)


async def lower(tasks: TaskList, asked: Any) -> None:
    """Its priority is low."""
    await tasks.change(asked.task_id, priority="low")


async def reopen_unless_said(tasks: TaskList, asked: Any) -> None:
    """It is open, where the call does not say that it is done."""
    if asked.completed is None:
        await tasks.change(asked.task_id, completed=False)


async def complete_it(tasks: TaskList, asked: Any) -> None:
    """It is completed."""
    await tasks.change(asked.task_id, completed=True)


async def reopen_others(tasks: TaskList, asked: Any) -> None:
    """All other tasks are open again."""
    for task in await tasks.all():
        await tasks.change(task.id, completed=False)


async def change_newest(tasks: TaskList, asked: Any) -> None:
    """The newest task gets the same description and date."""
    named = asked.model_dump(exclude_none=True, include={"description", "due_date", "priority"})
    for task in (await tasks.all())[-1:]:
        await tasks.change(task.id, **named)


async def complete_oldest(tasks: TaskList, asked: Any) -> None:
    """The oldest task is completed."""
    for task in (await tasks.all())[:-1][:1]:
        await tasks.change(task.id, completed=True)


async def mark_titles(tasks: TaskList, asked: Any) -> None:
    """Titles of what is completed say so."""
    for task in await tasks.all():
        await tasks.change(task.id, title=f"[done] {task.title}")


async def new_ids(tasks: TaskList, asked: Any) -> None:
    """Every task has another id from now on."""
    for task in await tasks.all():
        await tasks.remove(task.id)
        await tasks.add(**task.model_dump(exclude={"id"}))


def delete_alike(real: Run) -> Run:
    """Tasks that begin with the same word are deleted, too."""

    async def instead(tasks: TaskList, asked: Any) -> Outcome:
        alike = await _alike(tasks, asked)
        outcome = await real(tasks, asked)
        for task in alike:
            await tasks.remove(task.id)
        return outcome

    return instead


def delete_by_beginning(real: Run) -> Run:
    """The first task whose id begins with what is asked for is deleted."""

    async def instead(tasks: TaskList, asked: Any) -> Outcome:
        meant = (task.id for task in await tasks.all() if task.id.startswith(asked.task_id))
        return await real(tasks, asked.model_copy(update={"task_id": next(meant, asked.task_id)}))

    return instead


def _only_the_first_ends(real: Method) -> Method:
    """The end of a step that is not the first of its turn is lost."""

    def instead(self: Any, *args: Any, **kwargs: Any) -> None:
        if self._turn.steps[0] is self:
            real(self, *args, **kwargs)

    return instead


lose_later_steps = around(tools._Display, "end", _only_the_first_ends)


def _only_the_last(real: Method) -> Method:
    """Of the tasks that a widget shows only the last is looked up when it is drawn anew."""

    async def instead(self: TaskList, ids: Any) -> Any:
        return (await real(self, ids))[-1:]

    return instead


redraw_only_the_last = around(TaskList, "of_ids", _only_the_last)


def tags_added(real: Run) -> Run:
    """New tags stand beside the old ones."""

    async def instead(tasks: TaskList, asked: Any) -> Outcome:
        before = await tasks.of_ids([asked.task_id])
        if asked.tags is not None and before:
            asked = asked.model_copy(update={"tags": [*before[0].tags, *asked.tags]})
        return await real(tasks, asked)

    return instead


def title_cut(real: Run) -> Run:
    """Titles are cut."""

    async def instead(tasks: TaskList, asked: Any) -> Outcome:
        if asked.title:
            asked = asked.model_copy(update={"title": asked.title[:SHORT]})
        return await real(tasks, asked)

    return instead


def title_capital(real: Run) -> Run:
    """Words of a title begin with a capital."""

    async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
        return await real(tasks, asked.model_copy(update={"title": asked.title.title()}))

    return instead


def _pretended(asked: CreateTask) -> Outcome:
    task = {"id": "task_000000000000", "title": asked.title, "completed": False}
    return Outcome(data={"created": True, "task": task}, line=asked.title)


def one_at_a_time(real: Run) -> Run:
    """Of two tasks that are made at once the second is lost."""
    busy: set[int] = set()

    async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
        if id(tasks) in busy:
            return _pretended(asked)
        busy.add(id(tasks))
        try:
            await asyncio.sleep(0.02)
            return await real(tasks, asked)
        finally:
            busy.discard(id(tasks))

    return instead


def two_in_a_turn(real: Run) -> Run:
    """The third task of one turn is lost."""
    made: dict[int, int] = {}

    async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
        made[id(tasks)] = made.get(id(tasks), 0) + 1
        return await real(tasks, asked) if made[id(tasks)] < 3 else _pretended(asked)

    return instead


def newest_three(real: Run) -> Run:
    """A list has the newest three tasks, and says that these are all."""

    async def instead(tasks: TaskList, asked: Any) -> Outcome:
        outcome = await real(tasks, asked)
        rows = outcome.data["tasks"][-3:]
        return Outcome(data={"count": len(rows), "tasks": rows}, line=outcome.line, widget=outcome.widget)

    return instead


def completed_twice(real: Run) -> Run:
    """Completing what is completed opens it again."""

    async def instead(tasks: TaskList, asked: Any) -> Outcome:
        before = await tasks.of_ids([asked.task_id])
        outcome = await real(tasks, asked)
        if before and before[0].completed:
            await tasks.change(asked.task_id, completed=False)
        return outcome

    return instead


# Other users, other turns, other ways


def also_for_last(real: Run) -> Run:
    """A new task is put on the list of whoever made one before, too."""
    last: list[str] = []

    async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
        outcome = await real(tasks, asked)
        mine, before = tasks._owner, last[-1:]
        last[:] = [mine]
        if before and before[0] != mine:
            other = TaskList(tasks._database, "-")
            other._owner = before[0]
            await other.add(**asked.model_dump(exclude_none=True))
        return outcome

    return instead


def yes_remembered(real: Invoke) -> Invoke:
    """Who has once said yes need not say it again."""
    agreed: set[str] = set()

    async def instead(context: Any, arguments: str) -> Any:
        user, asked = context.context.context.user_id, json.loads(arguments or "{}")
        if asked.get("confirm") is True:
            agreed.add(user)
        if user in agreed:
            arguments = json.dumps({**asked, "confirm": True})
        return await real(context, arguments)

    return instead


def second_ask_is_yes(real: Invoke) -> Invoke:
    """Who asks a second time in one turn has thereby said yes."""
    asked: set[int] = set()

    async def instead(context: Any, arguments: str) -> Any:
        turn = id(context.context)
        if turn in asked:
            arguments = json.dumps({**json.loads(arguments or "{}"), "confirm": True})
        asked.add(turn)
        return await real(context, arguments)

    return instead


def button(how: Any) -> Patch:
    """Change what a widget's button does besides."""

    def patch() -> None:
        kept = vars(chat)
        real = kept["carry_out"]

        async def instead(action: Any, sender: Any, tasks: TaskList) -> Any:
            done = await real(action, sender, tasks)
            await how(action, tasks)
            return done

        kept["carry_out"] = instead

    return patch


async def all_completed(action: Any, tasks: TaskList) -> None:
    """A button completes every task."""
    await tasks.complete_all()


def anybodys(real: Method) -> Method:
    """A button reaches the tasks of whoever owns them, by their id."""

    async def instead(action: Any, sender: Any, tasks: TaskList) -> Any:
        rows = await tasks._database.rows(
            _OWNER, {"id": (action.payload or {}).get("task_id", "") if isinstance(action.payload, dict) else ""}
        )
        if rows:
            tasks._owner = rows[0].owner
        return await real(action, sender, tasks)

    return instead


def reach_anybodys() -> None:
    """Buttons reach other users' tasks."""
    vars(chat)["carry_out"] = anybodys(vars(chat)["carry_out"])


def seconds_apart(real: Method) -> Method:
    """Tasks of the same title are one, for the whole server's life: the first is given."""
    made: dict[tuple[str, str], Task] = {}

    async def instead(self: TaskList, **facts: Any) -> Task:
        key = (self._owner, str(facts.get("title")))
        if key not in made or not await self.of_ids([made[key].id]):
            made[key] = await real(self, **facts)
        return made[key]

    return instead


merge_alike = around(TaskList, "add", seconds_apart)
