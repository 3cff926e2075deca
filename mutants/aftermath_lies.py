"""What a fault, a retry or a visitor who leaves does elsewhere: to another thread, a title, a task, an earlier turn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

from agents import MaxTurnsExceeded
from chatkit.types import AssistantMessageItem, LockedStatus, ThreadMetadata, ThreadsRetryAfterItemReq

import reference_server.answering as answering
from chatkit_conformance.stream.event_kinds import is_text
from reference_server.chat import TaskChat, _title_of
from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.tasks.task import Task, TaskList
from reference_server.turn import Turn

from .inside import Invoke, Method, around, both, tool
from .limit_lies import Mute
from .mutant import Event, Memory, Patch
from .stream_lies import is_update, item_type
from .turn_lies import known, thread_of

Work = Callable[[Turn, Any], Awaitable[bool]]
"""What is done when a run fails, with the turn and its message; whether that settles it."""


def at_failure(work: Work, kind: type[Exception] = GeminiFailure) -> Patch:
    """Do something besides when the model fails; where it settles the matter, nothing is said of the failure."""

    def patch() -> None:
        kept = vars(answering)
        real = kept["_pump"]

        async def instead(run: Callable[[], Awaitable[Any]], message: Any, turn: Turn, *args: Any) -> None:
            async def watched() -> None:
                try:
                    await run()
                except kind:
                    if not await work(turn, message):
                        raise

            await real(watched, message, turn, *args)

        kept["_pump"] = instead

    return patch


async def earlier_answer(turn: Turn, message: Any) -> bool:
    """The thread's last answer is given once more."""
    page = await turn.store.load_thread_items(turn.thread.id, None, 50, "desc", turn.context)
    for item in page.data:
        if isinstance(item, AssistantMessageItem):
            message.write("".join(part.text for part in item.content))
            return True
    return False


async def said_done(turn: Turn, message: Any) -> bool:
    """It is said that all is done."""
    message.write("All done.")
    return True


async def undo_task(turn: Turn, message: Any) -> bool:
    """The newest task of the user's is taken back, whichever turn it came from."""
    for task in (await turn.tasks.all())[-1:]:
        await turn.tasks.remove(task.id)
    return False


async def untitled(turn: Turn, message: Any) -> bool:
    """The thread loses the title that it has."""
    if turn.thread.title is not None:
        turn.thread.title = "New conversation"
    return False


async def locked(turn: Turn, message: Any) -> bool:
    """The thread takes no more messages."""
    turn.thread.status = LockedStatus(reason="An answer failed.")
    return False


async def earlier_work_gone(turn: Turn, message: Any) -> bool:
    """What showed the tools of earlier turns is deleted."""
    page = await turn.store.load_thread_items(turn.thread.id, None, 500, "desc", turn.context)
    for item in page.data:
        if item.type in ("widget", "workflow"):
            await turn.store.delete_thread_item(turn.thread.id, item.id, turn.context)
    return False


# Other threads, and the same user's visits


def next_thread_pays(event: Event, memory: Memory) -> Iterable[Event]:
    """After a fault the user's next turn in another thread is not answered. Needs `turn_lies.dead_end` at the end."""
    known(event, memory)
    owed: dict[str, str] = memory.server.setdefault("owed", {})
    user, thread = str(memory.stream.get("token")), thread_of(event, memory)
    if "asked" not in memory.stream:
        memory.stream["asked"] = True
        if owed.get(user, thread) != thread:
            del owed[user]
            memory.stream["dead"] = True
    if event.get("type") == "error":
        owed[user] = thread
    spoken = item_type(event) not in ("", "user_message") or is_update(event)
    return () if memory.stream["dead"] and spoken else (event,)


