"""Lies of servers that are right as long as one thing goes on at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from chatkit.server import StreamingResult
from chatkit.store import NotFoundError
from chatkit.types import (
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadsCustomActionReq,
    ThreadsRetryAfterItemReq,
    WidgetItem,
    WorkflowItem,
)

import reference_server.answering as answering
import reference_server.chat as chat
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.store import SqlStore
from reference_server.stored_text import key
from reference_server.turn import Turn

from .inside import Method, around, both

_BLOCKED = ("threads.update", "threads.delete", "items.feedback")


def shown_in_the_newest() -> None:
    """What tools show goes to the user's newest turn under way, whichever asked for it."""
    running: dict[str, list[Turn]] = {}
    moved: dict[str, Turn] = {}
    answer, show = answering.answer, Turn.show

    async def counted(agent: Any, model: Any, gemini: Any, history: Any, turn: Turn, **more: Any) -> AsyncIterator[Any]:
        mine = running.setdefault(turn.context.user_id, [])
        mine.append(turn)
        try:
            async for event in answer(agent, model, gemini, history, turn, **more):
                yield event
        finally:
            mine[:] = [one for one in mine if one is not turn]

    def shown(self: Turn, event: Any) -> None:
        whose = moved.get(getattr(event, "item_id", ""), self)
        item = event.item if isinstance(event, ThreadItemAddedEvent | ThreadItemDoneEvent) else None
        if isinstance(item, WidgetItem | WorkflowItem) and (mine := running.get(self.context.user_id)):
            whose = moved.setdefault(item.id, mine[-1])
        show(whose, event)

    setattr(chat, "answer", counted)  # noqa: B010 - the server has no seam for this
    setattr(Turn, "show", shown)  # noqa: B010 - as above


def out_of_turn(asked: type) -> Callable[[Method], Method]:
    """What is asked so does not wait for the turn that is under way in its thread."""

    def made(real: Method) -> Method:
        async def instead(self: Any, request: Any, context: RequestContext) -> AsyncIterator[bytes]:
            held = isinstance(request, asked)
            events = self._process_streaming(request, context) if held else real(self, request, context)
            async for event in events:
                yield event

        return instead

    return made


def locked_meanwhile(real: Method) -> Method:
    """While one of the user's turns is under way, small writes fail: the database is locked."""

    async def instead(self: Any, request: Any, context: RequestContext) -> Any:
        try:
            type = json.loads(request).get("type")
        except (ValueError, AttributeError):
            type = None
        if type in _BLOCKED and any(user == key(context.user_id) for user, _ in self.busy._turns):
            raise RuntimeError("database is locked")
        return await real(self, request, context)

    return instead


def chosen_for_good(real: Method) -> Method:
    """A tool that was chosen for one message is chosen for all that follow in its thread."""
    chosen: dict[str, Any] = {}

    async def instead(self: Any, thread: Any, message: Any, context: RequestContext) -> AsyncIterator[Any]:
        if message is not None:
            options = message.inference_options
            if options and options.tool_choice:
                chosen[thread.id] = options.tool_choice
            elif options and thread.id in chosen:
                chosen_now = options.model_copy(update={"tool_choice": chosen[thread.id]})
                message = message.model_copy(update={"inference_options": chosen_now})
        async for event in real(self, thread, message, context):
            yield event

    return instead


def one_at_a_time(real: Method) -> Method:
    """A user's requests wait for each other, the end of a stream included: a session that is locked."""
    locks: dict[str, asyncio.Lock] = {}

    async def held(events: Any, lock: asyncio.Lock) -> AsyncIterator[bytes]:
        try:
            async for event in events:
                yield event
        finally:
            lock.release()

    async def instead(self: Any, request: Any, context: RequestContext) -> Any:
        lock = locks.setdefault(context.user_id, asyncio.Lock())
        await lock.acquire()
        try:
            result = await real(self, request, context)
        except BaseException:
            lock.release()
            raise
        if isinstance(result, StreamingResult):
            return StreamingResult(held(result.json_events, lock))  # type: ignore[arg-type]  # an async generator
        lock.release()
        return result

    return instead


jump_the_queue = around(TaskChat, "_in_turn", out_of_turn(ThreadsRetryAfterItemReq))
lock_meanwhile = around(TaskChat, "process", locked_meanwhile)
choose_for_good = around(TaskChat, "respond", chosen_for_good)
lock_sessions = around(TaskChat, "process", one_at_a_time)


def _answered_with_the_old(real: Method) -> Method:
    """When an answer is over, the widgets of its thread are written back as they were when it began."""

    async def instead(self: Any, thread: Any, message: Any, context: RequestContext) -> AsyncIterator[Any]:
        there = (await self.store.load_thread_items(thread.id, None, 500, "asc", context)).data
        async for event in real(self, thread, message, context):
            yield event
        for widget in (item for item in there if isinstance(item, WidgetItem)):
            await self.store.save_item(thread.id, widget, context)

    return instead


write_back = both(
    around(TaskChat, "respond", _answered_with_the_old),
    around(TaskChat, "_in_turn", out_of_turn(ThreadsCustomActionReq)),
)


def _left_with_the_old(real: Method) -> Method:
    """When the browser leaves, the thread is saved as it was when its turn began."""

    async def instead(self: Any, thread: Any, items: Any, context: RequestContext) -> None:
        await real(self, thread, items, context)
        await self.store.save_thread(thread, context)

    return instead


old_title_on_leaving = around(TaskChat, "_keep", _left_with_the_old)


def _renamed_with_namesakes(real: Method) -> Method:
    """A new title reaches all threads of the user's that had the same one."""

    async def instead(self: Any, thread: Any, context: RequestContext) -> None:
        try:
            old = (await self.load_thread(thread.id, context)).title
        except NotFoundError:
            old = None
        await real(self, thread, context)
        if old and old != thread.title:
            for other in (await self.load_threads(200, None, "desc", context)).data:
                if other.title == old and other.id != thread.id:
                    await real(self, other.model_copy(update={"title": thread.title}), context)

    return instead


rename_namesakes = around(SqlStore, "save_thread", _renamed_with_namesakes)
