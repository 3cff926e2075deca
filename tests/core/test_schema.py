"""The wire's data is the installed release's, and the judge names the field that breaks it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from chatkit import types, widgets

from chatkit_conformance.wire.schema import (
    known,
    path_text,
    problems_of_event,
    problems_of_item,
    problems_of_request,
    problems_of_response,
    response_types,
    streaming_types,
    validate,
    wire,
)

Data = dict[str, Any]
AT = "2026-01-31T12:00:00.123456"
WHEN = datetime(2026, 1, 31, 12, 0, 0, 123456)
"""Without a zone, as the SDK writes it."""


def item(kind: str, **more: Any) -> Data:
    """An item with what every item has."""
    return {"id": "i", "thread_id": "t", "created_at": AT, "type": kind, **more}


def done(one: Data) -> Data:
    """The item's `done` event."""
    return {"type": "thread.item.done", "item": one}


def sdk(model: Any) -> Data:
    """A model of the SDK as its server puts it on the wire."""
    dumped = model.model_dump_json(by_alias=True, exclude_none=True, context={"exclude_metadata": True})
    return dict(json.loads(dumped))


BASE: Data = {"id": "i", "thread_id": "t", "created_at": WHEN}
SOURCES = (
    types.URLSource(title="t", url="https://x"),
    types.FileSource(title="t", filename="f"),
    types.EntitySource(title="t", id="e", icon="vendor:x"),
)
PART = types.AssistantMessageContent(
    text="x", annotations=[types.Annotation(source=source, index=0) for source in SOURCES]
)
TASKS = (
    types.CustomTask(title="t", icon="lucide:cog"),
    types.SearchTask(sources=[SOURCES[0]]),
    types.ThoughtTask(content="c"),
    types.FileTask(sources=[SOURCES[1]]),
    types.ImageTask(),
)
CARD = widgets.DynamicWidgetRoot.model_validate(
    {"type": "Card", "children": [{"type": "Text", "value": "v", "id": "t"}, {"type": "Chart3000", "any": [1]}]}
)
ITEMS: tuple[Any, ...] = (
    types.UserMessageItem(
        **BASE,
        inference_options=types.InferenceOptions(),
        quoted_text="q",
        content=[types.UserMessageTextContent(text="x"), types.UserMessageTagContent(id="t", text="x", data={})],
        attachments=[
            types.FileAttachment(id="f", name="n", mime_type="m", metadata={"private": 1}),
            types.ImageAttachment(
                id="g",
                name="n",
                mime_type="m",
                preview_url="https://x",  # type: ignore[arg-type]  # pydantic parses it
                upload_descriptor=types.AttachmentUploadDescriptor(url="https://x", method="PUT"),  # type: ignore[arg-type]  # same
            ),
        ],
    ),
    types.AssistantMessageItem(**BASE, content=[PART]),
    types.ClientToolCallItem(**BASE, call_id="c", name="n", arguments={}),
    types.WidgetItem(**BASE, widget=CARD),
    types.GeneratedImageItem(**BASE, image=types.GeneratedImage(id="i", url="u")),
    types.GeneratedImageItem(**BASE),
    types.StructuredInputItem(
        **BASE,
        inputs=[
            types.StructuredInputFreeform(id="1", question="q"),
            types.StructuredInputMultipleChoice(id="2", question="q", options=[]),
        ],
    ),
    types.WorkflowItem(
        **BASE, workflow=types.Workflow(type="custom", tasks=list(TASKS), summary=types.CustomSummary(title="t"))
    ),
    types.WorkflowItem(
        **BASE, workflow=types.Workflow(type="reasoning", tasks=[], summary=types.DurationSummary(duration=3))
    ),
    types.TaskItem(**BASE, task=TASKS[0]),
    types.EndOfTurnItem(**BASE),
)
UPDATES: tuple[Any, ...] = (
    types.AssistantMessageContentPartAdded(content_index=0, content=PART),
    types.AssistantMessageContentPartTextDelta(content_index=0, delta="x"),
    types.AssistantMessageContentPartAnnotationAdded(
        content_index=0, annotation_index=0, annotation=PART.annotations[0]
    ),
    types.AssistantMessageContentPartDone(content_index=0, content=PART),
    types.WidgetStreamingTextValueDelta(component_id="c", delta="x", done=False),
    types.WidgetRootUpdated(widget=CARD),
    types.WidgetComponentUpdated(component_id="t", component=widgets.Text(value="x")),
    types.WorkflowTaskAdded(task_index=0, task=TASKS[0]),
    types.WorkflowTaskUpdated(task_index=0, task=TASKS[1]),
    types.GeneratedImageUpdated(image=types.GeneratedImage(id="i", url="u"), progress=0.5),
)
THREAD = types.Thread(id="t", created_at=WHEN, title="T", items=types.Page(), status=types.LockedStatus(reason="r"))
EVENTS: tuple[Any, ...] = (
    types.ThreadCreatedEvent(thread=THREAD),
    types.ThreadUpdatedEvent(thread=THREAD),
    *(types.ThreadItemAddedEvent(item=one) for one in ITEMS),
    *(types.ThreadItemDoneEvent(item=one) for one in ITEMS),
    *(types.ThreadItemUpdatedEvent(item_id="i", update=one) for one in UPDATES),
    types.ThreadItemRemovedEvent(item_id="i"),
    types.ThreadItemReplacedEvent(item=ITEMS[0]),
    types.StreamOptionsEvent(stream_options=types.StreamOptions(allow_cancel=True)),
    types.ProgressUpdateEvent(text="x", icon="atom"),
    types.ClientEffectEvent(name="n"),
    types.ErrorEvent(),
    types.NoticeEvent(level="info", message="m"),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_what_the_sdk_sends_is_right(event: Any) -> None:
    """Each event, item and update of the SDK, as its own server serializes it, has no problem, not even a SHOULD."""
    assert problems_of_event(sdk(event)) == []


def test_every_member_is_tried() -> None:
    """The samples above hold every event, item, update and task that the wire knows."""
    assert {event.type for event in EVENTS} == set(known("ThreadStreamEvent"))
    assert {one.type for one in ITEMS} == set(known("ThreadItem"))
    assert {one.type for one in UPDATES} == set(known("ThreadItemUpdate"))


def test_the_data_is_the_installed_releases() -> None:
    """The committed data is what the generator makes of the installed openai-chatkit."""
    ran = subprocess.run(
        [sys.executable, "-m", "chatkit_conformance.wire.generate", "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_change_of_the_wire_is_shown(tmp_path: Path) -> None:
    """Against the data of another release the generator exits 1 and prints what changed."""
    ran = subprocess.run(
        [sys.executable, "-m", "chatkit_conformance.wire.generate", "--check", "--against", "0.0.0"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert ran.returncode == 1
    assert "+++ openai-chatkit 1.6.5, installed" in ran.stdout


def test_judging_needs_no_sdk() -> None:
    """The judge validates without importing the SDK that it judges."""
    program = (
        "import sys; from chatkit_conformance.wire import schema; from chatkit_conformance.http import client;"
        "from chatkit_conformance.stream import grammar, reducer;"
        "schema.problems_of_event({}); print([m for m in ('chatkit', 'agents', 'openai') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert ran.stdout.strip() == "[]"


MESSAGE = item("assistant_message", content=[{"type": "output_text", "text": "x", "annotations": []}])
WRONG: dict[str, tuple[Any, str, str, str]] = {
    "no object": ([], "MUST", "", "object"),
    "no type": ({}, "MUST", "", "a field 'type'"),
    "no item": ({"type": "thread.item.done"}, "MUST", "", "a field 'item'"),
    "a number for a text": (
        done({**MESSAGE, "content": [{"type": "output_text", "text": 3, "annotations": []}]}),
        "MUST",
        "item.content[0].text",
        "string",
    ),
    "no text": (
        done({**MESSAGE, "content": [{"type": "output_text", "annotations": []}]}),
        "MUST",
        "item.content[0]",
        "a field 'text'",
    ),
    "no item id": (done({k: v for k, v in MESSAGE.items() if k != "id"}), "MUST", "item", "a field 'id'"),
    "seconds for a time": (done({**MESSAGE, "created_at": 1}), "MUST", "item.created_at", "string"),
    "words for a time": (done({**MESSAGE, "created_at": "now"}), "MUST", "item.created_at", "an ISO 8601 time"),
    "the 13th month": (
        done({**MESSAGE, "created_at": "2026-13-01T00:00:00Z"}),
        "MUST",
        "item.created_at",
        "an ISO 8601 time",
    ),
    "a hidden item": (done(item("hidden_context_item", content="x")), "MUST", "item", "it must never reach a client"),
    "an SDK's hidden item": (
        done(item("sdk_hidden_context", content="x")),
        "MUST",
        "item",
        "it must never reach a client",
    ),
    "an unknown level": ({"type": "notice", "level": "loud", "message": "m"}, "MUST", "level", "info, warning, danger"),
    "an index in words": (
        {
            "type": "thread.item.updated",
            "item_id": "i",
            "update": {"type": "assistant_message.content_part.text_delta", "content_index": "0", "delta": "x"},
        },
        "MUST",
        "update.content_index",
        "integer",
    ),
    "a widget that is none": (
        done(item("widget", widget={"type": "Text", "value": "x"})),
        "MUST",
        "item.widget.type",
        "Card",
    ),
    "a component without type": (
        done(item("widget", widget={"type": "Card", "children": [{"value": 1}]})),
        "MUST",
        "item.widget.children[0]",
        "a field 'type'",
    ),
    "a component's own field": (
        done(item("widget", widget={"type": "Card", "children": [{"type": "Text", "value": 1}]})),
        "SHOULD",
        "item.widget.children[0].value",
        "string",
    ),
    "an unknown event": ({"type": "thread.item.improved"}, "SHOULD", "type", "one of client_effect"),
    "an unknown item": (done(item("hologram")), "SHOULD", "item.type", "one of assistant_message"),
    "an unknown icon": ({"type": "progress_update", "text": "x", "icon": "zap"}, "SHOULD", "icon", "built-in icon"),
    "a null": ({"type": "progress_update", "text": "x", "icon": None}, "SHOULD", "icon", "string"),
    "what the SDK always sends": (
        done({**MESSAGE, "content": [{"type": "output_text", "text": "x"}]}),
        "SHOULD",
        "item.content[0]",
        "a field 'annotations'",
    ),
    "a thread's metadata": (
        {"type": "thread.updated", "thread": {**sdk(THREAD), "metadata": {"secret": 1}}},
        "SHOULD",
        "thread.metadata",
        "the server's own",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name: str) -> None:
    """One thing wrong gives one problem, with its level, its place and what belongs there."""
    value, level, path, expected = WRONG[name]
    (problem,) = problems_of_event(value)
    assert (problem.level, problem.path) == (level, path)
    assert expected in problem.expected


@pytest.mark.parametrize(
    "value",
    [
        done({**MESSAGE, "created_at": "2026-01-31T12:00Z"}),
        done({**MESSAGE, "created_at": "2026-01-31T12:00:00.5+02:00", "more": {"fields": 1}}),
        {"type": "error", "code": "quota.exceeded", "message": "a code of tomorrow", "allow_retry": False},
        {"type": "error", "code": "custom", "message": "half a pair: \ud83d", "allow_retry": False},
        done(item("widget", widget={"type": "Card", "children": [{"type": "Table", "children": []}]})),
        done(
            item(
                "widget",
                widget={
                    "type": "Card",
                    "children": [{"type": "Button", "label": "Go", "onClickAction": {"type": "go"}}],
                },
            )
        ),
        done(item("widget", widget={"type": "Basic", "children": {"type": "Text", "value": "one"}})),
    ],
)
def test_what_may_be_is_let_be(value: Any) -> None:
    """Unknown fields, codes and components, other spellings of a time, and half a surrogate pair are no problem."""
    assert problems_of_event(value) == []


def test_a_value_nested_without_end_is_a_problem() -> None:
    """A value too deep to judge is told as one, and does not crash the judge."""
    deep: Data = {}
    for _ in range(100_000):
        deep = {"type": "Box", "children": [deep]}
    (problem,) = problems_of_item(item("widget", widget={"type": "Card", "children": [deep]}))
    assert (problem.level, problem.expected) == ("MUST", "at most 100 levels of nesting")


def test_many_problems_are_cut_short() -> None:
    """A thousand wrong parts are told as a few."""
    assert len(problems_of_item({**MESSAGE, "content": [{}] * 1000})) == 20


ANSWERS: dict[str, Any] = {
    "threads.get_by_id": sdk(THREAD),
    "threads.update": sdk(THREAD),
    "threads.delete": {},
    "items.feedback": {},
    "threads.list": sdk(types.Page[types.Thread](data=[THREAD], after="t", has_more=True)),
    "items.list": sdk(types.Page[types.ThreadItem](data=list(ITEMS))),
    "attachments.create": sdk(ITEMS[0].attachments[1]),
    "attachments.delete": {},
    "input.transcribe": {"text": "x"},
    "threads.sync_custom_action": sdk(types.SyncCustomActionResponse(updated_item=ITEMS[3])),
}


def test_answers_are_judged_by_their_request() -> None:
    """Each JSON request has its answer's schema, and the SDK's own answers fit."""
    assert set(response_types()) == set(ANSWERS)
    assert {kind: problems_of_response(kind, body) for kind, body in ANSWERS.items()} == {kind: [] for kind in ANSWERS}
    for kind in ANSWERS:
        assert problems_of_response(kind, [])[0].level == "MUST"
    (problem,) = problems_of_response("threads.list", {"has_more": False})
    assert (problem.level, problem.expected) == ("MUST", "a field 'data'")
    hidden = {"updated_item": item("hidden_context_item", content="x")}
    assert problems_of_response("threads.sync_custom_action", hidden)[0].level == "MUST"


def test_all_sixteen_requests_are_known() -> None:
    """Ten requests answer with JSON, six with a stream, and no request is both."""
    assert (len(response_types()), len(streaming_types())) == (10, 6)
    both = {*response_types(), *streaming_types()}
    assert both == set(wire()["requests"]["ChatKitReq"]["discriminator"]["mapping"])


def test_our_own_requests_are_judged() -> None:
    """A right request has no problem; a missing field and an unknown type are a MUST, an unknown field a SHOULD."""
    content = [{"type": "input_text", "text": "x"}]
    told = {"content": content, "attachments": [], "inference_options": {"tool_choice": None}}
    assert problems_of_request({"type": "threads.create", "params": {"input": told}, "metadata": {"a": 1}}) == []
    assert problems_of_request({"type": "threads.list", "params": {"limit": None}}) == []
    assert [p.level for p in problems_of_request({"type": "threads.create", "params": {}})] == ["MUST"]
    assert [p.level for p in problems_of_request({"type": "threads.improve", "params": {}})] == ["MUST"]
    assert [p.level for p in problems_of_request({"type": "threads.list", "params": {"limt": 3}})] == ["SHOULD"]


def test_an_unknown_definition_is_our_own_fault() -> None:
    """Asking for a definition that the wire does not have says which there are."""
    with pytest.raises(KeyError, match="ThreadStreamEvent"):
        validate("Nothing", {})


def test_a_place_reads_like_code() -> None:
    """A path is written as one writes it in JavaScript."""
    assert path_text(["item", "content", 0, "text"]) == "item.content[0].text"
    assert path_text([]) == ""
