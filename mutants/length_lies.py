"""Lies that begin with a size: a long thread, a long answer, many tasks, long titles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from chatkit.types import AssistantMessageItem, Page

import reference_server.answering as answering
import reference_server.chat as chat
from reference_server.context import RequestContext
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.store import SqlStore
from reference_server.tasks.task import TaskList
from reference_server.turn import Turn

from .inside import Method, around
from .mutant import Event, Upstream

PAGE = 50
"""Items that the server gives at most at once."""

WINDOW = 40
"""Messages that the model is sent at most, the instructions among them."""

COLUMN = 4000
"""Characters that the column for an answer holds."""

BULK = 10
"""Tasks that a bulk change reaches."""

SUMMARISED = 30
"""Messages from which on the past is told in a summary; two thirds of them are told in full."""

TITLE = 60
"""Bytes of a title."""

_WHOLE = 500


def capped(real: Method) -> Method:
    """A page of more than the cap is cut to it, and said to be the last."""

    async def instead(
        self: SqlStore, thread_id: str, after: str | None, limit: int, order: str, context: RequestContext
    ) -> Page[Any]:
        page: Page[Any] = await real(
            self, thread_id, after, limit if limit == _WHOLE else min(limit, PAGE), order, context
        )
        return page if limit == _WHOLE or limit <= PAGE else Page(data=page.data, has_more=False)

    return instead


def by_seconds(real: Method) -> Method:
    """The past is told in the order of whole seconds, and within one in the order of ids."""

    async def instead(self: HistoryConverter, items: Any) -> Any:
        return await real(self, sorted(items, key=lambda item: (item.created_at.replace(microsecond=0), item.id)))

    return instead


def newest(body: Event) -> Event:
    """Only the newest messages go to the model; in a long thread the instructions are not among them."""
    return {**body, "messages": body.get("messages", [])[-WINDOW:]}


def another_summary() -> None:
    """The summary of a long past is kept by user: the second long thread is told the first one's."""
    kept: dict[str, str] = {}
    answer = answering.answer

    async def instead(agent: Any, model: Any, gemini: Any, history: Any, turn: Turn, **more: Any) -> AsyncIterator[Any]:
        if len(history) > SUMMARISED:
            old, history = history[: -SUMMARISED * 2 // 3], history[-SUMMARISED * 2 // 3 :]
            said = "\n".join(str(item.get("content")) for item in old)
            said = kept.setdefault(turn.context.user_id, said)
            history = [{"role": "user", "content": f"(What was said before: {said})"}, *history]
        async for event in answer(agent, model, gemini, history, turn, **more):
            yield event

    setattr(chat, "answer", instead)  # noqa: B010 - the server has no seam for this


def column(real: Method) -> Method:
    """An answer is stored as far as its column goes."""

    async def instead(self: SqlStore, thread_id: str, item: Any, context: RequestContext) -> None:
        if isinstance(item, AssistantMessageItem):
            cut = [part.model_copy(update={"text": part.text[:COLUMN]}) for part in item.content]
            item = item.model_copy(update={"content": cut})
        await real(self, thread_id, item, context)

    return instead


def first_ones(real: Method) -> Method:
    """Completing all completes the first ten, and says that it was all."""

    async def instead(self: TaskList) -> list[Any]:
        there = [task for task in await self.all() if not task.completed]
        for task in there[:BULK]:
            await self.change(task.id, completed=True)
        return there

    return instead


def title_in_bytes() -> None:
    """A title is cut after so many bytes, in the middle of a letter where that is one."""
    real = chat._title_of

    def instead(message: Any) -> str | None:
        typed = " ".join("".join(part.text for part in message.content).split()) if message else ""
        return typed.encode()[:TITLE].decode(errors="replace") if typed else real(message)

    setattr(chat, "_title_of", instead)  # noqa: B010 - the server has no seam for this


cap_pages = around(SqlStore, "load_thread_items", capped)
tell_by_seconds = around(HistoryConverter, "to_agent_input", by_seconds)
cut_to_newest = Upstream(request=newest)
cut_to_column = around(SqlStore, "save_item", column)
complete_first_ones = around(TaskList, "complete_all", first_ones)
