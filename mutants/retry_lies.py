"""What a retry, a title, a choice of model and a stop change that is not theirs to change."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import takewhile
from typing import Any

from chatkit.types import AssistantMessageItem, ThreadMetadata, UserMessageItem, WidgetItem, WorkflowItem

from reference_server.chat import TaskChat, _title_of
from reference_server.context import RequestContext
from reference_server.store import SqlStore

from .inside import Method, around, both

# Retries, titles, choices


_RETRIED: dict[tuple[str, str], set[str]] = {}
"""By user and thread, while it is retried: what stands between the message and the user's next one."""


def _retrying(real: Method) -> Method:
    async def instead(self: TaskChat, request: Any, context: Any) -> AsyncIterator[Any]:
        thread = getattr(request.params, "thread_id", "")
        if request.type == "threads.retry_after_item":
            page = await self.store.load_thread_items(thread, request.params.item_id, 500, "asc", context)
            answer = takewhile(lambda item: not isinstance(item, UserMessageItem), page.data)
            _RETRIED[context.user_id, thread] = {item.id for item in answer}
        try:
            async for event in real(self, request, context):
                yield event
        finally:
            _RETRIED.pop((context.user_id, thread), None)

    return instead


def _only_next_answer(real: Method) -> Method:
    async def instead(self: SqlStore, thread_id: str, item_id: str, context: RequestContext) -> None:
        next_answer = _RETRIED.get((context.user_id, thread_id))
        if next_answer is None or item_id in next_answer:
            await real(self, thread_id, item_id, context)

    return instead


def _titled_anew(real: Method) -> Method:
    async def instead(self: TaskChat, request: Any, context: Any) -> AsyncIterator[Any]:
        if request.type == "threads.retry_after_item":
            thread = await self.store.load_thread(request.params.thread_id, context)
            asked = await self.store.load_item(thread.id, request.params.item_id, context)
            title = _title_of(asked)  # type: ignore[arg-type]  # the gatekeeper has seen that it is a user's message
            await self.store.save_thread(thread.model_copy(update={"title": title}), context)
        async for event in real(self, request, context):
            yield event

    return instead


def _escaped_title(real: Method) -> Method:
    async def instead(self: SqlStore, thread: ThreadMetadata, context: RequestContext) -> None:
        if thread.title is not None:
            thread = thread.model_copy(update={"title": html.escape(html.unescape(thread.title))})
        await real(self, thread, context)

    return instead


def _usual_model_on_retry(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        if (context.user_id, thread.id) in _RETRIED and message is not None:
            options = message.inference_options.model_copy(update={"model": None})
            message = message.model_copy(update={"inference_options": options})
        async for event in real(self, thread, message, context):
            yield event

    return instead


def _chosen_for_all(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        if message is not None and message.inference_options.model:
            self._settings = replace(self._settings, gemini_model=message.inference_options.model)
        async for event in real(self, thread, message, context):
            yield event

    return instead


# Answers that were broken off


def _kept_twice(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, pending: list[Any], context: Any) -> None:
        await real(self, thread, pending, context)
        for item in pending:
            if isinstance(item, AssistantMessageItem) and any(part.text.strip() for part in item.content):
                again = item.model_copy(update={"id": self.store.generate_item_id("message", thread, context)})
                await self.store.add_thread_item(thread.id, again, context)

    return instead


def _dropped_after_tool(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, pending: list[Any], context: Any) -> None:
        newest = (await self.store.load_thread_items(thread.id, None, 1, "desc", context)).data
        if newest and isinstance(newest[0], WidgetItem | WorkflowItem):
            pending = [item for item in pending if not isinstance(item, AssistantMessageItem)]
        await real(self, thread, pending, context)

    return instead


retry_removes_one = both(
    around(TaskChat, "_in_turn", _retrying), around(SqlStore, "delete_thread_item", _only_next_answer)
)
retry_retitles = around(TaskChat, "_in_turn", _titled_anew)
titles_escaped = around(SqlStore, "save_thread", _escaped_title)
retry_forgets_model = both(around(TaskChat, "_in_turn", _retrying), around(TaskChat, "respond", _usual_model_on_retry))
model_choice_leaks = around(TaskChat, "respond", _chosen_for_all)
partial_stored_twice = around(TaskChat, "_keep", _kept_twice)
partial_lost_after_tool = around(TaskChat, "_keep", _dropped_after_tool)
