"""What the mutants do to a stream: each says one thing of itself, and that is what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mutants.catalogue import MUTANTS
from mutants.mutant import Event, Mutant, Wire
from mutants.stream_lies import done, is_delta
from mutants.table_grammar import GRAMMAR
from mutants.table_stream import STREAM
from mutants.table_turns import TURNS

EVENT_LIES = [
    m
    for m in (*STREAM, *GRAMMAR, *TURNS)
    if isinstance(m.change, Wire) and m.change.event and not (m.change.answer or m.change.headers)
]
"""Lies about text and order: where answers or credentials are changed too, events may only be watched."""

ODD_FRAMES = [m for m in MUTANTS.values() if isinstance(m.change, Wire) and m.change.frame and m.near_miss]
SAY = {"type": "threads.add_user_message", "params": {"thread_id": "thr_1"}}
RETRY = {"type": "threads.retry_after_item", "params": {"thread_id": "thr_1", "item_id": "msg_u"}}
ERROR = {"type": "error", "code": "custom", "message": "The model is gone.", "allow_retry": True}

NOT_MET = {"leaving-locks-thread"}
"""Lies for which a browser has to leave."""

Made = Callable[[Wire], Any]


def wire(name: str) -> Wire:
    """The change of a mutant on the wire."""
    change = MUTANTS[name].change
    assert isinstance(change, Wire)
    return change


def text(events: list[Event]) -> str:
    """The streamed text."""
    return "".join(e["update"]["delta"] for e in events if is_delta(e))


def update(kind: str, **fields: Any) -> Event:
    """An update of the assistant message."""
    made = {"type": f"assistant_message.content_part.{kind}", "content_index": 0, **fields}
    return {"type": "thread.item.updated", "item_id": "msg_a", "update": made}


def finished(text: str) -> Event:
    """The assistant message, finished."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    shared = {"thread_id": "thr_1", "created_at": "2026-01-01T00:00:00"}
    return {
        "type": "thread.item.done",
        "item": {**shared, "id": "msg_a", "type": "assistant_message", "content": content},
    }


def scenes(events: list[Event]) -> list[tuple[Any, list[Event]]]:
    """What one server is asked, and what it would answer, one after the other."""
    worked = [events[0], events[1], *events[4:], events[3], *events[4:]]
    long = [*events[:6], update("text_delta", delta="Größe " * 2000), *events[9:-1], finished("Größe " * 2000)]
    broken = [*events[:9], ERROR]
    return [
        ({"type": "threads.create", "params": {}}, events),
        (SAY, events[1:]),
        (SAY, events[1:]),
        (RETRY, events[2:]),
        (SAY, worked[1:]),
        (SAY, long[1:]),
        (SAY, broken[1:]),
        (RETRY, [*broken[2:-1], {**ERROR, "allow_retry": False}]),
        (SAY, events[1:]),
    ]


@pytest.mark.parametrize("one", EVENT_LIES, ids=lambda m: m.name)
async def test_a_lie_changes_one_of_the_streams_of_a_conversation(
    one: Mutant, stage: Made, events: list[Event]
) -> None:
    """Each lie about events changes a plain, a later, a long, a broken or a repeated turn."""
    playing = stage(wire(one.name))
    changed = [(await playing.stream(answer, request)) for request, answer in scenes(events)]
    assert one.name in NOT_MET or any(
        played.broke or played.events != answer for played, (_, answer) in zip(changed, scenes(events), strict=True)
    )


@pytest.mark.parametrize("one", ODD_FRAMES, ids=lambda m: m.name)
async def test_odd_framing_keeps_every_event(one: Mutant, stage: Made, events: list[Event]) -> None:
    """Whatever the framing of a near miss looks like, a reader of server-sent events gets the same events."""
    played = await stage(wire(one.name)).stream(events)
    assert played.events == events


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("odd-heartbeats", b": keep-alive"),
        ("odd-crlf", b"\r\n"),
        ("odd-no-space", b"data:{"),
        ("odd-numbered", b"id: 7"),
    ],
)
async def test_odd_framing_is_odd(name: str, mark: bytes, stage: Made, events: list[Event]) -> None:
    """A near miss does what it says."""
    assert mark in (await stage(wire(name)).stream(events)).body


