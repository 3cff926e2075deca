"""Near misses on the wire: what they change is odd, and what a browser makes of it stays the same."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from mutants import text_lies
from mutants.catalogue import MUTANTS
from mutants.mutant import Event, Wire

RELOAD = {"type": "threads.get_by_id", "params": {"thread_id": "thr_1"}}


def wire(name: str) -> Wire:
    """The change of a mutant that sits on the wire."""
    change = MUTANTS[name].change
    assert isinstance(change, Wire)
    return change


def said(events: list[Event]) -> str:
    """What a browser shows of the answer when the stream has ended: the first words and the deltas."""
    begun = [event["item"] for event in events if event["type"] == "thread.item.added"]
    text = {item["id"]: "".join(part["text"] for part in item.get("content", ())) for item in begun}
    for event in events:
        if event["type"] == "thread.item.updated" and "delta" in event["update"]:
            text[event["item_id"]] += event["update"]["delta"]
        if event["type"] == "thread.item.removed":
            text.pop(event["item_id"])
    return "".join(text.values())


@pytest.mark.parametrize(
    "name",
    ["odd-single-bytes", "odd-event-lines", "odd-first-words-in-added", "odd-begun-anew", "odd-replaced-at-end"],
)
async def test_an_odd_stream_shows_the_same_words(name: str, stage: Any, events: list[Event]) -> None:
    """Whatever way the answer takes, its words are those of the model, once."""
    played = await stage(wire(name)).stream(events)
    assert said(played.events) == "Hello there, friend."


@pytest.mark.parametrize("name", ["added-words-again", "part-words-again", "first-words-last"])
async def test_doubled_words_are_doubled_in_what_was_shown(name: str, stage: Any, events: list[Event]) -> None:
    """The first words come twice, in the item, in the part or at the end, while the finished item has them once."""
    played = await stage(wire(name)).stream(events)
    assert json.dumps(played.events).count("Hello ") == json.dumps(events).count("Hello ") + 1
    assert played.events[-1]["item"]["content"][0]["text"] == "Hello there, friend."


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("odd-times-with-offset", "2026-01-01T02:00:00+02:00"),
        ("odd-times-in-seconds", "2026-01-01T00:00:00Z"),
        ("odd-times-in-microseconds", "2026-01-01T00:00:00.000000Z"),
        ("odd-clock-slow", "2014-01-04T00:00:00"),
    ],
)
async def test_times_are_told_alike_in_streams_and_reloads(
    name: str, told: str, stage: Any, events: list[Event]
) -> None:
    """Every time in a stream and in an answer has the odd form, and is a time."""
    play = stage(wire(name))
    streamed = (await play.stream(events)).events
    assert {event["item"]["created_at"] for event in streamed if "item" in event} == {told}
    answered = json.loads((await play.answer(events[0]["thread"], RELOAD)).body)
    assert answered["created_at"] == told
    assert datetime.fromisoformat(told)


async def test_an_opaque_cursor_finds_its_way_back(stage: Any) -> None:
    """The cursor that was given is understood; one that nobody gave is passed on as it is."""
    play = stage(wire("odd-cursors-opaque"))
    page = {"data": [{"id": "msg_1"}], "has_more": True, "after": "msg_1"}
    request = {"type": "items.list", "params": {"thread_id": "thr_1"}}
    given = json.loads((await play.answer(page, request)).body)["after"]
    assert given != "msg_1"
    for cursor in (given, "msg_unknown"):
        await play.answer(page, {**request, "params": {"thread_id": "thr_1", "after": cursor}})
    assert [asked["params"].get("after") for asked in play.asked[1:]] == ["msg_1", "msg_unknown"]


@pytest.mark.parametrize(
    ("how", "made"),
    [
        (text_lies.stripped, "a:\n\n  b\t c  d"),
        (text_lies.unindented, "a:\n\nb\t c  d\n"),
        (text_lies.without_last_break, "  a:\n\n  b\t c  d"),
        (text_lies.single_blanks, " a:\n\n b\t c d\n"),
        (text_lies.single_breaks, "  a:\n  b\t c  d\n"),
        (text_lies.spaces_for_tabs, "  a:\n\n  b  c  d\n"),
    ],
)
def test_each_lie_about_blanks_loses_its_own(how: text_lies.How, made: str) -> None:
    """Ends, indentation, the last break, double blanks, empty lines, tabs: one each."""
    assert how("  a:\n\n  b\t c  d\n") == made


def test_an_answer_that_was_cut_is_told_whole_only_behind_words() -> None:
    """A reason to end becomes `stop` when something was said, and stays what it is when nothing was."""
    change = text_lies.finished_as_whole("content_filter")
    end = {"choices": [{"delta": {}, "finish_reason": "content_filter: PROHIBITED_CONTENT"}]}
    assert change(json.loads(json.dumps(end)), {})["choices"][0]["finish_reason"].startswith("content_filter")
    scratch: dict[str, Any] = {}
    change({"choices": [{"delta": {"content": "Ferns"}}]}, scratch)
    assert change(end, scratch)["choices"][0]["finish_reason"] == "stop"
