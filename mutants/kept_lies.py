"""Ways in which what is kept is not what was shown: other times, another order, a page that lacks a row, a message
stored too often, a title written over.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, cast

from chatkit.types import (
    Page,
    ThreadMetadata,
    ThreadsRetryAfterItemReq,
    UserMessageItem,
)

from reference_server.chat import TaskChat, _title_of
from reference_server.store import SqlStore

from .answer_lies import Rows
from .inside import Method, around, both
from .mutant import JSON, Memory, Patch

# Reloads


def read_times() -> Callable[[Rows], Rows]:
    """Items were made when they are read."""
    seconds = itertools.count()

    def change(rows: Rows) -> Rows:
        at = next(seconds)
        return [{**row, "created_at": f"2026-11-27T10:{at // 60 % 60:02}:{at % 60:02}"} for row in rows]

    return change


def an_hour_later(real: Method) -> Method:
    """Items are an hour younger when they are stored."""

    async def instead(self: SqlStore, thread_id: str, item: Any, context: Any) -> None:
        later = item.model_copy(update={"created_at": item.created_at + timedelta(hours=1)})
        await real(self, thread_id, later, context)

    return instead


def thread_times(value: JSON, memory: Memory) -> JSON:
    """Threads were made when they are read."""
    at = memory.server["reads"] = memory.server.get("reads", 0) + 1
    for thread in (value, *(value.get("data") or ())) if isinstance(value, dict) else ():
        if isinstance(thread, dict) and "status" in thread and "created_at" in thread:
            thread["created_at"] = f"2026-11-27T11:{at // 60 % 60:02}:{at % 60:02}"
    return value


def work_last(rows: Rows) -> Rows:
    """Of each turn what showed the tools comes behind the answer."""
    made: Rows = []
    work: Rows = []
    for row in rows:
        if row.get("type") == "user_message":
            made += work
            work = []
        (work if row.get("type") in ("workflow", "widget") else made).append(row)
    return [*made, *work]


def neighbours_swapped(rows: Rows) -> Rows:
    """The last two items change places."""
    return [*rows[:-2], *rows[-2:][::-1]]


def _parts_lost(key: str, empty: Any) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        return [{**row, key: empty} if row.get(key) else row for row in rows]

    return change


quotations_lost = _parts_lost("quoted_text", None)


def tags_as_text(rows: Rows) -> Rows:
    """Tags of a message are text when they are read."""
    for row in rows:
        if row.get("type") == "user_message":
            row["content"] = [
                {"type": "input_text", "text": part.get("text", "")} if part.get("type") == "input_tag" else part
                for part in row["content"]
            ]
    return rows


def steps_loading(rows: Rows) -> Rows:
    """Steps of a tool are still going on when they are read."""
    for row in rows:
        if row.get("type") == "workflow":
            for task in row["workflow"]["tasks"]:
                task["status_indicator"] = "loading"
    return rows


def summary_lost(rows: Rows) -> Rows:
    """What a workflow says of itself is gone when it is read."""
    for row in rows:
        if row.get("type") == "workflow":
            row["workflow"].pop("summary", None)
    return rows


# Pages

Paging = Callable[[Page[Any], Callable[[str | None], Awaitable[Page[Any]]]], Awaitable[Page[Any]]]
"""A page in, and a way to the page behind a cursor; the page to give instead."""


def paged(how: Paging) -> Callable[[Method], Method]:
    """Change pages that have more behind them."""

    def wrap(real: Method) -> Method:
        async def instead(self: SqlStore, *args: Any, **more: Any) -> Page[Any]:
            async def behind(cursor: str | None) -> Page[Any]:
                # Both of the store's methods take the cursor second.
                if "after" in more:
                    return cast("Page[Any]", await real(self, *args, **{**more, "after": cursor}))
                return cast("Page[Any]", await real(self, args[0], cursor, *args[2:], **more))

            page: Page[Any] = await real(self, *args, **more)
            return await how(page, behind) if page.has_more else page

        return instead

    return wrap


async def cursor_on_next(page: Page[Any], behind: Any) -> Page[Any]:
    """A page's cursor is the row behind its last one, which no page has then."""
    following = await behind(page.after)
    return page.model_copy(update={"after": following.data[0].id})


async def cursor_on_last_but_one(page: Page[Any], behind: Any) -> Page[Any]:
    """A page's cursor is its last row but one, so that the last comes again."""
    return page.model_copy(update={"after": page.data[-2].id}) if len(page.data) > 1 else page


async def last_page_lost(page: Page[Any], behind: Any) -> Page[Any]:
    """Where one row is left, there is said to be no more."""
    following = await behind(page.after)
    alone = len(following.data) == 1 and not following.has_more
    return page.model_copy(update={"has_more": False, "after": None}) if alone else page


# Retries, titles, tabs

_SPARED: ContextVar[bool] = ContextVar("spared", default=False)


def _later_message(items: list[Any], item_id: str) -> bool:
    after = itertools.dropwhile(lambda item: item.id != item_id, items)
    return any(isinstance(item, UserMessageItem) for item in itertools.islice(after, 1, None))