async def test_crumbs_are_small(stage: Made, events: list[Event]) -> None:
    """Events in crumbs are written seven bytes at a time at most."""
    played = await stage(wire("odd-crumbs")).stream(events)
    assert max(map(len, played.writes)) == 7


async def test_fake_ids_are_in_the_stream_and_in_the_store(stage: Made, events: list[Event]) -> None:
    """An answer with a fake id is added, updated, done and reloaded under it; the question keeps its own."""
    played = stage(wire("ids-fake"))
    streamed = (await played.stream(events)).events
    ids = {e.get("item_id") or e["item"]["id"] for e in streamed if "item" in e or "item_id" in e}
    assert ids == {"msg_u", "__fake_id__"}
    page = {"data": [{"type": "assistant_message", "id": "msg_a"}], "has_more": False}
    answer = await played.answer(page, {"type": "items.list", "params": {}})
    assert b"__fake_id__" in answer.body


async def test_lost_deltas_leave_the_finished_text(stage: Made, events: list[Event]) -> None:
    """Where deltas are lost the finished item still has all of the text."""
    streamed = (await stage(wire("delta-lost")).stream(events)).events
    assert text(streamed) == "Hello friend."
    assert next(e for e in streamed if done(e))["item"]["content"][0]["text"] == "Hello there, friend."


async def test_swapped_deltas_keep_their_letters(stage: Made, events: list[Event]) -> None:
    """Deltas that change places are all there."""
    streamed = (await stage(wire("deltas-swapped")).stream(events)).events
    assert text(streamed) == "there, Hello friend."


async def test_the_second_turn_dies_and_other_threads_live(stage: Made, events: list[Event]) -> None:
    """A dead second turn ends in an error without an answer; the first of another thread is answered."""
    played = stage(wire("second-turn-dead"))
    await played.stream(events)
    say = {"type": "threads.add_user_message", "params": {"thread_id": "thr_1"}}
    second = (await played.stream(events[1:], say)).events
    assert second[-1]["type"] == "error"
    assert not any(done(e) for e in second)
    other = {**events[0], "thread": {**events[0]["thread"], "id": "thr_2"}}
    assert any(done(e) for e in (await played.stream([other, *events[1:]])).events)


async def test_an_error_condemns_the_turns_after_it(stage: Made, events: list[Event]) -> None:
    """After an error event the thread answers no more."""
    played = stage(wire("error-kills-thread"))
    await played.stream([events[0], {"type": "error", "code": "custom", "allow_retry": True}])
    say = {"type": "threads.add_user_message", "params": {"thread_id": "thr_1"}}
    assert not any(done(e) for e in (await played.stream(events[1:], say)).events)


async def test_short_answers_come_whole_and_long_ones_in_pieces(stage: Made, events: list[Event]) -> None:
    """The near miss holds back short answers only, so that nobody waits for a long one."""
    change = wire("odd-short-answers-whole")
    short = (await stage(change).stream(events)).events
    assert not any(is_delta(e) for e in short)
    assert any(done(e) for e in short)
    long = [*events[:6], *(events[6:9] * 6), *events[9:]]
    assert (await stage(change).stream(long)).events == long


async def test_tools_are_shown_late_but_shown(stage: Made, events: list[Event]) -> None:
    """What shows a tool comes after the answer."""
    streamed = (await stage(wire("tools-visible-late")).stream(events)).events
    assert [e["type"] for e in streamed][-1] == "progress_update"


async def test_a_stream_that_ends_early_is_closed_and_one_that_breaks_is_not(stage: Made, events: list[Event]) -> None:
    """Two ways to end before the end: cleanly, and by breaking the connection."""
    early = await stage(wire("stream-ends-early")).stream(events)
    assert not early.broke
    assert text(early.events) == "Hello "
    assert (await stage(wire("stream-breaks")).stream(events)).broke


async def test_a_withheld_stream_is_written_after_its_last_event(stage: Made, events: list[Event]) -> None:
    """A stream that is held back until it is complete holds the same events."""
    assert (await stage(wire("stream-withheld")).stream(events)).events == events


async def test_a_lingering_stream_stays_open(stage: Made, events: list[Event]) -> None:
    """A stream that never ends is still open when all of its events are out."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stage(wire("stream-never-ends")).stream(events), 0.2)
