"""Ways to look fast: something is sent at once, and nothing of it is what the user waits for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable

from chatkit_conformance.stream.event_kinds import TEXT_DELTA, shows_tool

from .mutant import Event, EventChange, Memory
from .stream_lies import is_answer, is_delta, is_update, is_user_message

PLACEHOLDER = "One moment, please."


def begun_with(text: str) -> EventChange:
    """An answer with this text comes at once, and is taken back before the real one.

    Needs `taken_back` at the end, for turns without an answer.
    """

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        if is_user_message(event) and "waiting" not in memory.stream:
            item = {**event["item"], "id": f"{event['item']['id']}-wait", "type": "assistant_message", "content": []}
            kept = {key: item[key] for key in ("id", "type", "thread_id", "created_at", "content")}
            memory.stream["waiting"] = item["id"]
            delta = {"type": TEXT_DELTA, "content_index": 0, "delta": text}
            update = {"type": "thread.item.updated", "item_id": item["id"], "update": delta}
            return (event, {"type": "thread.item.added", "item": kept}, update)
        if is_answer(event, "thread.item.added", "thread.item.done"):
            return (*taken_back(memory), event)
        return (event,)

    return change


def taken_back(memory: Memory) -> Iterable[Event]:
    """What `begun_with` sent is removed, once."""
    waiting, memory.stream["waiting"] = memory.stream.get("waiting"), None
    return ({"type": "thread.item.removed", "item_id": waiting},) if waiting else ()


def shown_as(make: Callable[[Event], Event]) -> EventChange:
    """The first event that shows a tool becomes what `make` makes of it; the others are left out."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        if not shows_tool(event):
            return (event,)
        first = not memory.stream.get("shown")
        memory.stream["shown"] = True
        return (make(event),) if first else ()

    return change


def shown_as_ever(event: Event, memory: Memory) -> Iterable[Event]:
    """Progress of always the same words shows a tool, and comes before the first words of turns without one, too."""
    if not (shows_tool(event) or is_delta(event)):
        return (event,)
    first = not memory.stream.get("shown")
    memory.stream["shown"] = True
    same = ({"type": "progress_update", "text": "Working…"},) if first else ()
    return same if shows_tool(event) else (*same, event)


def blank_progress(event: Event) -> Event:
    """Progress without a word."""
    return {"type": "progress_update", "text": ""}


def notice(event: Event) -> Event:
    """A notice in words."""
    return {"type": "notice", "level": "info", "message": "Looking after your tasks."}


def effect(event: Event) -> Event:
    """An effect that the page draws."""
    return {"type": "client_effect", "name": "tool_started", "data": {"tool": "tasks"}}


def shown_beforehand(event: Event, memory: Memory) -> Iterable[Event]:
    """Every turn begins with progress, whatever it does; a tool that runs shows nothing."""
    if shows_tool(event):
        return ()
    return (event, {"type": "progress_update", "text": "Working"}) if is_user_message(event) else (event,)


def first_words_in_added(event: Event, memory: Memory) -> Iterable[Event]:
    """An answer's first words stand in the item as it is added, and no delta repeats them."""
    held: list[Event] = memory.stream.setdefault("held", [])
    if is_answer(event, "thread.item.added"):
        held.append(event)
        return ()
    if held and is_delta(event):
        added = copy.deepcopy(held[0])
        part = {"type": "output_text", "text": event["update"]["delta"], "annotations": []}
        added["item"]["content"] = [part]
        held.clear()
        return (added,)
    if held and is_update(event):
        held.append(event)
        return ()
    released, held[:] = list(held), []
    return (*released, event)