def broken_words(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """The model fails in mid-answer, in a thread that has a past."""
    memory.stream["spoken"] = memory.stream.get("spoken", False) or is_text(event)
    return event.get("type") == "error" and state["turns"] > 1 and bool(memory.stream["spoken"])


def left_by_one(visits: int) -> Mute:
    """A user who left so many answers is not answered any more; others are."""

    def mute(memory: Memory) -> bool:
        streams: list[Memory] = memory.server.get("streams", [])
        mine = [one for one in streams if one.stream.get("token") == memory.stream.get("token")]
        return sum(one.left and "over" not in one.stream for one in mine) >= visits

    return mute


def kept_twice(real: Method) -> Method:
    """What was said when the browser left is stored two times, under two ids."""

    async def instead(self: TaskChat, thread: Any, pending_items: list[Any], context: Any) -> None:
        await real(self, thread, pending_items, context)
        for item in pending_items:
            if isinstance(item, AssistantMessageItem):
                again = item.model_copy(update={"id": f"{item.id}-b"})
                await self.store.add_thread_item(thread.id, again, context)

    return instead


# Retries and restarts

_RUNS: dict[str, list[tuple[Invoke, Any, str]]] = {}


def _noted(real: Invoke) -> Invoke:
    async def instead(context: Any, arguments: str) -> Any:
        _RUNS.setdefault(context.context.thread.id, []).append((real, context, arguments))
        return await real(context, arguments)

    return instead


def _replayed(real: Method) -> Method:
    async def instead(self: TaskChat, request: Any, context: Any) -> AsyncIterator[bytes]:
        if isinstance(request, ThreadsRetryAfterItemReq):
            for invoke, turn, arguments in _RUNS.pop(request.params.thread_id, [])[-1:]:
                await invoke(turn, arguments)
        async for frame in real(self, request, context):
            yield frame

    return instead


def _retitled_if_old(real: Method) -> Method:
    made: set[str] = set()

    async def instead(self: TaskChat, thread: ThreadMetadata, message: Any, context: Any) -> AsyncIterator[Any]:
        old = thread.title is not None and thread.id not in made
        made.add(thread.id)
        async for event in real(self, thread, message, context):
            yield event
        if old and message is not None:
            thread.title = _title_of(message)

    return instead


def _remembered(real: Method) -> Method:
    """Tasks that were made in this process come first, so that a restart changes the order of what is made later."""
    fresh: set[str] = set()

    async def instead(self: TaskList, **facts: Any) -> Task:
        made: Task = await real(self, **facts)
        fresh.add(made.id)
        for task in await self.all():
            if task.id not in fresh and task.completed:
                await self.change(task.id, completed=False)
        return made

    return instead


def opinion_deletes(real: Method) -> Method:
    """An answer that was disliked is deleted."""

    async def instead(self: TaskChat, thread_id: str, item_ids: list[str], feedback: str, context: Any) -> None:
        await real(self, thread_id, item_ids, feedback, context)
        for item_id in item_ids if feedback == "negative" else ():
            await self.sql.delete_thread_item(thread_id, item_id, context)

    return instead


def reading_stops(real: Method) -> Method:
    """Whoever reads a thread ends the answer that is under way in it."""

    async def instead(self: TaskChat, request: Any, context: Any) -> Any:
        if request.type == "threads.get_by_id":
            await self.busy.end(context.user_id, request.params.thread_id)
        return await real(self, request, context)

    return instead


answer_from_past = at_failure(earlier_answer)
say_done = at_failure(said_done, MaxTurnsExceeded)
take_task_back = at_failure(undo_task)
untitle = at_failure(untitled)
lock = at_failure(locked)
forget_work = at_failure(earlier_work_gone)
keep_twice = around(TaskChat, "handle_stream_cancelled", kept_twice)
replay_on_retry = both(tool("create_task", _noted), around(TaskChat, "_process_streaming", _replayed))
retitle_old = around(TaskChat, "respond", _retitled_if_old)
reopen_old = around(TaskList, "add", _remembered)
delete_disliked = around(TaskChat, "add_feedback", opinion_deletes)
stop_when_read = around(TaskChat, "_process_non_streaming", reading_stops)
