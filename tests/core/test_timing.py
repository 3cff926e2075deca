"""The one file of measured times: what is the model's time, and which sign belongs to which call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatkit_conformance.stream.model_chunks import has_words, tools_called, words_in
from chatkit_conformance.stream.timing import AnswerTimes, BrowserClock, own_share_s, times_of, tool_times
from chatkit_conformance.transcript import Call, Event, Reply, Sent
from gemini_standin.entry import Entry
from gemini_standin.stamps import stamps_of


def asked(asked_at: float, text_at: float | None = None, ended_at: float | None = None, **more: Any) -> AnswerTimes:
    """A request to the model."""
    return AnswerTimes(asked_at=asked_at, text_at=text_at, ended_at=ended_at, **more)


@pytest.mark.parametrize(
    ("why", "answers", "share"),
    [
        ("what comes before and after the model is the server's", [asked(0.3, 0.9, 1.5)], 0.3 + 0.1),
        ("words that are held back are the server's", [asked(0.1, 0.2, 0.9)], 0.1 + 0.8),
        ("a round of tools is the model's, the tool is not", [asked(0.1, None, 0.3), asked(0.5, 0.9, 1.2)], 0.4),
        ("a title that is waited for is the server's", [asked(0.1, 0.6, 0.7, side=True), asked(0.7, 0.9)], 0.8),
        ("a title at the same time changes nothing", [asked(0.1, 0.9), asked(0.1, 0.5, 0.6, side=True)], 0.2),
        ("what the model failed at is the model's, waiting on is not", [asked(0.1, None, 0.4), asked(0.6, 0.9)], 0.4),
        ("two requests at once count once", [asked(0.1, None, 0.8), asked(0.2, 0.9)], 0.2),
        ("one that is still open delayed nothing", [asked(0.1, None, 5.0), asked(0.3, 0.9)], 0.4),
        ("one whose end was not seen delayed nothing", [asked(0.1), asked(0.3, 0.9)], 0.4),
        ("one that was asked after the words changes nothing", [asked(0.1, 0.5, 0.6), asked(0.7, None, 0.9)], 0.6),
        ("of two that spoke the later answered", [asked(0.1, 0.2, 0.4), asked(0.5, 0.9, 1.0)], 0.1 + 0.1 + 0.1),
        ("words that no request had said are nobody's", [asked(0.5, 1.1)], None),
        ("without a request nothing is known", [], None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_share_of_the_server(why: str, answers: list[AnswerTimes], share: float | None) -> None:
    """Of words read after one second, the server's own share is what the model did not take."""
    expected = None if share is None else pytest.approx(share)
    assert own_share_s(0.0, 1.0, answers) == expected


def test_without_words_there_is_no_share() -> None:
    """A turn that said nothing has no first token, and so no share of it."""
    assert own_share_s(0.0, None, [asked(0.1, 0.2)]) is None


def called(at: float, position: int = 0, **more: Any) -> AnswerTimes:
    """An answer of the model that calls a tool."""
    return AnswerTimes(asked_at=at - 0.1, called_at=at, ended_at=at, position=position, **more)


@pytest.mark.parametrize(
    ("signs", "answers", "seconds"),
    [
        ([1.2, 1.5], [called(1.0)], [0.2]),
        ([0.5], [called(1.0)], [None]),
        ([1.1, 2.3], [called(1.0), called(2.0, 1)], [0.1, 0.3]),
        ([2.3], [called(1.0), called(2.0, 1)], [None, 0.3]),
        ([1.1], [called(1.0), called(2.0, 1)], [0.1, None]),
        ([2.2], [called(1.0), called(2.0)], [0.2]),
        ([], [called(1.0), called(2.0)], [None]),
        ([1.1, 2.2], [called(1.0), called(2.0)], [0.1, 0.2]),
        ([1.1], [called(1.0, side=True)], []),
        ([1.1], [asked(0.5, 1.0)], []),
    ],
    ids=[
        "the first sign",
        "a sign before the call",
        "a sign for each round",
        "a late sign is the next round's",
        "a round that nobody saw",
        "a call that was lost and made again",
        "a call that was lost and never seen",
        "two at one place, each seen",
        "outside the conversation",
        "no call",
    ],
)
def test_each_call_has_the_first_sign_of_its_own(
    signs: list[float], answers: list[AnswerTimes], seconds: list[float | None]
) -> None:
    """A tool call is seen by the first sign after it and before the next round's call."""
    found = [tool.seconds for tool in tool_times(signs, answers)]
    assert found == [None if s is None else pytest.approx(s) for s in seconds]


