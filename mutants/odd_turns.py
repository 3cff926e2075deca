"""What near misses do within a turn: answers in parts, with a footer, begun again; faults told in words or notices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from agents import Runner
from chatkit.store import NotFoundError
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    StreamOptions,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadMetadata,
    ThreadsUpdateReq,
)

import reference_server.event_stream as event_stream
from reference_server.answering import Speech
from reference_server.attachments import SqlAttachmentStore
from reference_server.chat import TaskChat, _title_of
from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.store import SqlStore
from reference_server.tasks.task import TaskList

from .aftermath_lies import at_failure
from .inside import Method, around, both
from .mutant import Event, Memory
from .stream_lies import is_user_message

PART = 40
"""Characters from which on an answer has a second part."""

FOOTER = "\n\n(Written by a machine, which may be wrong.)"
SORRY = "I could not finish: the model did not answer. Please ask me again."


# Answers


def in_two_parts(real: Method) -> Method:
    """What comes after the first words of an answer is a part of its own."""

    def instead(self: Speech, text: str) -> None:
        said = "".join(self._text) if self._id is not None else ""
        if len(said) < PART or getattr(self, "first", None) == self._id:
            real(self, text)
            return
        setattr(self, "first", self._id)  # noqa: B010 - an attribute of ours on the server's object
        setattr(self, "start", said)  # noqa: B010 - as above
        self._update(AssistantMessageContentPartDone(content_index=0, content=AssistantMessageContent(text=said)))
        self._update(AssistantMessageContentPartAdded(content_index=1, content=AssistantMessageContent(text="")))
        real(self, text)

    return instead


def ended_in_two_parts(real: Method) -> Method:
    """Needs `in_two_parts`, `counted_in_two_parts`."""

    def instead(self: Speech) -> None:
        if self._id is None or getattr(self, "first", None) != self._id:
            real(self)
            return
        start = str(getattr(self, "start", ""))
        parts = [AssistantMessageContent(text=text) for text in (start, "".join(self._text)[len(start) :])]
        real_update(self, AssistantMessageContentPartDone(content_index=1, content=parts[1]))
        item = self._item(self._id, [part.model_copy() for part in parts])
        self._turn.show(ThreadItemDoneEvent(item=item))
        self._id = None

    real_update = Speech._update
    return instead


def counted_in_two_parts(real: Method) -> Method:
    """Deltas of the second part say so."""

    def instead(self: Speech, update: Any) -> None:
        second = getattr(self, "first", None) == self._id
        if second and isinstance(update, AssistantMessageContentPartTextDelta):
            update = update.model_copy(update={"content_index": 1})
        real(self, update)

    return instead


def footed(real: Method) -> Method:
    """Each answer ends with the same line."""

    def instead(self: Speech) -> None:
        if self._id is not None:
            self.write(FOOTER)
        real(self)

    return instead


def message_added(event: Event, memory: Memory) -> Iterable[Event]:
    """The user's message is added and then done."""
    if event.get("type") == "thread.item.done" and is_user_message(event):
        return ({**event, "type": "thread.item.added"}, event)
    return (event,)


# Faults


async def in_words(turn: Any, message: Any) -> bool:
    """The assistant says that the model failed."""
    message.end()
    message.write(SORRY)
    return True


def as_notice(event: Event, memory: Memory) -> Iterable[Event]:
    """An error is a notice."""
    if event.get("type") != "error":
        return (event,)
    return ({"type": "notice", "level": "danger", "message": event.get("message") or "The model failed."},)


def begun_again(real: Method) -> Method:
    """A turn in which no tool has run is run once more when the model fails; what was said is taken back."""

    async def instead(*args: Any, **more: Any) -> Any:
        message = args[0].model._listener
        turn = message._turn
        try:
            return await real(*args, **more)
        except GeminiFailure as failure:
            if turn.steps or not failure.passing or getattr(turn, "tasks", None) in _USED:
                raise
        if message._id is not None:
            turn.show(ThreadItemRemovedEvent(item_id=message._id))
            message._id = None
        return await real(*args, **more)

    return instead


