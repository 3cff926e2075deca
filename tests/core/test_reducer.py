"""The reducer shows what a browser would, and a comparison with a reload tells what matters and nothing else."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatkit_conformance.stream.reducer import View, differences, reduce, replay
from chatkit_conformance.transcript import Event, Reply

Data = dict[str, Any]
PART = "assistant_message.content_part."
RELAXED = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)


def shown(*datas: Data) -> View:
    """What is shown after these events."""
    return reduce(events_of(*datas))


def events_of(*datas: Data) -> list[Event]:
    """These events, numbered."""
    return [Event(index=n, at=0.0, raw=json.dumps(data), data=data) for n, data in enumerate(datas)]


def item(kind: str, item_id: str, **more: Any) -> Data:
    """An item of the thread."""
    return {"id": item_id, "thread_id": "t", "created_at": "2026-01-31T12:00:00", "type": kind, **more}


def said(item_id: str, text: str, **more: Any) -> Data:
    """A finished answer."""
    return item(
        "assistant_message", item_id, content=[{"type": "output_text", "text": text, "annotations": []}], **more
    )


def event(kind: str, one: Data) -> Data:
    """An event that carries an item."""
    return {"type": f"thread.item.{kind}", "item": one}


def update(item_id: str, kind: str, **more: Any) -> Data:
    """An event that changes an item."""
    return {"type": "thread.item.updated", "item_id": item_id, "update": {"type": kind, **more}}


@RELAXED
@given(data=st.data())
def test_updates_build_what_done_says(turns: st.SearchStrategy[list[Data]], data: st.DataObject) -> None:
    """In a right stream each item that was streamed is, before its `done`, what the `done` then says."""
    view = reduce(events_of(*data.draw(turns)))
    for item_id, built in view.built.items():
        final = view.item(item_id)
        assert final is not None
        for key in ("widget", "workflow"):
            assert built.get(key) == final.get(key)
        texts = [[part["text"] for part in one.get("content", [])] for one in (built, final)]
        assert texts[0] == texts[1]
    assert not view.open


@RELAXED
@given(data=st.data())
def test_a_faithful_reload_has_no_difference(turns: st.SearchStrategy[list[Data]], data: st.DataObject) -> None:
    """What was shown, stored and loaded in any order that its times allow, equals itself; one lost item does not."""
    view = reduce(events_of(*data.draw(turns)))
    stored = sorted(copy.deepcopy(list(view.items)), key=lambda one: view.finished[one["id"]])
    assert differences(view, {**view.thread, "items": {"data": stored}}) == []
    lost = data.draw(st.integers(0, len(stored) - 1))
    (found,) = differences(view, stored[:lost] + stored[lost + 1 :])
    assert found.path == f"items[{stored[lost]['id']}]"
    assert found.reloaded == "(absent)"


@RELAXED
@given(data=st.data())
def test_events_are_never_changed(turns: st.SearchStrategy[list[Data]], data: st.DataObject) -> None:
    """Showing a stream leaves its events as they were."""
    stream = data.draw(turns)
    before = copy.deepcopy(stream)
    reduce(events_of(*stream))
    assert stream == before


def test_text_is_shown_as_it_comes() -> None:
    """Deltas are on the screen before their part is announced and before the answer is done."""
    view = shown(
        event("added", item("assistant_message", "a", content=[])),
        update("a", PART + "text_delta", content_index=0, delta="Hel"),
        update("a", PART + "added", content_index=0, content={"type": "output_text", "text": "", "annotations": []}),
        update("a", PART + "text_delta", content_index=0, delta="lo"),
        update("a", PART + "annotation_added", content_index=0, annotation_index=0, annotation={"type": "annotation"}),
    )
    assert view.items[0]["content"] == [
        {"type": "output_text", "text": "Hello", "annotations": [{"type": "annotation"}]}
    ]
    assert view.open == {"a"}


def test_each_kind_of_update_is_shown() -> None:
    """Widgets, their components and texts, workflows and images show their updates."""
    card = {"type": "Card", "children": [{"type": "Text", "id": "t", "value": "a"}, {"type": "Badge", "id": "b"}]}
    view = shown(
        event("added", item("widget", "w", widget={"type": "Card", "children": []})),
        update("w", "widget.root.updated", widget=card),
        update("w", "widget.streaming_text.value_delta", component_id="t", delta="b", done=True),
        update("w", "widget.component.updated", component_id="b", component={"type": "Badge", "id": "b", "label": "x"}),
        event("added", item("workflow", "f", workflow={"type": "custom", "tasks": []})),
        update("f", "workflow.task.added", task_index=0, task={"type": "custom", "title": "one"}),
        update("f", "workflow.task.updated", task_index=0, task={"type": "custom", "title": "two"}),
        event("added", item("generated_image", "g")),
        update("g", "generated_image.updated", image={"id": "i", "url": "u"}, progress=0.5),
    )
    assert view.items[0]["widget"]["children"] == [
        {"type": "Text", "id": "t", "value": "ab"},
        {"type": "Badge", "id": "b", "label": "x"},
    ]
    assert view.items[1]["workflow"]["tasks"] == [{"type": "custom", "title": "two"}]
    assert view.items[2]["image"] == {"id": "i", "url": "u"}


def test_the_thread_and_its_words_are_shown() -> None:
    """Title, status, progress, notices, effects and errors are kept; a thread event's empty page clears nothing."""
    view = shown(
        event("done", said("a", "x")),
        {"type": "progress_update", "text": "Busy"},
        {"type": "notice", "level": "info", "message": "m"},
        {"type": "client_effect", "name": "e", "data": {}},
        {"type": "error", "code": "custom"},
        {
            "type": "thread.updated",
            "thread": {"id": "t", "title": "T", "status": {"type": "locked"}, "items": {"data": []}},
        },
    )
    assert (view.title, view.status, view.progress) == ("T", "locked", "Busy")
    assert (len(view.notices), len(view.effects), len(view.errors), len(view.items)) == (1, 1, 1, 1)


