"""What goes wrong on any day: a renewed token, a second tab, a page that is just full, a date, a file, a title."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import ThreadsDeleteReq, UserMessageItem

import reference_server.auth as auth
from reference_server.attachments import SqlAttachmentStore
from reference_server.chat import TaskChat, _title_of
from reference_server.context import RequestContext
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.refusal import Refusal
from reference_server.store import SqlStore
from reference_server.tasks.arguments import CreateTask
from reference_server.tasks.task import Task, TaskList
from reference_server.tasks.verbs import Outcome
from reference_server.turn import Turn, now

from .effect_lies import Run
from .inside import Method, around, both
from .mutant import JSON, Event, Memory
from .promise_lies import params
from .showcase.server import History, install

CUT = 256 * 1024
"""Bytes of a file that are kept."""

LATE_S = 0.4
"""Seconds after which the job that makes titles is done."""

# Who is who


def token_is_user() -> None:
    """What a user has belongs to the token that it was made with."""
    real = auth.subject_of

    def instead(token: str, secret: str, **more: str) -> str:
        return f"{real(token, secret, **more)}-{hashlib.sha256(token.encode()).hexdigest()[:8]}"

    setattr(auth, "subject_of", instead)  # noqa: B010 - the module has no seam for this


def _in_small_letters(real: Method) -> Method:
    return lambda self, *, user_id, **more: real(self, user_id=user_id.lower(), **more)


# Two tabs


class _Noted(TaskList):
    """A task list that notes what is made by it."""

    def __init__(self, tasks: TaskList) -> None:
        self.__dict__.update(tasks.__dict__)
        self.made: set[str] = set()

    async def add(self, **facts: Any) -> Task:
        """As it is, and noted."""
        task = await super().add(**facts)
        self.made.add(task.id)
        return task


_LISTS: dict[str, list[_Noted]] = {}


def _noting(real: Method) -> Method:
    def instead(self: TaskChat, thread: Any, context: Any) -> Turn:
        turn: Turn = real(self, thread, context)
        tasks = _Noted(turn.tasks)
        _LISTS.setdefault(thread.id, []).append(tasks)
        return replace(turn, tasks=tasks)

    return instead


def _saved_whole(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        before = {task.id for task in await TaskList(self.sql.database, context.user_id).all()}
        async for event in real(self, thread, message, context):
            yield event
        tasks = _LISTS[thread.id][-1]
        if tasks.made:
            for task in await tasks.all():
                if task.id not in before | tasks.made:
                    await tasks.remove(task.id)

    return instead


def tabs_share(request: Event, memory: Memory) -> Event:
    """A thread that is begun while another one of the same user is, is that one."""
    under_way: dict[str, str] = memory.server.setdefault("making", {})
    thread = under_way.get(str(memory.stream.get("token")))
    if request.get("type") != "threads.create" or not thread:
        return request
    given = request["params"]["input"]
    return {**request, "type": "threads.add_user_message", "params": {"thread_id": thread, "input": given}}


def making(event: Event, memory: Memory) -> tuple[Event, ...]:
    """Notes which thread is being begun."""
    if event.get("type") == "thread.created":
        memory.server.setdefault("making", {})[str(memory.stream.get("token"))] = event["thread"]["id"]
    return (event,)


def made(memory: Memory) -> tuple[Event, ...]:
    """Notes that it has been begun."""
    memory.server.setdefault("making", {}).pop(str(memory.stream.get("token")), None)
    return ()


# After a failed request

_HELD: dict[str, str] = {}
_USER: ContextVar[str] = ContextVar("user", default="")


def _holding(real: Method) -> Method:
    async def instead(self: TaskChat, request: Any, context: Any) -> Any:
        try:
            return await real(self, request, context)
        except NotFoundError:
            asked = json.loads(request)
            if asked["type"] == "threads.add_user_message":
                _HELD[context.user_id] = "".join(part.get("text", "") for part in asked["params"]["input"]["content"])
            raise

    return instead


def _of_user(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        _USER.set(context.user_id)
        async for event in real(self, thread, message, context):
            yield event

    return instead


def _held_first(real: Method) -> Method:
    async def instead(self: HistoryConverter, items: Any) -> Any:
        told = await real(self, items)
        held = _HELD.pop(_USER.get(), "")
        return [{"role": "user", "content": held}, *told] if held else told

    return instead


# Edges


def full_page(answer: JSON, memory: Memory) -> JSON:
    """The last row of a last page that is just full is lost."""
    page = answer.get("items", answer) if isinstance(answer, dict) else answer
    rows = page.get("data") if isinstance(page, dict) and not page.get("has_more") else None
    if isinstance(rows, list) and len(rows) == (params(memory).get("limit") or 20) > 1:
        rows.pop()
    return answer


def no_leap_days(real: Run) -> Run:
    """The 29th of February is the 1st of March."""

    async def instead(tasks: TaskList, asked: CreateTask) -> Outcome:
        if (asked.due_date or "").endswith("-02-29"):
            asked = asked.model_copy(update={"due_date": str(asked.due_date).replace("-02-29", "-03-01")})
        return await real(tasks, asked)

    return instead


def _composed(real: Method) -> Method:
    async def instead(self: SqlStore, thread_id: str, item: Any, *args: Any, **more: Any) -> None:
        if isinstance(item, UserMessageItem):
            item = item.model_copy(deep=True)
            for part in item.content:
                part.text = unicodedata.normalize("NFC", part.text)
        await real(self, thread_id, item, *args, **more)

    return instead


def _cut(real: Method) -> Method:
    async def instead(self: SqlAttachmentStore, attachment_id: str, content: bytes, context: Any) -> Any:
        return await real(self, attachment_id, content[:CUT], context)

    return instead


# Deleted, and made again

_REMOVED: dict[tuple[str, str], Task] = {}


def _buried(real: Method) -> Method:
    async def instead(self: TaskList, task_id: str) -> Task:
        task: Task = await real(self, task_id)
        _REMOVED[self._owner, task.title] = task
        return task

    return instead


def _dug_up(real: Method) -> Method:
    async def instead(self: TaskList, **facts: Any) -> Task:
        old = _REMOVED.pop((self._owner, str(facts.get("title"))), None)
        if old is None:
            fresh: Task = await real(self, **facts)
            return fresh
        made: Task = await real(self, **old.model_dump(exclude={"id"}))
        return made

    return instead


def _taken_along(real: Method) -> Method:
    async def instead(self: TaskChat, request: Any, context: Any) -> Any:
        done = await real(self, request, context)
        if isinstance(request, ThreadsDeleteReq):
            for tasks in _LISTS.pop(request.params.thread_id, []):
                there = {task.id for task in await tasks.all()}
                for id in tasks.made & there:
                    await tasks.remove(id)
        return done

    return instead


# Buttons, and answers of the browser


def _one_press(real: Method) -> Method:
    seen: set[str] = set()

    async def instead(self: TaskChat, thread: Any, action: Any, sender: Any, context: Any) -> AsyncIterator[Any]:
        pressed = f"{thread.id} {sender.id if sender else ''} {action.model_dump_json()}"
        if pressed in seen:
            raise RuntimeError("this was done already")
        seen.add(pressed)
        async for event in real(self, thread, action, sender, context):
            yield event

    return instead


class NoFalsyOutput(History):
    """An output of the browser's that is false, empty or 0 is told as none."""

    async def client_tool_call_to_input(self, item: Any) -> Any:
        """The call with what it truly is, or None."""
        return await super().client_tool_call_to_input(item.model_copy(update={"output": item.output or None}))


