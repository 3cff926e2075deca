"""Where a fault of the model's meets a conversation: after a tool, in a later turn, on a retry. And what a lie makes
of the error there: it is not told, the stream breaks, the turn hangs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chatkit_conformance.stream.event_kinds import shows_tool

from .mutant import Abort, Event, EventChange, Hang, Memory
from .turn_lies import Mark, known

AGAIN = "threads.retry_after_item"

Effect = Callable[[Event], Iterable[Event]]


def is_error(event: Event) -> bool:
    """Whether the event tells an error."""
    return event.get("type") == "error"


def after_tool(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """The model fails when a tool has run in this turn."""
    memory.stream["worked"] = memory.stream.get("worked", False) or shows_tool(event)
    return is_error(event) and bool(memory.stream["worked"])


def in_later_turn(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """The model fails in a thread that has a past."""
    return is_error(event) and state["turns"] > 1 and memory.request.get("type") != AGAIN


def on_retry(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """The model fails when it is asked again."""
    return is_error(event) and memory.request.get("type") == AGAIN


def after_another(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """The model fails in a thread in which it has failed before."""
    if not is_error(event):
        return False
    state["faults"] = state.get("faults", 0) + 1
    return bool(state["faults"] > 1)


def beside_another(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """The model fails while another thread is answered."""
    others = (other for other in memory.server.values() if isinstance(other, dict) and other is not state)
    return is_error(event) and any(other.get("open", 0) > 0 for other in others)


def when(mark: Mark, effect: Effect) -> EventChange:
    """What becomes of the events that `mark` holds for. Needs `turn_lies.dead_end` at the end."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        return effect(event) if mark(event, memory, known(event, memory)) else (event,)

    return change


def unsaid(event: Event) -> Iterable[Event]:
    """It is not told."""
    return ()


def breaks(event: Event) -> Iterable[Event]:
    """The connection breaks."""
    raise Abort


def hangs(event: Event) -> Iterable[Event]:
    """Nothing comes any more, and the stream stays open."""
    raise Hang


def lost(*types: str, last: bool = False) -> Callable[[dict[str, Any], Memory], None]:
    """What a reload lacks in threads that `turn_lies.marked` condemned: items of these types, or the last such only."""

    def change(value: dict[str, Any], memory: Memory) -> None:
        page = value.get("items", value)
        thread = memory.thread_id
        if not memory.server.get(thread, {}).get("condemned") or not isinstance(page.get("data"), list):
            return
        gone = [row for row in page["data"] if row.get("type") in types]
        for row in gone[-1:] if last else gone:
            page["data"].remove(row)

    return change
