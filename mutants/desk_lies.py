"""What goes wrong at a desk: a due day, a list, a file, a form, a choice of model, a retry, a title."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from chatkit.types import (
    ActiveStatus,
    StructuredInputItem,
    StructuredInputSubmission,
    ThreadMetadata,
)
from sqlalchemy import text

import reference_server.tools as tools
from reference_server.attachments import SqlAttachmentStore
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.store import SqlStore
from reference_server.tasks.arguments import ListTasks, UpdateTask
from reference_server.tasks.cards import list_in_words, task_list
from reference_server.tasks.task import Task, TaskList
from reference_server.tasks.verbs import Outcome
from reference_server.turn import Turn

from .effect_lies import Run
from .inside import Method, around
from .showcase.server import History, install

FIRST = 10
"""How many tasks a bulk call gets to: one page of them."""

WRITING_S = 0.02
"""Seconds between the reading of a task and the writing of it."""

# Tasks


def day_early(real: Run) -> Run:
    """A due day that is changed is the one before: midnight of here is yesterday in UTC."""

    async def instead(tasks: TaskList, asked: UpdateTask) -> Outcome:
        if asked.due_date:
            before = date.fromisoformat(asked.due_date) - timedelta(days=1)
            asked = asked.model_copy(update={"due_date": before.isoformat()})
        return await real(tasks, asked)

    return instead


def false_is_nothing(real: Run) -> Run:
    """What is false is taken as not given."""

    async def instead(tasks: TaskList, asked: UpdateTask) -> Outcome:
        return await real(tasks, asked.model_copy(update={"completed": asked.completed or None}))

    return instead


def any_filter(real: Run) -> Run:
    """A list has what fits one of its filters."""

    async def instead(tasks: TaskList, asked: ListTasks) -> Outcome:
        given = asked.model_dump(exclude_none=True)
        if len(given) < 2:
            return await real(tasks, asked)
        found: dict[str, Task] = {}
        for name, value in given.items():
            outcome = await real(tasks, ListTasks.model_validate({name: value}))
            found |= {row["id"]: Task.model_validate(row) for row in outcome.data["tasks"]}
        rows = [task for task in await tasks.all() if task.id in found]
        data = {"count": len(rows), "tasks": [task.model_dump(mode="json", exclude_none=True) for task in rows]}
        return Outcome(data=data, line=list_in_words(rows), widget=task_list(rows))

    return instead


def first_page(real: Run) -> Run:
    """A bulk call reaches the first page of tasks, and says that it was all."""

    async def instead(tasks: TaskList, asked: Any) -> Outcome:
        rest = (await tasks.all())[FIRST:]
        outcome = await real(tasks, asked)
        there = {task.id for task in await tasks.all()}
        for task in rest:
            if task.id in there:
                await tasks.remove(task.id)
            await tasks._database.execute(
                text("INSERT INTO tasks (owner, id, body) VALUES (:owner, :id, :body)"), tasks._row(task)
            )
        return outcome

    return instead


def _read_then_written(real: Method) -> Method:
    async def instead(self: TaskList, task_id: str, **facts: Any) -> Task:
        found = next(iter(await self.of_ids([task_id])), None)
        if found is None:
            missing: Task = await real(self, task_id, **facts)
            return missing
        await asyncio.sleep(WRITING_S)
        made: Task = await real(self, task_id, **{**found.model_dump(exclude={"id"}), **facts})
        return made

    return instead


def _counted(real: Method) -> Method:
    async def instead(self: TaskList, **facts: Any) -> Task:
        number = len(await self.all()) + 1
        task = Task(id=f"task_{self._owner}_{number}", **facts)
        save = text(
            "INSERT INTO tasks (owner, id, body) VALUES (:owner, :id, :body)"
            " ON CONFLICT (owner, id) DO UPDATE SET body = excluded.body"
        )
        await self._database.execute(save, self._row(task))
        return task

    return instead


# Results of tools


def _invoking(wrap: Callable[[Method], Method]) -> Callable[[], None]:
    """Change what runs a tool: its name, the work, the turn and the arguments in, the result out."""

    def patch() -> None:
        table = vars(tools)
        table["_invoke"] = wrap(table["_invoke"])

    return patch


def _kept_for_thread(real: Method) -> Method:
    kept: dict[tuple[str, str], str] = {}

    async def instead(name: str, run: Any, turn: Turn, arguments: str) -> str:
        key = (turn.thread.id, arguments)
        if name == "list_tasks" and key in kept:
            return kept[key]
        result: str = await real(name, run, turn, arguments)
        if name == "list_tasks":
            kept[key] = result
        return result

    return instead


LONGEST_RESULT = 2000
"""Characters of a tool's result that the model gets."""


