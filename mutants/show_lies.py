"""Lies of the showcase, and of what is shown beside plain answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from chatkit.types import ClientToolCallItem, StructuredInputItem

from chatkit_conformance.moves.marks import QUOTED

from .model_lies import messages
from .mutant import JSON, Abort, Event, Memory
from .showcase.server import SIGNATURE, History, install
from .stream_lies import is_update, item_type
from .turn_lies import Mark

GOES_ON = ("threads.add_client_tool_output", "threads.add_structured_input")
"""Requests with which a turn that waited goes on."""


class Deaf(History):
    """The model is not told what the browser or the user answered."""

    async def client_tool_call_to_input(self, item: ClientToolCallItem) -> Any:
        """The call with an output that says nothing."""
        return await super().client_tool_call_to_input(item.model_copy(update={"output": "ok"}))

    async def structured_input_to_input(self, item: StructuredInputItem) -> list[Any]:
        """Nothing."""
        return []


class Unpaired(History):
    """A pending call stands in the history without a result."""

    async def client_tool_call_to_input(self, item: ClientToolCallItem) -> Any:
        """The call, with or without its output."""
        if item.status != "pending":
            return await super().client_tool_call_to_input(item)
        call = {"type": "function_call", "call_id": item.call_id, "name": item.name}
        return [{**call, "arguments": json.dumps(item.arguments), "provider_data": {"thought_signature": SIGNATURE}}]


def deaf() -> None:
    """A showcase with `Deaf` history."""
    install(Deaf)


def unpaired() -> None:
    """A showcase with `Unpaired` history."""
    install(Unpaired)


def unstopped() -> None:
    """A showcase whose turns go on where they should wait."""
    install(stops=False)


def is_item(type: str, *kinds: str) -> Callable[[Event], bool]:
    """Whether an event carries an item of this type."""
    return lambda event: item_type(event) == type and (not kinds or event["type"] in kinds)


def dead_when_going_on(event: Event, memory: Memory) -> Iterable[Event]:
    """A turn that waited and goes on is not answered."""
    spoken = item_type(event) == "assistant_message" or is_update(event)
    return () if memory.request.get("type") in GOES_ON and spoken else (event,)


def after_waiting(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """Turns after one that waited are dead."""
    return memory.request.get("type") in GOES_ON


AFTER_WAITING: Mark = after_waiting


def breaks_on_strays(event: Event, memory: Memory) -> Iterable[Event]:
    """The connection breaks at an answer to a question that was not asked."""
    if "q_nobody_asked" in json.dumps(memory.request.get("params", {})):
        raise Abort
    return (event,)


def completed(event: Event) -> None:
    """A pending call says that it is completed."""
    event["item"]["status"] = "completed"


def one_question_id(event: Event) -> None:
    """All questions have one id."""
    for question in event["item"]["inputs"]:
        question["id"] = "q"


def many_answers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A question keeps every value that it offers."""
    for row in rows:
        for question in row.get("inputs", ()) if row.get("type") == "structured_input" else ():
            if question.get("answer", {}) and question.get("options") and not question["answer"].get("skipped"):
                question["answer"]["values"] = [option["value"] for option in question["options"]]
    return rows


def is_lock(event: Event) -> bool:
    """Whether an event tells of a lock."""
    thread = event.get("thread") or {}
    return bool(event.get("type") == "thread.updated" and thread.get("status", {}).get("type") == "locked")


def unlocked(value: JSON, memory: Memory) -> JSON:
    """Threads that are read are active."""
    for thread in (value, *(value.get("data") or ())):
        if isinstance(thread, dict) and "status" in thread and "items" in thread:
            thread["status"] = {"type": "active"}
    return value


def other_component(event: Event) -> None:
    """A text delta is for a component that is not there."""
    event["update"]["component_id"] = "nowhere"


def no_widget(event: Event) -> None:
    """A finished widget is a word."""
    event["item"]["widget"] = "a card"


def emptied_card(event: Event) -> None:
    """A finished widget has lost its children."""
    event["item"]["widget"]["children"] = []


def bare_widgets(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stored widgets have lost their children."""
    for row in rows:
        if row.get("type") == "widget":
            row["widget"]["children"] = []
    return rows


def without_type(type: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Stored items of this type are not shown."""
    return lambda rows: [row for row in rows if row.get("type") != type]


def no_annotations(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stored messages have lost their annotations."""
    for row in rows:
        for part in row.get("content", ()) if row.get("type") == "assistant_message" else ():
            part["annotations"] = []
    return rows


def later_annotation(event: Event) -> None:
    """Annotations are counted from 1."""
    event["update"]["annotation_index"] += 1


def other_image(event: Event) -> None:
    """An image is finished as another one."""
    event["item"]["image"] = {"id": "img_other", "url": "https://example.com/other.png"}


def first_image(event: Event, memory: Memory) -> Iterable[Event]:
    """An image is finished as what was shown of it first."""
    image = (event.get("update") or {}).get("image")
    if image:
        memory.stream.setdefault("first image", image)
    if is_item("generated_image", "thread.item.done")(event):
        event["item"]["image"] = memory.stream.get("first image")
    return (event,)


def other_task(event: Event) -> None:
    """A workflow is finished with another task than was shown."""
    event["item"]["workflow"]["tasks"] = [{"type": "custom", "title": "Something else", "status_indicator": "complete"}]


def unwanted_action(event: Event, memory: Memory) -> Iterable[Event]:
    """An action's stream says nothing; `fails` ends it."""
    return () if memory.request.get("type") == "threads.custom_action" else (event,)


def fails(memory: Memory) -> Iterable[Event]:
    """The error in which an action ends."""
    action = memory.request.get("type") == "threads.custom_action"
    return ({"type": "error", "code": "stream.error", "allow_retry": False},) if action else ()


def crash_without_payload(status: int, memory: Memory) -> int:
    """500 for an action without a payload."""
    params = memory.request.get("params", {})
    action = params.get("action") if isinstance(params, dict) else None
    return 500 if isinstance(action, dict) and action.get("payload") is None else status


def window(body: Event) -> Event:
    """Send the system text and the last six messages."""
    rows = messages(body)
    system = [m for m in rows if m.get("role") == "system"]
    return {**body, "messages": [*system, *[m for m in rows if m.get("role") != "system"][-6:]]}


def _user_texts(body: Event, how: Callable[[str], str]) -> Event:
    rows = [
        {**m, "content": how(m["content"])} if m.get("role") == "user" and isinstance(m.get("content"), str) else m
        for m in messages(body)
    ]
    return {**body, "messages": rows}


def ascii_questions(body: Event) -> Event:
    """The user's words reach the model in English letters only."""
    return _user_texts(body, lambda text: text.encode("ascii", "replace").decode())


def unquoted(body: Event) -> Event:
    """What the user quotes does not reach the model."""
    return _user_texts(body, lambda text: text.replace(QUOTED, ""))


def old_roles(body: Event) -> Event:
    """Tool results are sent in a role of an older API."""
    rows = [{**m, "role": "function"} if m.get("role") == "tool" else m for m in messages(body)]
    return {**body, "messages": rows}
