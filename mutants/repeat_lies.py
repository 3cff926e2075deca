"""Lies about what comes after a failure, a retry, or a wish to stop."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

from chatkit.errors import CustomStreamError
from chatkit.types import ThreadsRetryAfterItemReq, WidgetItem, WorkflowItem

import reference_server.answering as answering
import reference_server.chat as chat
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.gemini_compat.answer import Answer
from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.gemini_compat.model import GeminiModel
from reference_server.store import SqlStore
from reference_server.tools import _Display
from reference_server.turn import Turn

from .inside import Method, around
from .mutant import Event, Upstream

_RETRYING: ContextVar[bool] = ContextVar("retrying", default=False)


def asked_twice_on_retry() -> None:
    """On a retry the question stands in the past, and once more at its end."""
    answer, in_turn = answering.answer, TaskChat._in_turn

    async def told(agent: Any, model: Any, gemini: Any, history: Any, turn: Turn, **more: Any) -> AsyncIterator[Any]:
        doubled = [*history, history[-1]] if _RETRYING.get() else history
        async for event in answer(agent, model, gemini, doubled, turn, **more):
            yield event

    async def marked(self: TaskChat, request: Any, context: RequestContext) -> AsyncIterator[bytes]:
        _RETRYING.set(isinstance(request, ThreadsRetryAfterItemReq))
        async for event in in_turn(self, request, context):
            yield event

    setattr(chat, "answer", told)  # noqa: B010 - the server has no seam for this
    setattr(TaskChat, "_in_turn", marked)  # noqa: B010 - as above


def cards_stay(real: Method) -> Method:
    """A retry takes messages away; cards and steps stay."""

    async def instead(self: SqlStore, thread_id: str, item_id: str, context: RequestContext) -> None:
        item = await self.load_item(thread_id, item_id, context)
        if not isinstance(item, WidgetItem | WorkflowItem):
            await real(self, thread_id, item_id, context)

    return instead


def asked_again(real: Method) -> Method:
    """An answer that broke off is asked for once more, and goes on behind what was shown."""

    async def instead(self: GeminiModel, *args: Any) -> Answer:
        try:
            answer: Answer = await real(self, *args)
        except GeminiFailure as failure:
            if not failure.passing:
                raise
            answer = await real(self, *args)
        return answer

    return instead


def without_tools_after() -> None:
    """A thread in which an answer failed goes on without tools."""
    failed: set[str] = set()
    answer = answering.answer

    async def instead(agent: Any, model: Any, gemini: Any, history: Any, turn: Turn, **more: Any) -> AsyncIterator[Any]:
        if turn.thread.id in failed:
            agent.always = []
        try:
            async for event in answer(agent, model, gemini, history, turn, **more):
                yield event
        except CustomStreamError:
            failed.add(turn.thread.id)
            raise

    setattr(chat, "answer", instead)  # noqa: B010 - the server has no seam for this


def failed_together(body: Event) -> Event:
    """Of several tools' results that go back at once, one failure stands for all."""
    messages = list(body.get("messages", []))
    last = len(messages)
    while last and messages[last - 1].get("role") == "tool":
        last -= 1
    results = messages[last:]
    failure = next((one["content"] for one in results if str(one.get("content")).startswith('{"error"')), None)
    if failure is None or len(results) < 2:
        return body
    return {**body, "messages": [*messages[:last], *({**one, "content": failure} for one in results)]}


def two_calls() -> None:
    """Of the calls in one answer the first two are made; the third is forgotten."""
    setattr(Answer, "calls", property(lambda self: self._calls.all[:2]))  # noqa: B010 - the server has no seam


def steps_end_with_answer() -> None:
    """A tool's step ends when the answer does; of an answer that the user left, it is under way for ever."""
    keep, end = TaskChat._keep, _Display.end

    def later(self: Any, title: str, *rest: Any, **more: Any) -> None:
        if title == "Not done":
            end(self, title, *rest, **more)
        else:
            self.stop = functools.partial(end, self, title, *rest, **more)

    async def kept(self: TaskChat, thread: Any, pending: Any, context: RequestContext) -> None:
        steps = [item for item in pending if isinstance(item, WorkflowItem)]
        await keep(self, thread, pending, context)
        for item in steps:
            for step in item.workflow.tasks:
                step.status_indicator = "loading"
            await self.store.save_item(thread.id, item, context)

    setattr(_Display, "end", later)  # noqa: B010 - the server has no seam for this
    setattr(TaskChat, "_keep", kept)  # noqa: B010 - as above


keep_cards = around(SqlStore, "delete_thread_item", cards_stay)
ask_again = around(GeminiModel, "_answer", asked_again)
fail_together = Upstream(request=failed_together)