_USED: list[Any] = []
"""Lists of tasks that a tool of a turn under way has used."""


def _using(real: Method) -> Method:
    async def instead(self: TaskList, *args: Any, **more: Any) -> Any:
        _USED.append(self)
        return await real(self, *args, **more)

    return instead


# Threads


_NAMED: set[str] = set()
"""Threads that their user has named while this process runs."""


def titled_each_turn(real: Method) -> Method:
    """Each turn gives its thread a title of its message, until the user has given one."""

    async def instead(self: TaskChat, thread: ThreadMetadata, message: Any, context: Any) -> AsyncIterator[Any]:
        async for event in real(self, thread, message, context):
            yield event
        stored = await self.sql.load_thread(thread.id, context)
        if thread.id in _NAMED or stored.metadata.get("named"):
            # The turn saves what it had read when it began.
            thread.title, thread.metadata = stored.title, {**thread.metadata, "named": True}
        elif message is not None:
            thread.title = _title_of(message)

    return instead


def named(real: Method) -> Method:
    """Needs `titled_each_turn`: what the user called a thread stays."""

    async def instead(self: TaskChat, request: Any, context: Any) -> Any:
        if isinstance(request, ThreadsUpdateReq):
            with suppress(NotFoundError):
                thread = await self.sql.load_thread(request.params.thread_id, context)
                thread.metadata = {**thread.metadata, "named": True}
                _NAMED.add(thread.id)
                await self.sql.save_thread(thread, context)
        return await real(self, request, context)

    return instead


def gone_already(real: Method) -> Method:
    """Deleting what is not there is no error."""

    async def instead(self: SqlStore, thread_id: str, context: Any) -> None:
        with suppress(NotFoundError):
            await real(self, thread_id, context)

    return instead


# Leaving, uploads, and what the model is told


def _not_stopped() -> None:
    async def watching(receive: Any, turn: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    setattr(event_stream, "_until_gone", watching)  # noqa: B010 - by name: it is a function


def _no_cancel(real: Method) -> Method:
    return lambda self, thread, context: StreamOptions(allow_cancel=False)


def posted(real: Method) -> Method:
    """Files are posted."""

    async def instead(self: SqlAttachmentStore, *args: Any) -> Any:
        made = await real(self, *args)
        made.upload_descriptor.method = "POST"
        return made

    return instead


_TASKS: ContextVar[Any] = ContextVar("tasks")


def _knowing(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        _TASKS.set(await TaskList(self.sql.database, context.user_id).all())
        async for event in real(self, thread, message, context):
            yield event

    return instead


def _telling(real: Method) -> Method:
    async def instead(self: HistoryConverter, items: Any) -> Any:
        titles = "; ".join(f"{task.title} ({'done' if task.completed else 'open'})" for task in _TASKS.get())
        return [{"role": "system", "content": f"The user's tasks: {titles or 'none'}."}, *await real(self, items)]

    return instead


two_parts = both(
    around(Speech, "end", ended_in_two_parts),
    around(Speech, "_update", counted_in_two_parts),
    around(Speech, "write", in_two_parts),
)
foot = around(Speech, "end", footed)
say_sorry = at_failure(in_words)
begin_again = both(around(TaskList, "add", _using), around(Runner, "run", begun_again))
title_each_turn = both(around(TaskChat, "respond", titled_each_turn), around(TaskChat, "_process_non_streaming", named))
delete_gently = around(SqlStore, "delete_thread", gone_already)
never_stop = both(_not_stopped, around(TaskChat, "get_stream_options", _no_cancel))
take_posts = around(SqlAttachmentStore, "create_attachment", posted)
tell_tasks = both(around(TaskChat, "respond", _knowing), around(HistoryConverter, "to_agent_input", _telling))