def delta(text: str, item: str = "m") -> dict[str, Any]:
    """A text delta."""
    kind = "assistant_message.content_part.text_delta"
    return {"type": "thread.item.updated", "item_id": item, "update": {"type": kind, "content_index": 0, "delta": text}}


def message(event: str, text: str, item: str = "m") -> dict[str, Any]:
    """An event with an assistant's message."""
    content = [{"type": "output_text", "text": text}] if text else []
    return {"type": f"thread.item.{event}", "item": {"id": item, "type": "assistant_message", "content": content}}


@pytest.mark.parametrize(
    ("events", "first", "gap"),
    [
        ([(1.0, delta("a")), (1.5, delta("b")), (3.0, delta("c")), (9.0, message("done", "abc"))], 1.0, 1.5),
        ([(1.0, message("added", "a")), (3.0, delta("b")), (9.0, message("done", "ab"))], 1.0, 2.0),
        ([(1.0, delta("a")), (2.0, delta("")), (3.0, delta("b"))], 1.0, 2.0),
        ([(1.0, delta("Hello")), (9.0, message("done", ""))], 1.0, None),
        ([(1.0, delta(" Hello ")), (9.0, message("done", "Hello world"))], 1.0, None),
        ([(1.0, delta("Wait")), (4.0, message("done", "Hello"))], 4.0, None),
        ([(1.0, delta("Wait")), (4.0, message("replaced", "Hello"))], 4.0, None),
        ([(1.0, delta("Wait")), (2.0, {"type": "thread.item.removed", "item_id": "m"})], None, None),
        ([(1.0, delta("Hello", "a")), (2.0, {"type": "thread.item.removed", "item_id": "m"})], 1.0, None),
        ([(1.0, {"type": "thread.created", "thread": {"id": "t"}})], None, None),
    ],
    ids=[
        "deltas",
        "the first words in added",
        "an empty delta breaks no silence",
        "an item that is emptied at its end",
        "spaces that are trimmed",
        "a placeholder that is no part of the end",
        "a placeholder that is replaced",
        "a placeholder that is removed",
        "another item removed",
        "no words",
    ],
)
def test_first_words_and_the_largest_gap(
    events: list[tuple[float, dict[str, Any]]], first: float | None, gap: float | None
) -> None:
    """The first words are the first that stayed, and a silence ends with words that can be read."""
    clock = BrowserClock()
    for at, data in events:
        clock.see(at, data)
    assert (clock.times().first_text_at, clock.times().largest_gap_s) == (first, gap)


def test_a_reply_takes_its_own_calls_alone() -> None:
    """Calls from before the request and from after its end are not of this turn."""
    chunk = json.dumps({"choices": [{"delta": {"tool_calls": [{"function": {"name": "read"}}]}}]})
    made = [Call(n=n, at=at, sent=(Sent(at=at + 0.1, data=chunk),)) for n, at in enumerate((1.0, 11.0, 21.0))]
    events = (Event(index=0, at=10.5, raw="", data={"type": "thread.created", "thread": {"id": "t"}}),)
    times = times_of(Reply(label="x", sent_at=10.0, events=events, ended_at=20.0), made)
    assert [tool.called_at for tool in times.tools] == [11.1]
    assert (times.thread_created_s, times.first_text_s, times.whole_s, times.tools[0].tools) == (
        0.5,
        None,
        10.0,
        ("read",),
    )


SAID = ("Let me see.", "You have two tasks.")
"""What the model says beside its call, at 1.0, and after the tool's result, at 1.1."""


