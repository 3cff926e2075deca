"""A fault is a fault only where the lie says: after a tool, in a later turn, on a retry."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mutants.catalogue import MUTANTS
from mutants.mutant import Event, Wire

THREAD = {"thread_id": "thr_1"}
ERROR = {"type": "error", "code": "custom", "message": "The model broke.", "allow_retry": True}
STEP = {
    "type": "thread.item.added",
    "item": {
        "id": "wf_1",
        "type": "workflow",
        "thread_id": "thr_1",
        "created_at": "2026-01-01T00:00:00",
        "workflow": {"type": "custom", "tasks": [{"type": "custom", "title": "Looking up tasks"}]},
    },
}
FIRST = {"type": "threads.create", "params": {}}
LATER = {"type": "threads.add_user_message", "params": THREAD}
AGAIN = {"type": "threads.retry_after_item", "params": THREAD}
RELOAD = {"type": "threads.get_by_id", "params": THREAD}


def wire(name: str) -> Wire:
    """The change of a mutant that sits on the wire."""
    change = MUTANTS[name].change
    assert isinstance(change, Wire)
    return change


def told(played: Any) -> bool:
    """Whether an error was told."""
    return any(event["type"] == "error" for event in played.events)


def broken(events: list[Event], *before: Event) -> list[Event]:
    """The stream of a turn that shows these and then breaks."""
    return [*events[:3], *before, ERROR]


async def test_a_fault_after_a_tool_is_not_told_and_any_other_is(stage: Any, events: list[Event]) -> None:
    """Only where a step was shown before it in the same stream does the error vanish."""
    play = stage(wire("fault-after-tool-unsaid"))
    assert told(await play.stream(broken(events), FIRST))
    assert not told(await play.stream(broken(events, STEP), LATER))
    assert told(await play.stream(broken(events), LATER))


async def test_a_fault_in_a_later_turn_breaks_the_connection(stage: Any, events: list[Event]) -> None:
    """The first turn's fault is told; the second's breaks the stream off."""
    play = stage(wire("later-fault-breaks"))
    first = await play.stream(broken(events), FIRST)
    assert told(first)
    assert not first.broke
    assert (await play.stream(broken(events), LATER)).broke


async def test_a_fault_on_a_retry_hangs(stage: Any, events: list[Event]) -> None:
    """A retry that fails is never ended; a later turn that fails is."""
    play = stage(wire("retry-fault-hangs"))
    await play.stream(events, FIRST)
    assert told(await play.stream(broken(events), LATER))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(play.stream(broken(events), AGAIN), 0.2)


async def test_the_second_fault_kills_a_thread(stage: Any, events: list[Event]) -> None:
    """One fault is survived; after two the thread answers no more."""
    play = stage(wire("second-fault-kills"))
    await play.stream(broken(events), FIRST)
    assert not told(await play.stream(events, LATER))
    await play.stream(broken(events), LATER)
    assert told(await play.stream(events, LATER))


async def test_a_fault_in_a_later_turn_takes_the_answer_before_it(stage: Any, events: list[Event]) -> None:
    """The newest answer is missing from a reload, and only once a later turn has failed."""
    play = stage(wire("later-fault-loses-answer"))
    rows = [{"id": "a1", "type": "assistant_message"}, {"id": "u1", "type": "user_message"}]
    whole = {"id": "thr_1", "items": {"data": rows, "has_more": False}}
    await play.stream(broken(events), FIRST)
    assert (await play.answer(whole, RELOAD)).body.count(b"assistant_message") == 1
    await play.stream(broken(events), LATER)
    assert b"assistant_message" not in (await play.answer(whole, RELOAD)).body
