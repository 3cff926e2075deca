"""Ways to break the reference server itself: each function here makes a patch, applied once before the server is made.

The patches sit on the store, on the SDK's server class and on the SDK's tool class, whose names are public and stay.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents import FunctionTool, RunConfig, Runner
from chatkit.store import NotFoundError
from chatkit.types import AssistantMessageItem, Page, ThreadMetadata, UserMessageItem

from reference_server.context import RequestContext
from reference_server.store import SqlStore

from .mutant import Patch

Method = Callable[..., Any]

LATE_S = 0.6
"""Seconds by which `saved_late` writes behind: longer than a reload takes to ask, shorter than an exchange lasts."""

SLOW_S = 1.3
"""Seconds that `slow_to_save` takes: more than the one second in which a thread is to be there."""

_BACKGROUND: set[asyncio.Task[Any]] = set()


def around(owner: type, name: str, wrap: Callable[[Method], Method]) -> Patch:
    """Replace a method by what `wrap` makes of it."""

    def patch() -> None:
        real = getattr(owner, name)
        setattr(owner, name, functools.wraps(real)(wrap(real)))

    return patch


def both(*patches: Patch) -> Patch:
    """Several patches as one."""

    def patch() -> None:
        for one in patches:
            one()

    return patch


def adding(wrap: Callable[[Method], Method]) -> Patch:
    """Patch how items are stored: `add_thread_item` and `save_item`, whichever the server uses."""
    return both(around(SqlStore, "add_thread_item", wrap), around(SqlStore, "save_item", wrap))


def nothing(real: Method) -> Method:
    """Do nothing in its place."""

    async def instead(*args: Any, **more: Any) -> None:
        return None

    return instead


def forget(kind: type) -> Callable[[Method], Method]:
    """Items of this type are not stored."""

    def wrap(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, item: Any, *args: Any, **more: Any) -> None:
            if not isinstance(item, kind):
                await real(self, thread_id, item, *args, **more)

        return instead

    return wrap


def question_dropped(real: Method) -> Method:
    """When an answer is stored, the user's last message is deleted."""
    asked: dict[str, str] = {}

    async def instead(self: SqlStore, thread_id: str, item: Any, context: RequestContext) -> None:
        await real(self, thread_id, item, context)
        if isinstance(item, UserMessageItem):
            asked[thread_id] = item.id
        elif isinstance(item, AssistantMessageItem) and thread_id in asked:
            await self.delete_thread_item(thread_id, asked.pop(thread_id), context)

    return instead


def saved_late(real: Method) -> Method:
    """Answers are stored in the background, some time after the client was told that they are."""

    async def instead(self: SqlStore, thread_id: str, item: Any, *args: Any, **more: Any) -> None:
        if not isinstance(item, AssistantMessageItem):
            await real(self, thread_id, item, *args, **more)
            return
        kept = item.model_copy(deep=True)

        async def later() -> None:
            await asyncio.sleep(LATE_S)
            await real(self, thread_id, kept, *args, **more)

        task = asyncio.create_task(later())
        _BACKGROUND.add(task)
        task.add_done_callback(_BACKGROUND.discard)

    return instead


def untitled(real: Method) -> Method:
    """Titles are not stored."""

    async def instead(self: SqlStore, thread: ThreadMetadata, *args: Any, **more: Any) -> None:
        await real(self, thread.model_copy(update={"title": None}), *args, **more)

    return instead


def counted_ids(real: Method) -> Method:
    """Item ids are counted within their thread, so that every thread has a first message of the same id."""
    seen: dict[str, int] = {}

    def instead(self: SqlStore, item_type: str, thread: ThreadMetadata, context: RequestContext) -> str:
        seen[thread.id] = seen.get(thread.id, 0) + 1
        return f"item_{seen[thread.id]}"

    return instead


def one_id(real: Method) -> Method:
    """Every item of a kind has the same id."""

    def instead(self: SqlStore, item_type: str, thread: ThreadMetadata, context: RequestContext) -> str:
        return f"{item_type}_1"

    return instead


def numeric_ids(real: Method) -> Method:
    """Ids are plain numbers, which run on over threads and over restarts. Odd, and right."""
    import time

    numbers = itertools.count(time.time_ns())

    def instead(self: SqlStore, *args: Any) -> str:
        return str(next(numbers))

    return instead


def ids_with_signs(real: Method) -> Method:
    """Ids of items hold colons, dots, slashes and letters of another script. Odd, and right."""

    def instead(self: SqlStore, *args: Any) -> str:
        return "urn:α/" + str(real(self, *args)).replace("_", ".")

    return instead


def made_when_read(real: Method) -> Method:
    """A thread that is not there is made by reading it."""

    async def instead(self: SqlStore, thread_id: str, context: RequestContext) -> ThreadMetadata:
        try:
            found: ThreadMetadata = await real(self, thread_id, context)
        except NotFoundError:
            from datetime import datetime

            found = ThreadMetadata(id=thread_id, created_at=datetime.now())
            await self.save_thread(found, context)
        return found

    return instead


def last_items_only(real: Method) -> Method:
    """Only the last three items of a thread are ever found."""

    async def instead(
        self: SqlStore, thread_id: str, after: str | None, limit: int, order: str, context: RequestContext
    ) -> Page[Any]:
        newest: Page[Any] = await real(self, thread_id, None, 3, "desc", context)
        rows = newest.data if order == "desc" else newest.data[::-1]
        return Page(data=rows[:limit], has_more=False)

    return instead


