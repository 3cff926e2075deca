"""Lies about lists by a filter, facts that are made empty, and tasks that are gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_server.tasks import verbs
from reference_server.tasks.arguments import ListTasks
from reference_server.tasks.task import _INSERT, Task, TaskList, TaskNotFound

from .inside import Method, around, both
from .mutant import Patch

Matches = Callable[[Task, ListTasks], bool]


def _matching(wrap: Callable[[Matches], Matches]) -> Patch:
    """Replace how a task is held against what a list is asked for by."""

    def patch() -> None:
        kept = vars(verbs)
        kept["_matches"] = wrap(kept["_matches"])

    return patch


def _first_filter(real: Matches) -> Matches:
    """Where a priority is asked for, nothing else counts."""
    return lambda task, asked: real(task, ListTasks(priority=asked.priority) if asked.priority else asked)


def _without_priority(real: Matches) -> Matches:
    """A priority that is asked for is not looked at."""
    return lambda task, asked: real(task, asked.model_copy(update={"priority": None}))


def _what_is_given(real: Method) -> Method:
    """An empty list of tags counts as not given."""

    async def instead(self: TaskList, task_id: str, **facts: Any) -> Task:
        given = {name: value for name, value in facts.items() if value not in ([], ())}
        task: Task = await real(self, task_id, **given)
        return task

    return instead


_GONE: dict[str, Task] = {}


def _bury(real: Method) -> Method:
    async def instead(self: TaskList, task_id: str) -> Task:
        task: Task = await real(self, task_id)
        _GONE[task_id] = task
        return task

    return instead


def _dig_up(real: Method) -> Method:
    """A change of a task that was deleted brings it back."""

    async def instead(self: TaskList, task_id: str, **facts: Any) -> Task:
        try:
            task: Task = await real(self, task_id, **facts)
        except TaskNotFound:
            if task_id not in _GONE:
                raise
            task = _GONE.pop(task_id).model_copy(update=facts)
            await self._database.execute(_INSERT, self._row(task))
        return task

    return instead


def _as_before(real: Method) -> Method:
    """A change answers with the task as it was before."""

    async def instead(self: TaskList, task_id: str, **facts: Any) -> Task:
        before = await self.of_ids([task_id])
        after: Task = await real(self, task_id, **facts)
        return before[0] if before and "title" in facts else after

    return instead


first_filter_alone = _matching(_first_filter)
priority_unused = _matching(_without_priority)
keep_tags = around(TaskList, "change", _what_is_given)
revive = both(around(TaskList, "remove", _bury), around(TaskList, "change", _dig_up))
tell_old = around(TaskList, "change", _as_before)