def test_removed_and_replaced_items() -> None:
    """A removed item is gone, a replaced one stands in its old place."""
    view = shown(
        event("done", said("a", "1")),
        event("done", said("b", "2")),
        {"type": "thread.item.removed", "item_id": "b"},
        event("done", said("c", "3")),
        event("replaced", said("a", "new")),
    )
    assert [one["id"] for one in view.items] == ["a", "c"]
    assert view.items[0]["content"][0]["text"] == "new"
    (back,) = differences(view, [said("a", "new"), said("c", "3"), said("b", "2")])
    assert (back.path, back.built) == ("items[b]", "(removed)")


def test_one_id_for_two_answers_shows_one() -> None:
    """The second answer under an id overwrites the first, as in the browser, so a store that kept both differs."""
    view = shown(event("done", said("x", "first")), event("done", said("x", "second")))
    assert [one["content"][0]["text"] for one in view.items] == ["second"]
    assert differences(view, [said("x", "first"), said("x", "second")])


SAME: dict[str, tuple[Data, Data]] = {
    "null and absent": (item("widget", "x", widget={}, copy_text=None), item("widget", "x", widget={})),
    "an empty list and absent": (
        item("assistant_message", "x", content=[{"text": "a", "annotations": []}]),
        item("assistant_message", "x", content=[{"text": "a"}]),
    ),
    "the SDK's default and absent": (
        item("task", "x", task={"type": "custom", "status_indicator": "none"}),
        item("task", "x", task={"type": "custom"}),
    ),
    "a time in another zone": (
        said("x", "a", created_at="2026-01-31T12:00:00+00:00"),
        said("x", "a", created_at="2026-01-31T13:00:00+01:00"),
    ),
    "a time without its microseconds": (
        said("x", "a", created_at="2026-01-31T12:00:00.123456"),
        said("x", "a", created_at="2026-01-31T12:00:00"),
    ),
    "a time that gained a zone": (said("x", "a"), said("x", "a", created_at="2026-01-31T11:00:00Z")),
    "a call completed since": (
        item("client_tool_call", "x", status="pending", call_id="c"),
        item("client_tool_call", "x", status="completed", call_id="c", output={"ok": True}),
    ),
    "an address signed anew": (
        item("generated_image", "x", image={"id": "i", "url": "https://h/i?sig=1"}),
        item("generated_image", "x", image={"id": "i", "url": "https://h/i?sig=2"}),
    ),
    "an attachment uploaded since": (
        item("user_message", "x", content=[], attachments=[{"id": "f", "upload_descriptor": {"url": "u"}}]),
        item("user_message", "x", content=[], attachments=[{"id": "f", "thread_id": "t"}]),
    ),
    "a whole number and its float": (
        item("widget", "x", widget={"padding": 1}),
        item("widget", "x", widget={"padding": 1.0}),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_what_means_nothing_is_not_told(name: str) -> None:
    """Differences of form alone are none."""
    built, stored = SAME[name]
    assert differences(shown(event("done", built)), [stored]) == []


OTHER: dict[str, tuple[Data, Data, str]] = {
    "text": (said("x", "a"), said("x", "b"), "items[x].content[0].text"),
    "a lost letter": (said("x", "é"), said("x", "e"), "items[x].content[0].text"),
    "a lost annotation": (
        item("assistant_message", "x", content=[{"text": "a", "annotations": [{"type": "annotation"}]}]),
        item("assistant_message", "x", content=[{"text": "a", "annotations": []}]),
        "items[x].content[0].annotations",
    ),
    "a lost part": (
        item("assistant_message", "x", content=[{"text": "a"}, {"text": "b"}]),
        item("assistant_message", "x", content=[{"text": "a"}]),
        "items[x].content",
    ),
    "a time moved": (said("x", "a"), said("x", "a", created_at="2026-01-31T14:00:00"), "items[x].created_at"),
    "a call undone": (
        item("client_tool_call", "x", status="completed", output=1),
        item("client_tool_call", "x", status="pending"),
        "items[x].status",
    ),
    "a widget's value": (
        item("widget", "x", widget={"children": [{"value": "1"}]}),
        item("widget", "x", widget={"children": [{"value": 1}]}),
        "items[x].widget.children[0].value",
    ),
    "true and 1": (
        item("widget", "x", widget={"flush": True}),
        item("widget", "x", widget={"flush": 1}),
        "items[x].widget.flush",
    ),
}


@pytest.mark.parametrize("name", OTHER)
def test_what_means_something_is_told(name: str) -> None:
    """A difference that a person could see is told, with its place and both values."""
    built, stored, path = OTHER[name]
    found = differences(shown(event("done", built)), [stored])
    assert path in [one.path for one in found]
    assert path in str(found[0])


def test_an_unfinished_answer_may_be_stored_as_far_as_it_came() -> None:
    """Of an answer without `done`, less, more or nothing may be stored, but nothing else."""
    view = shown(event("added", said("a", "Hello wo")))
    assert differences(view, []) == []
    assert differences(view, [said("a", "Hello")]) == []
    assert differences(view, [said("a", "Hello world")]) == []
    (found,) = differences(view, [said("a", "Sorry")])
    assert found.path == "items[a].text"


def test_order_counts_only_where_it_was_seen() -> None:
    """Items that overlapped may be stored in either order; items that followed each other may not."""
    overlapped = shown(
        event("added", said("a", "")),
        event("added", said("b", "")),
        event("done", said("b", "")),
        event("done", said("a", "")),
    )
    assert differences(overlapped, [said("b", ""), said("a", "")]) == []
    followed = shown(event("done", said("a", "")), event("done", said("b", "")))
    (found,) = differences(followed, [said("b", ""), said("a", "")])
    assert (found.built, found.reloaded) == (["a", "b"], ["b", "a"])


def test_stored_twice_and_never_shown_are_told() -> None:
    """Two rows of one id, and an item that no stream showed, are differences; what nobody sees is none."""
    view = shown(event("done", said("a", "x")))
    rows = [said("a", "x"), said("a", "x"), said("b", "y"), item("end_of_turn", "e"), item("sdk_hidden_context", "h")]
    assert [one.path for one in differences(view, rows)] == ["items[a]", "items[b]"]


def test_a_title_that_was_shown_must_stay() -> None:
    """A title may come later, beside the stream; one that was shown may not vanish."""
    named = shown({"type": "thread.updated", "thread": {"id": "t", "title": "T"}})
    assert [one.path for one in differences(named, {"id": "t", "items": {"data": []}})] == ["title"]
    unnamed = shown({"type": "thread.created", "thread": {"id": "t"}})
    assert differences(unnamed, {"id": "t", "title": "Later", "items": {"data": []}}) == []


def test_a_title_of_a_stream_that_was_left_may_be_provisional() -> None:
    """Who leaves in mid-answer may have missed the thread's own title, or left before it got one."""
    left = replace(shown({"type": "thread.updated", "thread": {"id": "t", "title": "Draft"}}), whole=False)
    assert differences(left, {"id": "t", "title": "Its own", "items": {"data": []}}) == []
    assert differences(left, {"id": "t", "items": {"data": []}}) == []


def test_the_clients_own_part_is_replayed() -> None:
    """A retry clears what followed its message, a tool's output completes its call, and a left stream may go on."""
    head = {"content-type": "text/event-stream"}
    first = Reply(
        label="1",
        headers=head,
        events=tuple(events_of(event("done", item("user_message", "u", content=[])), event("done", said("a", "bad")))),
    )
    retry = Reply(
        label="2",
        headers=head,
        events=tuple(events_of(event("done", item("client_tool_call", "c", call_id="k")))),
        request={"type": "threads.retry_after_item", "params": {"thread_id": "t", "item_id": "u"}},
    )
    output = Reply(
        label="3",
        headers=head,
        ended="left",
        events=tuple(events_of(event("added", said("b", "go")))),
        request={"type": "threads.add_client_tool_output", "params": {"thread_id": "t", "result": 7}},
    )
    view = replay([first, retry, output])
    assert [one["id"] for one in view.items] == ["u", "c", "b"]
    assert (view.items[1]["status"], view.items[1]["output"], view.whole) == ("completed", 7, False)
    assert differences(view, [*view.items, said("later", "x")]) == []