@pytest.mark.parametrize(
    ("texts", "seconds", "shows"),
    [
        (["Let me see.", "I am looking at your tasks.", "You have two tasks."], 0.4, True),
        (["I am looking at your tasks.", "Let me see. You have two tasks."], 0.3, True),
        (["Let me see.", "You have two tasks."], None, False),
        (["Let me see.", "…", "You have two tasks."], None, False),
        (["Let me see.", "You have two tasks.", "Two tasks, in other words."], None, False),
        (["Let me see.", "YOU HAVE TWO TASKS!"], None, None),
        (["I'LL SEE.", "You have two tasks."], None, None),
        (["I am looking at your tasks."], None, None),
    ],
    ids=[
        "the server's own words",
        "before what the model said",
        "the model's words",
        "too few to tell",
        "once the model goes on",
        "the model's next words, put differently",
        "the model's words beside its call, put differently",
        "the model's words are not shown at all",
    ],
)
def test_words_of_the_servers_own_show_a_tool(texts: list[str], seconds: float | None, shows: bool | None) -> None:
    """What a server says while a tool runs shows it; what may be the model's, put differently, tells nothing."""
    first = {"content": SAID[0], "tool_calls": [{"function": {"name": "read"}}]}
    made = [
        Call(n=n, at=at, finished_at=at + 0.2, sent=(Sent(at=at, data=json.dumps({"choices": [{"delta": part}]})),))
        for n, (at, part) in enumerate([(1.0, first), (1.1, {"content": SAID[1]})])
    ]
    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0}
    told = [{"type": "thread.item.updated", "item_id": "m", "update": {**update, "delta": text}} for text in texts]
    events = tuple(Event(index=n, at=1.3 + n / 10, raw="", data=data) for n, data in enumerate(told))
    times = times_of(Reply(label="x", sent_at=0.5, events=events, ended_at=3.0), made)
    assert times.tools[0].seconds == (None if seconds is None else pytest.approx(seconds))
    assert times.shows_a_tool is shows


CHUNKS: tuple[tuple[dict[str, Any], bool, bool], ...] = (
    ({"content": "Hello"}, True, False),
    ({"content": ""}, False, False),
    ({"content": None}, False, False),
    ({"content": " \n"}, False, False),
    ({"content": "<thought>Hm.", "extra_content": {"google": {"thought": True}}}, False, False),
    ({"content": "</thought>It is 42."}, True, False),
    ({"content": "</thought>", "tool_calls": [{"function": {"name": "read", "arguments": "{}"}}]}, False, True),
    ({"tool_calls": [{"function": {"name": "read", "arguments": '{"content":"x"}'}}]}, False, True),
    ({"tool_calls": []}, False, False),
    ({"extra_content": {"google": {"thought_signature": "c2ln"}}}, False, False),
    ({}, False, False),
)


@pytest.mark.parametrize(("part", "words", "calls"), CHUNKS)
@pytest.mark.parametrize("where", ["delta", "message"])
def test_a_chunk_of_the_model_is_read_alike_on_both_sides(
    part: dict[str, Any], words: bool, calls: bool, where: str
) -> None:
    """The stand-in stamps as words and calls of its own answers what a transcript of them shows as words and calls."""
    data = json.dumps({"choices": [{where: {"role": "assistant", **part}}]}, separators=(",", ":"), sort_keys=True)
    assert (has_words(data), bool(tools_called(data))) == (words, calls)
    entry = Entry(n=0, at=0.0, method="POST", path="", headers={}, raw=b"", sent=[(1.0, data)])
    stamps = stamps_of(entry)
    assert (stamps["text_at"], stamps["call_at"]) == (1.0 if words else None, 1.0 if calls else None)


def test_a_whole_thought_is_no_answer() -> None:
    """An answer that is not streamed holds thought and words in one text: the words are what follows the thought."""
    message = {"content": "<thought>Hm.</thought>It is 42.", "extra_content": {"google": {"thought": True}}}
    assert words_in(json.dumps({"choices": [{"message": message}]})) == "It is 42."
    assert words_in("[DONE]") == words_in('{"error": {"content": 1}}') == words_in('"content"') == ""
