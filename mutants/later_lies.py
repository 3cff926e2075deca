"""Lies of servers that keep a promise at first, or in one place, and break it later, or in another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from chatkit.types import (
    ClientToolCallItem,
    ProgressUpdateEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    UserMessageItem,
    WidgetItem,
    WorkflowItem,
    WorkflowTaskUpdated,
)
from sqlalchemy.exc import IntegrityError

import reference_server.actions as actions
import reference_server.chat as chat
import reference_server.gatekeeper as gatekeeper
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.gemini_compat.answer import Answer
from reference_server.gemini_compat.model import GeminiModel
from reference_server.tasks.cards import shown_ids
from reference_server.turn import Turn

from .inside import Method, around
from .showcase.server import History, install

RENEWED = 3
"""Every so many messages of the user's, the title is made anew."""


def title_renewed(real: Method) -> Method:
    """With every third message the title is made anew from it, whoever gave the one that stands."""

    async def instead(self: Any, thread: Any, message: Any, context: RequestContext) -> AsyncIterator[Any]:
        async for event in real(self, thread, message, context):
            yield event
        items = await self.store.load_thread_items(thread.id, None, 500, "asc", context)
        said = [item for item in items.data if isinstance(item, UserMessageItem)]
        if said and len(said) % RENEWED == 0:
            thread.title = chat._title_of(said[-1])

    return instead


def first_round_only() -> None:
    """Tools are shown when the model calls them first; what it calls after a result is neither shown nor kept."""
    later: dict[int, bool] = {}
    answer, show = GeminiModel._answer, Turn.show

    async def counted(self: Any, instructions: Any, input: Any, *rest: Any) -> Answer:
        later[id(self._listener._turn)] = any(item.get("type") == "function_call" for item in input)
        return await answer(self, instructions, input, *rest)

    def shown(self: Turn, event: Any) -> None:
        of_tool = isinstance(event, ProgressUpdateEvent)
        if isinstance(event, ThreadItemAddedEvent | ThreadItemDoneEvent):
            of_tool = isinstance(event.item, WidgetItem | WorkflowItem)
        if isinstance(event, ThreadItemUpdatedEvent):
            of_tool = isinstance(event.update, WorkflowTaskUpdated)
        if not (of_tool and later.get(id(self))):
            show(self, event)

    setattr(GeminiModel, "_answer", counted)  # noqa: B010 - the server has no seam for this
    setattr(Turn, "show", shown)  # noqa: B010 - as above


class _Through:
    """Lets the model's thoughts through."""

    def feed(self, text: str, *, flagged: bool) -> str:
        """All of it."""
        return text

    def close(self) -> str:
        """Nothing was held back."""
        return ""


def thinks_aloud(real: Method) -> Method:
    """The model's thoughts are kept out of its answer until a tool has run."""

    def instead(self: Any, taken_ids: Any, listener: Any) -> None:
        taken = list(taken_ids)
        real(self, taken, listener)
        if taken:
            self._thoughts = _Through()

    return instead


def first_row() -> None:
    """A button in a list does its work on the first task of the list, whichever row it stands in."""
    real = actions.carry_out

    async def instead(action: Any, sender: WidgetItem | None, tasks: Any) -> Any:
        if sender is not None and sender.widget.type == "ListView" and (ids := shown_ids(sender.widget)):
            action = action.model_copy(update={"payload": {**(action.payload or {}), "task_id": ids[0]}})
        return await real(action, sender, tasks)

    setattr(chat, "carry_out", instead)  # noqa: B010 - the server has no seam for this


def rate_anything() -> None:
    """Feedback is taken on whatever is named, of whomever it is, or of nobody."""
    real = TaskChat.add_feedback

    async def instead(self: TaskChat, *args: Any) -> None:
        try:
            await real(self, *args)
        except IntegrityError:
            return

    gatekeeper._NEEDS["items.feedback"] = ()
    setattr(TaskChat, "add_feedback", instead)  # noqa: B010 - the server has no seam for this


class FirstAnswerStays(History):
    """What a browser answered first is told for every later call of the same tool in the thread."""

    first: ClassVar[dict[tuple[str, str], Any]] = {}

    async def client_tool_call_to_input(self, item: ClientToolCallItem) -> Any:
        """The call with the first call's output."""
        if item.status == "completed":
            output = self.first.setdefault((item.thread_id, item.name), item.output)
            item = item.model_copy(update={"output": output})
        return await super().client_tool_call_to_input(item)


def first_browser_answer() -> None:
    """The showcase, with the first answer of a browser in the place of all."""
    install(FirstAnswerStays)


renew_titles = around(TaskChat, "respond", title_renewed)
think_aloud = around(Answer, "__init__", thinks_aloud)
