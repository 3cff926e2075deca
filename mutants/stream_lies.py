"""Ways to break a stream: each takes one event and what is remembered, and gives the events to send instead."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from chatkit_conformance.stream.event_kinds import TEXT_DELTA

from .mutant import Abort, Cut, Event, EventChange, Memory


def kind(event: Event) -> str:
    """The event's type, and for an update the update's type."""
    update = event.get("update")
    return str(update.get("type") if isinstance(update, dict) else event.get("type"))


def item_type(event: Event) -> str:
    """The type of the item that the event carries, or ""."""
    item = event.get("item")
    return str(item.get("type", "")) if isinstance(item, dict) else ""


def is_answer(event: Event, *types: str) -> bool:
    """Whether the event is of one of these types and carries an assistant message."""
    return event.get("type") in types and item_type(event) == "assistant_message"


def done(event: Event) -> bool:
    """Whether the event finishes an assistant message."""
    return is_answer(event, "thread.item.done")


def drop(wanted: Callable[[Event], bool]) -> EventChange:
    """Leave out the events for which `wanted` holds."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        return () if wanted(event) else (event,)

    return change


def twice(wanted: Callable[[Event], bool]) -> EventChange:
    """Send the events for which `wanted` holds two times."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        return (event, event) if wanted(event) else (event,)

    return change


def edit(wanted: Callable[[Event], bool], how: Callable[[Event], Any]) -> EventChange:
    """Change a copy of the events for which `wanted` holds, in place, by `how`."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        if wanted(event):
            event = copy.deepcopy(event)
            how(event)
        return (event,)

    return change


def before(wanted: Callable[[Event], bool], *more: Event) -> EventChange:
    """Send further events just before those for which `wanted` holds."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        return (*more, event) if wanted(event) else (event,)

    return change


def every_other(wanted: Callable[[Event], bool]) -> EventChange:
    """Leave out every second event for which `wanted` holds."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        if not wanted(event):
            return (event,)
        memory.stream["n"] = memory.stream.get("n", 0) + 1
        return (event,) if memory.stream["n"] % 2 else ()

    return change


def late(wanted: Callable[[Event], bool], until: Callable[[Event], bool]) -> EventChange:
    """Hold the events for which `wanted` holds back until one for which `until` holds has passed."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        held: list[Event] = memory.stream.setdefault("held", [])
        if wanted(event):
            held.append(event)
            return ()
        if until(event) and held:
            released, held[:] = list(held), []
            return (event, *released)
        return (event,)

    return change


def release(memory: Memory) -> Iterable[Event]:
    """What `late` still holds when the stream ends."""
    held: list[Event] = memory.stream.pop("held", [])
    return held


def stop_after(wanted: Callable[[Event], bool], how: type[Cut] | type[Abort]) -> EventChange:
    """End the stream, cleanly or not, at the second event for which `wanted` holds."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        if wanted(event):
            memory.stream["n"] = memory.stream.get("n", 0) + 1
            if memory.stream["n"] > 1:
                raise how
        return (event,)

    return change


def is_delta(event: Event) -> bool:
    """Whether the event adds text to an assistant message."""
    return kind(event) == TEXT_DELTA


def is_update(event: Event) -> bool:
    """Whether the event updates an item."""
    return event.get("type") == "thread.item.updated"


def is_(*types: str) -> Callable[[Event], bool]:
    """A predicate: the event is of one of these types (an update's own type counts)."""
    return lambda event: event.get("type") in types or kind(event) in types


def is_user_message(event: Event) -> bool:
    """Whether the event carries the user's message."""
    return item_type(event) == "user_message"


def other_id(event: Event) -> None:
    """Give the item another id."""
    event["item"]["id"] += "-final"


def more_text(event: Event) -> None:
    """Put words into the finished text that were never streamed."""
    for part in event["item"].get("content", ()):
        part["text"] += " (end of answer)"


def hidden_item(event: Event, memory: Memory) -> Iterable[Event]:
    """A hidden item follows each finished answer."""
    if not done(event):
        return (event,)
    hidden = {
        "id": event["item"]["id"] + "-h",
        "type": "hidden_context_item",
        "thread_id": event["item"]["thread_id"],
        "created_at": event["item"]["created_at"],
        "content": "internal: customer is on the free plan",
    }
    return (event, {"type": "thread.item.done", "item": hidden})


def swapped_deltas(event: Event, memory: Memory) -> Iterable[Event]:
    """Deltas change places two by two."""
    held: list[Event] = memory.stream.setdefault("held", [])
    if is_delta(event) and not held:
        held.append(event)
        return ()
    released, held[:] = list(held), []
    return (event, *released) if is_delta(event) else (*released, event)
