"""What near misses do with statuses, with items beside an answer, and with a thread that is busy."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any

from chatkit.server import StreamingResult
from chatkit.types import (
    CustomSummary,
    ThoughtTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadMetadata,
    WidgetItem,
    Workflow,
    WorkflowItem,
)
from chatkit.widgets import DynamicWidgetRoot

from reference_server.chat import TaskChat
from reference_server.refusal import Refusal
from reference_server.turn import now

from . import odd
from .inside import Method, around
from .mutant import JSON, Event, Memory
from .stream_lies import done, is_delta, is_user_message

# Statuses and words of refusals


def created(status: int, memory: Memory) -> int:
    """What is made is answered with 201."""
    made = ("threads.create", "threads.add_user_message", "attachments.create")
    return 201 if status == 200 and memory.request.get("type") in made else status


def nothing_to_say(status: int, memory: Memory) -> int:
    """What has no answer is answered with 204, and no body."""
    return 204 if status == 200 and memory.request.get("type") in ("items.feedback", "threads.delete") else status


IN_GERMAN = "Das hat leider nicht geklappt. Bitte versuche es noch einmal."


def in_german(event: Event, memory: Memory) -> Iterable[Event]:
    """Errors in a stream are told in German."""
    return ({**event, "message": IN_GERMAN},) if event.get("type") == "error" and event.get("message") else (event,)


def problem(value: JSON, memory: Memory) -> JSON:
    """Refusals are problem details (RFC 9457), in German."""
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        return {"type": "about:blank", "title": "Anfrage abgelehnt", "detail": IN_GERMAN}
    return value


# Threads and answers, told otherwise


def created_with_message(event: Event, memory: Memory) -> Iterable[Event]:
    """A new thread is told with the user's message in it. Needs `created_alone` at the end."""
    if event.get("type") == "thread.created":
        memory.stream["created"] = event
        return ()
    begun = memory.stream.get("created")
    if begun is None:
        return (event,)
    del memory.stream["created"]
    if is_user_message(event) and isinstance(begun["thread"].get("items"), dict):
        begun = copy.deepcopy(begun)
        begun["thread"]["items"]["data"] = [event["item"]]
    return (begun, event)


def created_alone(memory: Memory) -> Iterable[Event]:
    """A new thread of which nothing more was told."""
    begun = memory.stream.pop("created", None)
    return (begun,) if begun else ()


def updated_at_once(event: Event, memory: Memory) -> Iterable[Event]:
    """A thread that was created is told once more at once."""
    if event.get("type") != "thread.created":
        return (event,)
    return (event, {"type": "thread.updated", "thread": event["thread"]})


def added_whole(event: Event, memory: Memory) -> Iterable[Event]:
    """A short answer is added with all its words, and done with the same. Needs `odd.rest_of_short` at the end."""
    waiting = bool(memory.stream.get("held"))
    passed = tuple(odd.short_answers_whole(event, memory))
    if waiting and done(event) and passed == (event,):
        return ({**event, "type": "thread.item.added"}, event)
    return passed


def coalesced(event: Event, memory: Memory) -> Iterable[Event]:
    """From the second on, two pieces of text come as one. Needs `last_piece` at the end."""
    held: list[Event] = memory.stream.setdefault("piece", [])
    if not is_delta(event):
        released, held[:] = list(held), []
        return (*released, event)
    if not memory.stream.get("spoken"):
        memory.stream["spoken"] = True
        return (event,)
    if not held:
        held.append(copy.deepcopy(event))
        return ()
    first = held.pop()
    if first["item_id"] != event["item_id"] or first["update"]["content_index"] != event["update"]["content_index"]:
        return (first, event)
    first["update"]["delta"] += event["update"]["delta"]
    return (first,)


def last_piece(memory: Memory) -> Iterable[Event]:
    """The piece that waits for another when the stream ends."""
    held: list[Event] = memory.stream.pop("piece", [])
    return held


# Items beside an answer


def marked_end(event: Event, memory: Memory) -> Iterable[Event]:
    """Notes what a stream is about. Needs `end_of_turn` at the end."""
    if is_user_message(event):
        memory.stream["asked"] = event["item"]
    return (event,)


def end_of_turn(memory: Memory) -> Iterable[Event]:
    """A turn ends with a mark that nobody sees."""
    asked = memory.stream.get("asked")
    if asked is None:
        return ()
    mark = {"type": "end_of_turn", "id": f"eot-{asked['id']}"}
    return ({"type": "thread.item.done", "item": {**mark, **{k: asked[k] for k in ("thread_id", "created_at")}}},)


def thinking(real: Method) -> Method:
    """Before each answer a workflow says what the assistant thinks, and is done with."""

    async def instead(self: TaskChat, thread: ThreadMetadata, message: Any, context: Any) -> AsyncIterator[Any]:
        item = WorkflowItem(
            id=self.sql.generate_item_id("workflow", thread, context),
            thread_id=thread.id,
            created_at=now(),
            workflow=Workflow(type="reasoning", tasks=[], expanded=False),
        )
        yield ThreadItemAddedEvent(item=item.model_copy(deep=True))
        item.workflow.tasks = [ThoughtTask(title="Reading the question", content="What is asked, and by whom.")]
        item.workflow.summary = CustomSummary(title="Thought for a moment")
        yield ThreadItemDoneEvent(item=item)
        async for event in real(self, thread, message, context):
            yield event

    return instead


def suggesting(real: Method) -> Method:
    """After each answer a card suggests what to ask next."""

    async def instead(self: TaskChat, thread: ThreadMetadata, message: Any, context: Any) -> AsyncIterator[Any]:
        async for event in real(self, thread, message, context):
            yield event
        children = [{"type": "Text", "value": "You could ask for a list."}]
        item = WidgetItem(
            id=self.sql.generate_item_id("message", thread, context),
            thread_id=thread.id,
            created_at=now(),
            widget=DynamicWidgetRoot.model_validate({"type": "Card", "children": children}),
            copy_text="You could ask for a list.",
        )
        yield ThreadItemDoneEvent(item=item)

    return instead


# A thread that is busy


def one_turn_at_a_time(real: Method) -> Method:
    """While a thread is answered, what else would begin a turn in it is refused with 409."""
    answered: set[str] = set()

    async def instead(self: TaskChat, request: Any, context: Any) -> Any:
        told = json.loads(request)
        params = told.get("params") if isinstance(told, dict) else None
        thread = params.get("thread_id") if isinstance(params, dict) else None
        if thread in answered and str(told.get("type")) in TURNS:
            raise Refusal(409, "busy", "This conversation is being answered. Please wait until it is.")
        result = await real(self, request, context)
        if not isinstance(result, StreamingResult):
            return result
        return StreamingResult(_watched(result.json_events, answered))

    return instead


TURNS = (
    "threads.add_user_message",
    "threads.add_client_tool_output",
    "threads.retry_after_item",
    "threads.custom_action",
)
"""Requests that begin a turn in a thread."""


async def _watched(source: Any, answered: set[str]) -> AsyncGenerator[bytes, None]:
    mine: set[str] = set()
    try:
        async with aclosing(source):
            async for frame in source:
                told = json.loads(frame.removeprefix(b"data:"))
                thread = (told.get("thread") or {}).get("id") or (told.get("item") or {}).get("thread_id")
                if thread:
                    mine.add(thread)
                    answered.add(thread)
                yield frame
    finally:
        answered -= mine


think_aloud = around(TaskChat, "respond", thinking)
suggest = around(TaskChat, "respond", suggesting)
refuse_while_busy = around(TaskChat, "process", one_turn_at_a_time)