def falsy_output_lost() -> None:
    """The showcase, with what is falsy taken for nothing."""
    install(NoFalsyOutput)


# The model's client, caches, jobs, restarts


def without_tools_again() -> Callable[[Event], Event]:
    """A request that is sent once more has no tools."""
    sent: list[str] = []

    def change(body: Event) -> Event:
        asked = json.dumps(body.get("messages"), sort_keys=True)
        if asked in sent:
            return {k: v for k, v in body.items() if k not in ("tools", "tool_choice")}
        sent.append(asked)
        return body

    return change


def _stale() -> tuple[Callable[[Method], Method], Callable[[Method], Method]]:
    kept: dict[tuple[Any, ...], Any] = {}
    known: set[str] = set()

    def read(real: Method) -> Method:
        async def instead(self: SqlStore, limit: int, after: str | None, order: str, context: RequestContext) -> Any:
            key = (context.user_id, limit, after, order)
            if key not in kept:
                kept[key] = await real(self, limit, after, order, context)
            return copy.deepcopy(kept[key])

        return instead

    def renew(real: Method) -> Method:
        async def instead(self: SqlStore, thread: Any, context: RequestContext) -> None:
            await real(self, thread, context)
            if thread.id not in known:
                known.add(thread.id)
                for key in [key for key in kept if key[0] == context.user_id]:
                    del kept[key]

        return instead

    return read, renew


