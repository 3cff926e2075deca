"""Conversations in which something waits or is kept: a second message behind an answer, a list of tasks in a cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Call, Reply, Transcript
from tests.suites.breaks_pressed import OLD, OTHER, PRESS
from tests.suites.build import (
    ERROR,
    PROGRESS,
    SSE,
    Data,
    added,
    answer,
    asked,
    called,
    create,
    delta,
    done,
    events_of,
    get,
    item,
    nonce_of,
    said,
    say,
    sent,
    steps,
    transcript,
    user,
)
from tests.suites.conversations import TOOLS

FIRST = "They grow in the shade."


def queued(*told: Data, at: float = 6.0) -> Transcript:
    """A second message is sent in mid-answer, and its model asked at this moment with these messages before it."""
    first = replace(create("first", "Where?", answer("a1", FIRST)), sent_at=1.0, ended_at=5.0)
    second = replace(say("second", "And when?", answer("a2", "In spring.")), sent_at=3.0, ended_at=9.0)
    heard = [{"role": "user", "content": asked("Where?", "first")}, *told]
    calls = [
        called("first", heard[:1], sent=sent(FIRST), at=2.0, finished_at=4.5),
        called(
            "second",
            [*heard, {"role": "user", "content": asked("And when?", "second")}],
            n=1,
            at=at,
            finished_at=8.0,
            sent=sent("In spring."),
        ),
    ]
    return transcript("queued", [first, second], calls)


def _board(*titles: str) -> Data:
    def row(title: str) -> Data:
        action = {"type": "done", "payload": {"title": title}, "handler": "server"}
        return {"type": "ListViewItem", "children": [{"type": "Text", "value": title}], "onClickAction": action}

    return item("widget", "w1", widget={"type": "ListView", "children": [row(title) for title in titles]})


def pressed_between(*, left: str = "", completed: bool) -> Transcript:
    """A task is listed, completed by its button, and listed again; a reload shows the list without its button."""

    def listed(label: str, done: bool, n: int) -> list[Call]:
        tasks = {"tasks": [{"id": "t2", "title": OLD, "completed": done}]}
        return steps(label, "Which?", ("list_tasks", {}, tasks), tools=TOOLS, n=n)

    known = [
        {"role": "user", "content": asked("Which?", "1-list")},
        {"role": "assistant", "content": f"[shown: {OLD}]"},
        {"role": "assistant", "content": "These."},
    ]
    later = [
        replace(call, body={**call.body, "messages": [*known, *call.messages]})
        for call in listed("5-read", completed, 5)
    ]
    params = {"thread_id": "thr_1", "item_id": "w1", "action": {"type": "done", "payload": {"title": OLD}}}
    board = _board(*([left] if left else []))
    press = Reply(
        label="3-press",
        request={"type": PRESS, "params": params},
        status=200,
        headers=SSE,
        events=events_of([{"type": "thread.item.replaced", "item": board}]),
    )
    was, then = user("u-1-list", asked("Which?", "1-list")), said("a1", "These.")
    replies = [
        create("1-list", "Which?", [PROGRESS, done(_board(OLD)), *answer("a1", "These.")]),
        get("2-before", [was, _board(OLD), then]),
        press,
        get("4-after", [was, board, then]),
        say("5-read", "Which?", [PROGRESS, *answer("a2", "Those.")]),
    ]
    place = {"item": "w1", "others": [], "before": "2-before", "after": "4-after", "made": "1-list", "read": "5-read"}
    listing = {"tasks": [], "others": [], "whole": True, "position": 1}
    tools = [{"role": "read", "name": "list_tasks", "arguments": {}}]
    labels = ("1-list", "5-read")
    return transcript(
        "pressed_between",
        replies,
        [*listed("1-list", False, 0), *later],
        turns={label: {"nonce": nonce_of(label), "tools": tools, "user": "a"} for label in labels},
        expected={"3-press": {"pressed_list": {**place, "task": OLD}}, **dict.fromkeys(labels, listing)},
    )


SEEN = "These words were seen, "


def broke(*, kept: bool) -> Transcript:
    """The model breaks off with an error after some words; the thread is gone on with, and read back."""
    begun = [added(said("a1", "")), delta("a1", SEEN), {**ERROR, "allow_retry": True}]
    shown = [user("u-broke", asked("Talk.", "broke")), *([said("a1", SEEN)] if kept else [])]
    shown += [user("u-next", asked("And?", "next")), said("a2", "I am back.")]
    replies = [create("broke", "Talk.", begun), say("next", "And?", answer("a2", "I am back.")), get("reload", shown)]
    told = [{"role": "user", "content": asked("Talk.", "broke")}]
    told += [{"role": "assistant", "content": SEEN}] if kept else []
    calls = [
        called("broke", told[:1], sent=sent(SEEN, finish="")),
        called("next", [*told, {"role": "user", "content": asked("And?", "next")}], n=1, sent=sent("I am back.")),
    ]
    return transcript("broke", replies, calls)


def untitled(*told: Data) -> Transcript:
    """The request for a title fails, once the answer was whole; the stream then ends with these events."""
    label = "1-fault"
    question = [{"role": "user", "content": asked("Where?", label)}]
    calls = [
        called(label, question, sent=sent(FIRST), at=1.0, finished_at=2.0),
        called(label, question, n=1, at=3.0, finished_at=3.5, side=True, status=500, sent=()),
    ]
    fault: Data = {"name": "500", "moment": "before-headers", "place": "title", "ends": "answer", "times": None}
    fault |= {"allow_retry": True, "passing": True, "text": ""}
    turns = {label: {"nonce": nonce_of(label), "tools": [], "fault": fault}}
    return transcript("untitled", [create(label, "Where?", [*answer("a1", FIRST), *told])], calls, turns=turns)


def sound_waiting() -> list[Transcript]:
    """Each of them, right."""
    return [
        queued({"role": "assistant", "content": FIRST}),
        pressed_between(completed=True),
        broke(kept=True),
        untitled(),
    ]


def odd_waiting() -> list[Transcript]:
    """A second message whose model is asked at once, and a button that is still there: it may be for the page alone."""
    return [queued(at=3.5), pressed_between(left=OLD, completed=False), pressed_between(left=OTHER, completed=True)]


BREAKS: Mapping[str, list[Transcript]] = {
    "gemini.queued-turn-knows-answers": [queued()],
    "errors.title-failure-untold": [untitled(ERROR)],
    "errors.partial-answer-kept": [broke(kept=False)],
    "tools.list-knows-buttons": [pressed_between(completed=False)],
}
