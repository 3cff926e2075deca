"""Ways in which a tool does more, or less, than it was asked to: to one task, to its neighbours, to other users'."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import text

import reference_server.tools as tools
from reference_server.tasks.arguments import CreateTask
from reference_server.tasks.task import Task, TaskList, TaskNotFound
from reference_server.tasks.verbs import Outcome

from .inside import Method, around, both
from .mutant import Patch

Run = Callable[[TaskList, Any], Awaitable[Outcome]]

FRESH: dict[str, Any] = {
    name: value for name, value in Task(id="-", title="-").model_dump().items() if name not in ("id", "title")
}
"""A task's fields but its title, as they are when nobody has set them."""


def verb(name: str, how: Callable[[Run], Run]) -> Patch:
    """Change what the tool of that name does, behind its arguments' validation."""

    def patch() -> None:
        # The table is read when the tools are made, which is when the server is. By name: it is `verbs`' to give.
        table = vars(tools)
        table["VERBS"] = tuple(replace(one, run=how(one.run)) if one.name == name else one for one in table["VERBS"])

    return patch


def and_then(more: Callable[[TaskList, Any], Awaitable[Any]]) -> Callable[[Run], Run]:
    """Do something besides, after the work."""

    def how(real: Run) -> Run:
        async def instead(tasks: TaskList, asked: Any) -> Outcome:
            outcome = await real(tasks, asked)
            await more(tasks, asked)
            return outcome

        return instead

    return how


def also_alike(change: Callable[[TaskList, str], Awaitable[Any]]) -> Callable[[Run], Run]:
    """Do to every task of the same title what is done to one."""

    def how(real: Run) -> Run:
        async def instead(tasks: TaskList, asked: Any) -> Outcome:
            titles = [task.title for task in await tasks.of_ids([asked.task_id])]
            outcome = await real(tasks, asked)
            for task in await tasks.all():
                if task.title in titles:
                    await change(tasks, task.id)
            return outcome

        return instead

    return how


async def reset_others(tasks: TaskList, asked: Any) -> None:
    """Fields that the call did not name are as in a new task."""
    named = asked.model_dump(exclude_none=True)
    await tasks.change(asked.task_id, **{k: v for k, v in FRESH.items() if k not in named})


async def reset_description(tasks: TaskList, asked: Any) -> None:
    """The description is gone."""
    await tasks.change(asked.task_id, description="")


async def reset_tags(tasks: TaskList, asked: Any) -> None:
    """The tags are gone."""
    await tasks.change(asked.task_id, tags=())


async def all_alike(tasks: TaskList, asked: Any) -> None:
    """All other tasks get what the call named."""
    named = asked.model_dump(exclude_none=True, exclude={"task_id", "tags"})
    for task in await tasks.all():
        await tasks.change(task.id, **named)


async def delete_neighbour(tasks: TaskList, asked: Any) -> None:
    """The first of the other tasks goes as well."""
    for task in (await tasks.all())[:1]:
        await tasks.remove(task.id)


async def complete_all(tasks: TaskList, asked: Any) -> None:
    """Every task is completed."""
    await tasks.complete_all()


async def delete_it(tasks: TaskList, asked: Any) -> None:
    """The task is deleted."""
    await tasks.remove(asked.task_id)


async def reopen(tasks: TaskList, asked: Any) -> None:
    """All tasks are open again."""
    for task in await tasks.all():
        await tasks.change(task.id, completed=False)


async def delete_completed(tasks: TaskList, asked: Any) -> None:
    """What is completed is thrown away."""
    for task in await tasks.all():
        if task.completed:
            await tasks.remove(task.id)


def without(field: str) -> Callable[[Run], Run]:
    """A new task lacks this field."""

    def how(real: Run) -> Run:
        async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
            return await real(tasks, asked.model_copy(update={field: None}))

        return instead

    return how


def other_id(real: Run) -> Run:
    """An updated task is a new one, under a new id."""

    async def instead(tasks: TaskList, asked: Any) -> Outcome:
        outcome = await real(tasks, asked)
        for task in await tasks.of_ids([asked.task_id]):
            await tasks.remove(task.id)
            await tasks.add(**task.model_dump(exclude={"id"}))
        return outcome

    return instead


def merged_by_first_word(real: Run) -> Run:
    """A new task that begins like another one takes its place."""

    async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
        start = asked.title.split()[0].lower()
        for task in await tasks.all():
            if task.title.split()[0].lower() == start and task.title != asked.title:
                await tasks.remove(task.id)
        return await real(tasks, asked)

    return instead


def all_but_one(real: Run) -> Run:
    """The last task is left as it is."""

    async def instead(tasks: TaskList, asked: Any) -> Outcome:
        last = (await tasks.all())[-1:]
        outcome = await real(tasks, asked)
        for task in last:
            if await tasks.of_ids([task.id]):
                await tasks.remove(task.id)
            await tasks.add(**task.model_dump(exclude={"id"}))
        return outcome

    return instead


def claimed(word: str) -> Callable[[Run], Run]:
    """A task that is not there is said to be done with."""

    def how(real: Run) -> Run:
        async def instead(tasks: TaskList, asked: Any) -> Outcome:
            try:
                return await real(tasks, asked)
            except TaskNotFound:
                data = {word: True, "task": {"id": asked.task_id, "title": "the task"}}
                return Outcome(data=data, line="Done", detail="the task")

        return instead

    return how


# Other users'


def everybodys(real: Method) -> Method:
    """A list has the tasks of all users."""

    async def instead(self: TaskList) -> list[Task]:
        rows = await self._database.rows(text("SELECT body FROM tasks ORDER BY position"), {})
        return [Task.model_validate_json(row.body) for row in rows]

    return instead


def as_its_owner(real: Method) -> Method:
    """A task is looked up by its id alone."""

    async def instead(self: TaskList, task_id: str, **facts: Any) -> Any:
        rows = await self._database.rows(text("SELECT owner FROM tasks WHERE id = :id"), {"id": task_id})
        mine, self._owner = self._owner, rows[0].owner if rows else self._owner
        try:
            return await real(self, task_id, **facts)
        finally:
            self._owner = mine

    return instead


def of_all_users(statement: str) -> Callable[[Method], Method]:
    """A bulk call is done to every user's tasks."""

    def wrap(real: Method) -> Method:
        async def instead(self: TaskList) -> Any:
            done = await real(self)
            await self._database.execute(text(statement), {})
            return done

        return instead

    return wrap


# What counts as a yes


def word_is_yes(arguments: dict[str, Any]) -> dict[str, Any]:
    """Any text is a yes."""
    return {**arguments, "confirm": True} if isinstance(arguments.get("confirm"), str) else arguments


def given_is_yes(arguments: dict[str, Any]) -> dict[str, Any]:
    """Whatever was given is a yes, null and 0 too."""
    return {**arguments, "confirm": True} if "confirm" in arguments else arguments


def null_is_yes(arguments: dict[str, Any]) -> dict[str, Any]:
    """Null is a yes."""
    return {**arguments, "confirm": True} if arguments.get("confirm", 0) is None else arguments


list_everybodys = around(TaskList, "all", everybodys)
change_anybodys = around(TaskList, "change", as_its_owner)
remove_anybodys = around(TaskList, "remove", as_its_owner)
complete_everybodys = around(
    TaskList, "complete_all", of_all_users("UPDATE tasks SET body = json_set(body, '$.completed', json('true'))")
)
remove_everybodys = around(TaskList, "remove_all", of_all_users("DELETE FROM tasks"))
all_of_anybodys = both(list_everybodys, change_anybodys, remove_anybodys)