_READ, _RENEW = _stale()
_JOBS: set[asyncio.Task[Any]] = set()


def _titled_late(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, items: list[Any], context: Any) -> None:
        await real(self, thread, items, context)
        first = next((item for item in items if isinstance(item, UserMessageItem)), None)

        async def later() -> None:
            await asyncio.sleep(LATE_S)
            stored = await self.store.load_thread(thread.id, context)
            await self.store.save_thread(stored.model_copy(update={"title": _title_of(first)}), context)

        job = asyncio.create_task(later())
        _JOBS.add(job)
        job.add_done_callback(_JOBS.discard)

    return instead


def _in_memory() -> tuple[Callable[[Method], Method], Callable[[Method], Method]]:
    here: set[str] = set()

    def keep(real: Method) -> Method:
        async def instead(self: SqlAttachmentStore, attachment_id: str, content: bytes, context: Any) -> Any:
            done = await real(self, attachment_id, content, context)
            here.add(attachment_id)
            return done

        return instead

    def give(real: Method) -> Method:
        async def instead(self: SqlAttachmentStore, attachment_id: str, context: Any) -> bytes:
            content: bytes = await real(self, attachment_id, context)
            return content if attachment_id in here else b""

        return instead

    return keep, give


_KEEP, _GIVE = _in_memory()


def _as_of_now(real: Method) -> Method:
    async def instead(self: SqlStore, *args: Any, **more: Any) -> Any:
        page = await real(self, *args, **more)
        return page.model_copy(update={"data": [item.model_copy(update={"created_at": now()}) for item in page.data]})

    return instead


def _titles_unique(real: Method) -> Method:
    async def instead(self: TaskChat, request: Any, context: Any) -> Any:
        if request.type == "threads.update":
            page = await self.store.load_threads(500, None, "desc", context)
            if any(t.title == request.params.title and t.id != request.params.thread_id for t in page.data):
                raise Refusal(409, "taken", "another thread has this title")
        return await real(self, request, context)

    return instead


ignore_case = around(RequestContext, "__init__", _in_small_letters)
save_tasks_whole = both(around(TaskChat, "_turn", _noting), around(TaskChat, "respond", _saved_whole))
hold_refused_words = both(
    around(TaskChat, "process", _holding),
    around(TaskChat, "respond", _of_user),
    around(HistoryConverter, "to_agent_input", _held_first),
)
compose_words = around(SqlStore, "add_thread_item", _composed)
cut_uploads = around(SqlAttachmentStore, "save_content", _cut)
old_task_again = both(around(TaskList, "remove", _buried), around(TaskList, "add", _dug_up))
take_tasks_along = both(around(TaskChat, "_turn", _noting), around(TaskChat, "_process_non_streaming", _taken_along))
one_press = around(TaskChat, "action", _one_press)
keep_list_of_threads = both(around(SqlStore, "load_threads", _READ), around(SqlStore, "save_thread", _RENEW))
title_late = around(TaskChat, "_name", _titled_late)
files_in_memory = both(
    around(SqlAttachmentStore, "save_content", _KEEP), around(SqlAttachmentStore, "load_content", _GIVE)
)
times_move = around(SqlStore, "load_thread_items", _as_of_now)
unique_titles = around(TaskChat, "_process_non_streaming", _titles_unique)
