"""Near misses whose tools know their own mind: a title is there once only, a task that is done can be opened again."""

from __future__ import annotations

from dataclasses import replace

import reference_server.tools as tools
from reference_server.tasks.arguments import CreateTask, OneTask
from reference_server.tasks.task import TaskList
from reference_server.tasks.verbs import Outcome, Refused

from .effect_lies import Run, verb

OVER = "Mark one task as done; one that is done is open again then."


def _title_once(real: Run) -> Run:
    async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
        if any(task.title == asked.title for task in await tasks.all()):
            raise Refused(f"{asked.title!r} is on the list already; give the second one a title of its own")
        return await real(tasks, asked)

    return instead


def turned_over(real: Run) -> Run:
    """A task that is done is open again when it is completed once more."""

    async def instead(tasks: TaskList, asked: OneTask) -> Outcome:
        before = next(iter(await tasks.of_ids([asked.task_id])), None)
        outcome = await real(tasks, asked)
        if before is not None and before.completed:
            await tasks.change(asked.task_id, completed=False)
        return outcome

    return instead


def turns_over() -> None:
    """The tool turns over what is done, and its description says so."""
    verb("complete_task", turned_over)()
    table = vars(tools)
    table["VERBS"] = tuple(
        replace(one, description=OVER) if one.name == "complete_task" else one for one in table["VERBS"]
    )


title_once = verb("create_task", _title_once)
