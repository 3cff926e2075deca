"""Whole, right streams for the core's property tests, drawn by Hypothesis and numbered as a transcript numbers them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from chatkit_conformance.transcript import Event

Data = dict[str, Any]
AT = "2026-01-31T12:00:00.123456"
UPDATE = "assistant_message.content_part."


def as_events(datas: list[Data]) -> tuple[Event, ...]:
    """These events as a transcript has them."""
    return tuple(Event(index=n, at=float(n), raw=json.dumps(data), data=data) for n, data in enumerate(datas))


def make_item(kind: str, item_id: str, **more: Any) -> Data:
    """An item of thread thr_1."""
    return {"id": item_id, "thread_id": "thr_1", "created_at": AT, "type": kind, **more}


def make_update(item_id: str, kind: str, **more: Any) -> Data:
    """A `thread.item.updated` event."""
    return {"type": "thread.item.updated", "item_id": item_id, "update": {"type": kind, **more}}


def make_part(text: str) -> Data:
    """One content part of an assistant's message."""
    return {"type": "output_text", "text": text, "annotations": []}


TEXTS = st.text(alphabet="ab é😀\n", max_size=5)
NOISE: st.SearchStrategy[Data] = st.sampled_from(
    [
        {
            "type": "thread.updated",
            "thread": {
                "id": "thr_1",
                "created_at": AT,
                "title": "T",
                "status": {"type": "active"},
                "metadata": {},
                "items": {"data": [], "has_more": False},
            },
        },
        {"type": "stream_options", "stream_options": {"allow_cancel": True}},
        {"type": "progress_update", "text": "Thinking", "icon": "lucide:cog"},
        {"type": "client_effect", "name": "flash", "data": {}},
        {"type": "notice", "level": "info", "message": "m"},
    ]
)


@st.composite
def message(draw: st.DrawFn, item_id: str) -> list[Data]:
    """An assistant's message: in one piece, or streamed with or without the announcements that may be left out."""
    texts = draw(st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=2))
    done = {
        "type": "thread.item.done",
        "item": make_item("assistant_message", item_id, content=[make_part("".join(deltas)) for deltas in texts]),
    }
    if draw(st.booleans()):
        return [done]
    events = [{"type": "thread.item.added", "item": make_item("assistant_message", item_id, content=[])}]
    for index, deltas in enumerate(texts):
        body = [make_update(item_id, UPDATE + "text_delta", content_index=index, delta=delta) for delta in deltas]
        if draw(st.booleans()):
            added = make_update(item_id, UPDATE + "added", content_index=index, content=make_part(""))
            body.insert(draw(st.sampled_from([0, 0, 1])), added)
        events += body
        if draw(st.booleans()):
            whole = make_part("".join(deltas))
            events.append(make_update(item_id, UPDATE + "done", content_index=index, content=whole))
    return [*events, done]


@st.composite
def workflow(draw: st.DrawFn, item_id: str) -> list[Data]:
    """A workflow whose tasks are added and updated."""
    titles = draw(st.lists(TEXTS, max_size=3))
    tasks = [{"type": "custom", "title": title, "status_indicator": "complete"} for title in titles]
    flow: Data = {"type": "custom", "tasks": [], "expanded": False}
    events = [{"type": "thread.item.added", "item": make_item("workflow", item_id, workflow=flow)}]
    for index, task in enumerate(tasks):
        loading = {**task, "status_indicator": "loading"}
        events += [
            make_update(item_id, "workflow.task.added", task_index=index, task=loading),
            make_update(item_id, "workflow.task.updated", task_index=index, task=task),
        ]
    return [
        *events,
        {"type": "thread.item.done", "item": make_item("workflow", item_id, workflow={**flow, "tasks": tasks})},
    ]


@st.composite
def widget(draw: st.DrawFn, item_id: str) -> list[Data]:
    """A widget whose text streams, or that comes whole."""
    deltas = draw(st.lists(TEXTS, max_size=3))

    def card(text: str) -> Data:
        return {"type": "Card", "children": [{"type": "Col", "children": [{"type": "Text", "id": "t", "value": text}]}]}

    done = {"type": "thread.item.done", "item": make_item("widget", item_id, widget=card("".join(deltas)))}
    if draw(st.booleans()):
        return [done]
    return [
        {"type": "thread.item.added", "item": make_item("widget", item_id, widget=card(""))},
        *(
            make_update(item_id, "widget.streaming_text.value_delta", component_id="t", delta=delta, done=False)
            for delta in deltas
        ),
        done,
    ]


@st.composite
def turn_events(draw: st.DrawFn) -> list[Data]:
    """The events of a whole `threads.create`: the thread, the message, answers that may overlap, noise anywhere."""
    makers: list[Callable[[str], st.SearchStrategy[list[Data]]]] = [message, workflow, widget]
    answers = [
        draw(draw(st.sampled_from(makers))(f"item_{n}")) for n in range(draw(st.integers(min_value=1, max_value=3)))
    ]
    mixed: list[Data] = []
    overlap = draw(st.booleans())
    while any(answers):
        waiting = [answer for answer in answers if answer]
        chosen = draw(st.sampled_from(waiting)) if overlap else waiting[0]
        mixed.append(chosen.pop(0))
    content = [{"type": "input_text", "text": "hi"}]
    user = make_item("user_message", "msg_u", content=content, attachments=[], inference_options={})
    thread = {
        "id": "thr_1",
        "created_at": AT,
        "status": {"type": "active"},
        "metadata": {},
        "items": {"data": [], "has_more": False},
    }
    events = [{"type": "thread.created", "thread": thread}, {"type": "thread.item.done", "item": user}, *mixed]
    for extra in draw(st.lists(NOISE, max_size=3)):
        events.insert(draw(st.integers(min_value=0, max_value=len(events))), extra)
    return events


@pytest.fixture(scope="session")
def turns() -> st.SearchStrategy[list[Data]]:
    """The strategy of right turns."""
    return turn_events()
