"""The seven tools as a table: what each is called, takes, does, and says to the user while it works."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from chatkit.widgets import WidgetRoot

from reference_server.tasks.arguments import Arguments, Confirmed, CreateTask, ListTasks, OneTask, UpdateTask
from reference_server.tasks.cards import card, in_words, list_in_words, task_list
from reference_server.tasks.task import Task, TaskList, TaskNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a tool did. `data` goes to the model as JSON; `line` and `widget` are for the user."""

    data: dict[str, Any]
    line: str
    detail: str | None = None
    widget: WidgetRoot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One tool. `during` is the progress text; `draws` says that its outcome is a widget instead of a workflow."""

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[TaskList, Any], Awaitable[Outcome]]
    during: str
    draws: bool = False


class Refused(Exception):
    """The tool will not do it; the message says why, to the model and to the user."""


async def _create(tasks: TaskList, asked: CreateTask) -> Outcome:
    task = await tasks.add(**asked.model_dump(exclude_none=True))
    return Outcome(data={"created": True, "task": _facts(task)}, line=in_words(task), widget=card(task))


async def _list(tasks: TaskList, asked: ListTasks) -> Outcome:
    found = [task for task in await tasks.all() if _matches(task, asked)]
    data = {"count": len(found), "tasks": [_facts(task) for task in found]}
    return Outcome(data=data, line=list_in_words(found), widget=task_list(found))


async def _update(tasks: TaskList, asked: UpdateTask) -> Outcome:
    changes = asked.model_dump(exclude_none=True, exclude={"task_id"})
    if not changes:
        raise Refused("nothing to change was given; name at least one of title, description, due_date, priority, tags")
    if "tags" in changes:
        changes["tags"] = tuple(changes["tags"])
    task = await tasks.change(asked.task_id, **changes)
    return Outcome(data={"updated": True, "task": _facts(task)}, line="Updated a task", detail=in_words(task))


async def _delete(tasks: TaskList, asked: OneTask) -> Outcome:
    task = await tasks.remove(asked.task_id)
    return Outcome(data={"deleted": True, "task": _facts(task)}, line="Deleted a task", detail=in_words(task))


async def _complete(tasks: TaskList, asked: OneTask) -> Outcome:
    task = await tasks.change(asked.task_id, completed=True)
    return Outcome(data={"completed": True, "task": _facts(task)}, line="Completed a task", detail=in_words(task))


async def _complete_all(tasks: TaskList, asked: Confirmed) -> Outcome:
    _demand(asked, "complete")
    done = await tasks.complete_all()
    data = {"completed": len(done), "tasks": [_facts(task) for task in done]}
    return Outcome(data=data, line=f"Completed all tasks ({len(done)})", detail=list_in_words(done) if done else None)


async def _delete_all(tasks: TaskList, asked: Confirmed) -> Outcome:
    _demand(asked, "delete")
    count = await tasks.remove_all()
    return Outcome(data={"deleted": count}, line=f"Deleted all tasks ({count})")


def _demand(asked: Confirmed, verb: str) -> None:
    if not asked.confirm:
        raise Refused(f"will not {verb} all tasks without a yes: ask the user, then call again with confirm=true")


def _matches(task: Task, asked: ListTasks) -> bool:
    wanted = {"open": not task.completed, "completed": task.completed}.get(asked.status or "all", True)
    text = f"{task.title}\n{task.description}".lower()
    return (
        wanted
        and (asked.priority is None or task.priority == asked.priority)
        and (asked.tag is None or asked.tag in task.tags)
        and (asked.search is None or asked.search.lower() in text)
    )


def _facts(task: Task) -> dict[str, Any]:
    return task.model_dump(mode="json", exclude_none=True)


def why_not(error: Exception) -> str | None:
    """What to say about an error that a tool is expected to raise; None for any other."""
    if isinstance(error, TaskNotFound):
        return f"there is no task with the id {error}; list_tasks shows the ids"
    return str(error) if isinstance(error, Refused) else None


VERBS: tuple[Verb, ...] = (
    Verb(
        name="create_task",
        description="Create a task for the user.",
        arguments=CreateTask,
        run=_create,
        during="Creating a task",
        draws=True,
    ),
    Verb(
        name="list_tasks",
        description="Show the user's tasks, all or some of them. Gives their ids.",
        arguments=ListTasks,
        run=_list,
        during="Looking up tasks",
        draws=True,
    ),
    Verb(
        name="update_task",
        description="Change facts of one task.",
        arguments=UpdateTask,
        run=_update,
        during="Updating a task",
    ),
    Verb(name="delete_task", description="Delete one task.", arguments=OneTask, run=_delete, during="Deleting a task"),
    Verb(
        name="complete_task",
        description="Mark one task as done.",
        arguments=OneTask,
        run=_complete,
        during="Completing a task",
    ),
    Verb(
        name="complete_all_tasks",
        description="Mark all open tasks as done. Needs confirm=true, after the user has said yes.",
        arguments=Confirmed,
        run=_complete_all,
        during="Completing all tasks",
    ),
    Verb(
        name="delete_all_tasks",
        description="Delete all tasks. Needs confirm=true, after the user has said yes.",
        arguments=Confirmed,
        run=_delete_all,
        during="Deleting all tasks",
    ),
)