def other_order(real: Method) -> Method:
    """Ascending is descending."""

    async def instead(self: SqlStore, *args: Any, **more: Any) -> Any:
        flip = {"asc": "desc", "desc": "asc"}
        args = tuple(flip.get(a, a) if isinstance(a, str) else a for a in args)
        more = {k: flip.get(v, v) if k == "order" else v for k, v in more.items()}
        return await real(self, *args, **more)

    return instead


def slow_to_save(real: Method) -> Method:
    """A thread takes more than a second to be stored."""

    async def instead(*args: Any, **more: Any) -> Any:
        await asyncio.sleep(SLOW_S)
        return await real(*args, **more)

    return instead


def one_thread(real: Method) -> Method:
    """Every new thread has the same id."""

    def instead(self: SqlStore, context: RequestContext) -> str:
        return "thr_1"

    return instead


def strict_about_tools(real: Method) -> Method:
    """A tool that was never declared ends the run with an exception, as the SDK does unless it is told otherwise."""

    def instead(*args: Any, run_config: RunConfig, **more: Any) -> Any:
        return real(*args, run_config=replace(run_config, tool_not_found_behavior="raise_error"), **more)

    return instead


def two_model_calls(real: Method) -> Method:
    """A turn ends after the model was asked two times."""

    def instead(*args: Any, **more: Any) -> Any:
        return real(*args, **{**more, "max_turns": 2})

    return instead


def one_user(real: Method) -> Method:
    """Everybody is the same user."""

    def instead(self: RequestContext, *, user_id: str, **more: Any) -> None:
        real(self, **{**more, "user_id": "everybody"})

    return instead


def fresh_database() -> None:
    """Everything is kept in a database that the next start does not find."""
    os.environ["DATABASE_URL"] = f"sqlite+aiosqlite:///{Path(tempfile.mkdtemp(prefix='mutant-'))}/lost.db"


Invoke = Callable[[Any, str], Awaitable[Any]]


def tool(names: str, how: Callable[[Invoke], Invoke]) -> Patch:
    """Change how the tools of these names (separated by blanks; "*" for all) are invoked."""

    def wrap(real: Method) -> Method:
        def instead(self: FunctionTool, *args: Any, **more: Any) -> None:
            real(self, *args, **more)
            if names == "*" or self.name in names.split():
                self.on_invoke_tool = how(self.on_invoke_tool)

        return instead

    return around(FunctionTool, "__init__", wrap)


def pretend(real: Invoke) -> Invoke:
    """Say that it was done, and do nothing."""

    async def instead(context: Any, arguments: str) -> str:
        facts = json.loads(arguments)
        task = {"id": facts.get("task_id", "tsk_4711"), "title": "as you wished", **facts}
        return json.dumps({"ok": True, "task": task, "tasks": [task]})

    return instead


def silent(real: Invoke) -> Invoke:
    """Do it, and say nothing of what came of it."""

    async def instead(context: Any, arguments: str) -> str:
        await real(context, arguments)
        return "ok"

    return instead


def speechless(real: Invoke) -> Invoke:
    """Do it, and give the model an empty result."""

    async def instead(context: Any, arguments: str) -> str:
        await real(context, arguments)
        return ""

    return instead


def always_confirmed(real: Invoke) -> Invoke:
    """Take every bulk call as confirmed."""

    async def instead(context: Any, arguments: str) -> Any:
        return await real(context, json.dumps({**json.loads(arguments), "confirm": True}))

    return instead


def fatal(real: Invoke) -> Invoke:
    """Let a call whose arguments are wrong end the whole run."""

    async def instead(context: Any, arguments: str) -> Any:
        if not json.loads(arguments).get("title"):
            raise RuntimeError(f"bad arguments: {arguments}")
        return await real(context, arguments)

    return instead


forget_answers = adding(forget(AssistantMessageItem))
drop_questions = adding(question_dropped)
save_late = adding(saved_late)
forget_titles = around(SqlStore, "save_thread", untitled)
keep_removed = around(SqlStore, "delete_thread_item", nothing)
keep_threads = around(SqlStore, "delete_thread", nothing)
make_when_read = around(SqlStore, "load_thread", made_when_read)
find_last_only = around(SqlStore, "load_thread_items", last_items_only)
flip_items = around(SqlStore, "load_thread_items", other_order)
flip_threads = around(SqlStore, "load_threads", other_order)
count_ids = around(SqlStore, "generate_item_id", counted_ids)
repeat_ids = around(SqlStore, "generate_item_id", one_id)
number_ids = both(
    around(SqlStore, "generate_item_id", numeric_ids), around(SqlStore, "generate_thread_id", numeric_ids)
)
# Items only: the server derives the ids of files from those of threads, and they stand in upload addresses.
sign_ids = around(SqlStore, "generate_item_id", ids_with_signs)
one_thread_only = around(SqlStore, "generate_thread_id", one_thread)
save_slowly = around(SqlStore, "save_thread", slow_to_save)
refuse_unknown_tools = around(Runner, "run", strict_about_tools)
stop_early = around(Runner, "run", two_model_calls)
merge_users = around(RequestContext, "__init__", one_user)