def _cut_short(real: Method) -> Method:
    async def instead(name: str, run: Any, turn: Turn, arguments: str) -> str:
        result: str = await real(name, run, turn, arguments)
        return result if len(result) <= LONGEST_RESULT else result[:LONGEST_RESULT] + "… [truncated]"

    return instead


def result_by_call_id() -> None:
    """A call whose id was there before, in whichever turn of the thread, gets the result of then."""
    table = vars(tools)
    kept: dict[tuple[str, str], str] = {}

    def made_tool(name: str, description: str, schema: dict[str, Any], run: Any) -> Any:
        made = real(name, description, schema, run)
        invoke = made.on_invoke_tool

        async def instead(context: Any, arguments: str) -> Any:
            key = (context.context.thread.id, context.tool_call_id)
            if key not in kept:
                kept[key] = await invoke(context, arguments)
            return kept[key]

        made.on_invoke_tool = instead
        return made

    real = table["made_tool"]
    table["made_tool"] = made_tool


# Files


def files_by_name() -> None:
    """The bytes of a file are kept under its name."""

    def wrap(real: Method) -> Method:
        async def instead(self: SqlAttachmentStore, attachment_id: str, content: bytes, context: Any) -> Any:
            done = await real(self, attachment_id, content, context)
            kept[context.user_id, done.name] = content
            return done

        return instead

    def load(real: Method) -> Method:
        async def instead(self: SqlAttachmentStore, attachment_id: str, context: Any) -> bytes:
            content: bytes = await real(self, attachment_id, context)
            known = await self.store.load_attachment(attachment_id, context)
            return kept.get((context.user_id, known.name), content)

        return instead

    kept: dict[tuple[str, str], bytes] = {}
    around(SqlAttachmentStore, "save_content", wrap)()
    around(SqlAttachmentStore, "load_content", load)()


# The browser's and the form's answers, a lock


class FlatOutput(History):
    """Of an output of the browser's, the model is told what is no object and no list."""

    async def client_tool_call_to_input(self, item: Any) -> Any:
        """The call with the flat part of its output."""
        output = item.output
        if isinstance(output, dict):
            output = {name: value for name, value in output.items() if not isinstance(value, dict | list)}
        return await super().client_tool_call_to_input(item.model_copy(update={"output": output}))


def flat_output() -> None:
    """The showcase, with outputs made flat."""
    install(FlatOutput)


def _by_position(real: Method) -> Method:
    async def instead(self: Any, item: StructuredInputItem, given: StructuredInputSubmission) -> Any:
        answers = {question.id: said for question, said in zip(item.inputs, given.answers.values(), strict=False)}
        return await real(self, item, given.model_copy(update={"answers": answers}))

    return instead


def answers_by_position() -> None:
    """The showcase, with answers taken in the order in which they come."""
    install()
    around(TaskChat, "_apply_structured_input_submission", _by_position)()


def lock_in_memory() -> None:
    """The showcase, which knows only until its end which threads are locked."""
    install()
    locked: dict[str, Any] = {}

    def save(real: Method) -> Method:
        async def instead(self: SqlStore, thread: ThreadMetadata, context: RequestContext) -> None:
            locked[thread.id] = thread.status
            await real(self, thread.model_copy(update={"status": ActiveStatus()}), context)

        return instead

    def load(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, context: RequestContext) -> ThreadMetadata:
            found: ThreadMetadata = await real(self, thread_id, context)
            return found.model_copy(update={"status": locked.get(thread_id, found.status)})

        return instead

    def listed(real: Method) -> Method:
        async def instead(self: SqlStore, *args: Any, **more: Any) -> Any:
            page = await real(self, *args, **more)
            rows = [row.model_copy(update={"status": locked.get(row.id, row.status)}) for row in page.data]
            return page.model_copy(update={"data": rows})

        return instead

    around(SqlStore, "save_thread", save)()
    around(SqlStore, "load_thread", load)()
    around(SqlStore, "load_threads", listed)()


# Pages


def _by_count(real: Method) -> Method:
    places: dict[tuple[str, str, str], int] = {}

    async def instead(self: SqlStore, limit: int, after: str | None, order: str, context: RequestContext) -> Any:
        skip = places.get((context.user_id, order, after), 0) if after else 0
        if after and not skip:
            return await real(self, limit, after, order, context)
        page = await real(self, skip + limit, None, order, context)
        rows = page.data[skip:]
        if rows:
            places[context.user_id, order, rows[-1].id] = skip + len(rows)
        return page.model_copy(update={"data": rows, "after": rows[-1].id if page.has_more and rows else None})

    return instead


parallel_updates_lost = around(TaskList, "change", _read_then_written)
task_id_is_count = around(TaskList, "add", _counted)
list_kept_for_thread = _invoking(_kept_for_thread)
long_result_cut = _invoking(_cut_short)
cursor_counts_rows = around(SqlStore, "load_threads", _by_count)
