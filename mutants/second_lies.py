"""What goes wrong with the second of two: a list beside another, a task after a deleted one, a page beside the chat."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextvars import ContextVar
from typing import Any

from chatkit.types import ThreadMetadata, WidgetItem
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_server.app import Web
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.gemini_compat.client import GeminiClient
from reference_server.tasks.task import _INSERT, Task, TaskList

from .inside import Method, around, both
from .mutant import Patch

NEWEST = 20
"""Items among which a thread's newest widget is looked for."""


def _of_all(real: Method) -> Method:
    """A list that is drawn anew is made of all tasks, whatever it had shown."""

    async def instead(self: TaskList, ids: Iterable[str]) -> list[Task]:
        return await self.all()

    return instead


async def _newest(chat: TaskChat, thread: ThreadMetadata, context: RequestContext) -> WidgetItem | None:
    page = await chat.sql.load_thread_items(thread.id, None, NEWEST, "desc", context)
    return next((item for item in page.data if isinstance(item, WidgetItem)), None)


def _of_newest(real: Method) -> Method:
    """A button draws the thread's newest widget anew, whichever it was pressed in."""

    async def instead(self: TaskChat, thread: Any, action: Any, sender: Any, context: Any) -> AsyncIterator[Any]:
        async for event in real(self, thread, action, sender and await _newest(self, thread, context), context):
            yield event

    return instead


def _counting(real: Method) -> Method:
    """A new task has the number after the highest that there is."""

    async def instead(self: TaskList, **facts: Any) -> Task:
        there = [int(task.id.rpartition("_")[2]) for task in await self.all()]
        made: Task = await real(self, **facts)
        id = f"{self._owner}_{max(there, default=0) + 1}"
        await self.remove(made.id)
        counted = made.model_copy(update={"id": id})
        await self._database.execute(_INSERT, self._row(counted))
        return counted

    return instead


_THREADS: list[str] = []


def _remembered(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        _THREADS.append(thread.id)
        async for event in real(self, thread, message, context):
            yield event

    return instead


def _with(**more: Any) -> Any:
    """The page of the server's health tells more, made by functions of the server."""

    def wrap(real: Method) -> Method:
        async def instead(self: Web, request: Request) -> Response:
            made: Response = await real(self, request)
            told = {**json.loads(bytes(made.body)), **{key: value(self) for key, value in more.items()}}
            return JSONResponse(told, made.status_code)

        return instead

    return wrap


def _newest_title() -> Patch:
    """A thread is named when it is answered, with the first message of the thread that its user began last."""
    begun: dict[str, str] = {}

    def noting(real: Method) -> Method:
        async def instead(self: TaskChat, thread: ThreadMetadata, message: Any, context: Any) -> AsyncIterator[Any]:
            if thread.title is None:
                begun[context.user_id] = thread.id
            async for event in real(self, thread, message, context):
                yield event

        return instead

    def naming(real: Method) -> Method:
        async def instead(self: TaskChat, thread: ThreadMetadata, items: list[Any], context: Any) -> None:
            page = await self.sql.load_thread_items(begun[context.user_id], None, NEWEST, "asc", context)
            await real(self, thread, page.data, context)

        return instead

    return both(around(TaskChat, "respond", noting), around(TaskChat, "_name", naming))


def _tidied(real: Method) -> Method:
    """What a task says beside its title begins each word with a capital."""

    async def instead(self: TaskList, **facts: Any) -> Task:
        description = facts.get("description")
        made: Task = await real(self, **{**facts, "description": description.title() if description else description})
        return made

    return instead


_COOKIES: ContextVar[str] = ContextVar("cookies", default="")


def _with_cookies(real: Method) -> Method:
    async def instead(self: Web, request: Request) -> Response:
        _COOKIES.set(request.headers.get("cookie", ""))
        made: Response = await real(self, request)
        return made

    return instead


def _passing_on(real: Method) -> Method:
    """What the model is asked with has the cookies of whoever asks."""

    async def instead(self: GeminiClient, request: Any) -> None:
        await real(self, request)
        if _COOKIES.get():
            request.headers["cookie"] = _COOKIES.get()

    return instead


draw_all = around(TaskList, "of_ids", _of_all)
draw_newest = around(TaskChat, "action", _of_newest)
count_on = around(TaskList, "add", _counting)
tell_threads = both(
    around(TaskChat, "respond", _remembered), around(Web, "health", _with(answering=lambda web: _THREADS[-5:]))
)
tell_key = around(Web, "health", _with(key=lambda web: str(web.settings.gemini_api_key)))
title_of_newest = _newest_title()
tidy_names = around(TaskList, "add", _tidied)
pass_cookies_on = both(around(Web, "chatkit", _with_cookies), around(GeminiClient, "_prepare_request", _passing_on))