def _streaming(
    how: Callable[[TaskChat, Any, Any, Callable[[], AsyncIterator[bytes]]], AsyncIterator[bytes]],
) -> Patch:
    """Change what a retry's stream comes from."""

    def wrap(real: Method) -> Method:
        async def instead(self: TaskChat, request: Any, context: Any) -> AsyncIterator[bytes]:
            stream = real(self, request, context)
            if isinstance(request, ThreadsRetryAfterItemReq):
                stream = how(self, request.params, context, lambda: real(self, request, context))
            async for frame in stream:
                yield frame

        return instead

    return around(TaskChat, "_process_streaming", wrap)


async def _items(chat: TaskChat, params: Any, context: Any) -> list[Any]:
    return list((await chat.sql.load_thread_items(params.thread_id, None, 1000, "asc", context)).data)


async def _sparing(
    chat: TaskChat, params: Any, context: Any, real: Callable[[], AsyncIterator[bytes]]
) -> AsyncIterator[bytes]:
    _SPARED.set(_later_message(await _items(chat, params, context), params.item_id))
    async for frame in real():
        yield frame


async def _clearing(
    chat: TaskChat, params: Any, context: Any, real: Callable[[], AsyncIterator[bytes]]
) -> AsyncIterator[bytes]:
    for item in await _items(chat, params, context):
        if item.id == params.item_id:
            break
        await chat.sql.delete_thread_item(params.thread_id, item.id, context)
    async for frame in real():
        yield frame


async def _repeating(
    chat: TaskChat, params: Any, context: Any, real: Callable[[], AsyncIterator[bytes]]
) -> AsyncIterator[bytes]:
    asked = await chat.sql.load_item(params.thread_id, params.item_id, context)
    async for frame in real():
        yield frame
    again = asked.model_copy(update={"id": f"{asked.id}-again"})
    await chat.sql.add_thread_item(params.thread_id, again, context)


def _unless_spared(real: Method) -> Method:
    async def instead(self: SqlStore, *args: Any, **more: Any) -> None:
        if not _SPARED.get():
            await real(self, *args, **more)

    return instead


def retitled(first: bool) -> Callable[[Method], Method]:
    """Each turn ends with a title made of its thread's first message, or of its last."""

    def wrap(real: Method) -> Method:
        async def instead(self: TaskChat, thread: ThreadMetadata, message: Any, context: Any) -> AsyncIterator[Any]:
            async for event in real(self, thread, message, context):
                yield event
            items = (await self.sql.load_thread_items(thread.id, None, 1000, "asc", context)).data
            messages = [item for item in items if isinstance(item, UserMessageItem)]
            if messages:
                thread.title = _title_of(messages[0] if first else messages[-1])

        return instead

    return wrap


def lost_while_busy(real: Method) -> Method:
    """A message that comes while its thread is answered is thrown away."""

    async def instead(self: TaskChat, thread: Any, item: Any, context: Any) -> AsyncIterator[Any]:
        if not self.busy._turns.get((context.user_id, thread.id)):
            async for event in real(self, thread, item, context):
                yield event

    return instead


def repeated_if_same(real: Method) -> Method:
    """A message that says what another one in the thread said is stored three times."""

    async def instead(self: TaskChat, thread: Any, item: Any, context: Any) -> AsyncIterator[Any]:
        items = (await self.sql.load_thread_items(thread.id, None, 1000, "desc", context)).data
        same = any(isinstance(one, UserMessageItem) and one.content == item.content for one in items)
        async for event in real(self, thread, item, context):
            yield event
        for n in range(2) if same else ():
            again = item.model_copy(update={"id": f"{item.id}-{n}"})
            await self.sql.add_thread_item(thread.id, again, context)

    return instead


def counted_work(real: Method) -> Method:
    """What shows a tool is counted in its thread, so that every thread has a first one of the same id."""
    seen: dict[str, int] = {}

    def instead(self: SqlStore, item_type: str, thread: ThreadMetadata, context: Any) -> str:
        if item_type != "workflow":
            return str(real(self, item_type, thread, context))
        seen[thread.id] = seen.get(thread.id, 0) + 1
        return f"wf_{seen[thread.id]}"

    return instead


retry_drops_nothing = both(_streaming(_sparing), around(SqlStore, "delete_thread_item", _unless_spared))
retry_drops_everything = _streaming(_clearing)
retry_repeats_question = _streaming(_repeating)
save_an_hour_later = around(SqlStore, "save_item", an_hour_later)
count_work = around(SqlStore, "generate_item_id", counted_work)
title_from_first = around(TaskChat, "respond", retitled(first=True))
title_from_last = around(TaskChat, "respond", retitled(first=False))
lose_while_busy = around(TaskChat, "_process_new_thread_item_respond", lost_while_busy)
repeat_if_same = around(TaskChat, "_process_new_thread_item_respond", repeated_if_same)


def read_before(answer: JSON, memory: Memory) -> JSON:
    """A thread is read as it was when it was read before."""
    if memory.request.get("type") != "threads.get_by_id" or not isinstance(answer, dict) or "items" not in answer:
        return answer
    before = memory.server.setdefault("read", {})
    old, before[answer["id"]] = before.get(answer["id"], answer), answer
    return old
