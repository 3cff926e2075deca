"""The mutants that break the order of events: what comes before what, and for which item."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chatkit_conformance.stream.event_kinds import TEXT_DELTA

from . import stream_lies as lie
from .mutant import Event, Memory, Mutant, Wire

PART_DONE = "assistant_message.content_part.done"
CARD = {"type": "Card", "children": [{"type": "Text", "id": "a", "value": "One"}]}


def added(event: Event) -> bool:
    """Whether the event begins an answer."""
    return lie.is_answer(event, "thread.item.added")


def of_answer(event: Event) -> bool:
    """Whether the event is about an answer at all."""
    return lie.item_type(event) == "assistant_message" or lie.kind(event).startswith("assistant_message.")


def update(item_id: str, **fields: Any) -> Event:
    """An update of an item."""
    return {"type": "thread.item.updated", "item_id": item_id, "update": fields}


def words(item_id: str) -> Event:
    """A piece of text for the first part of an item."""
    return update(item_id, type=TEXT_DELTA, content_index=0, delta=" etc.")


def added_after_done(event: Event, memory: Memory) -> Iterable[Event]:
    """A finished answer is begun again."""
    return (event, {**event, "type": "thread.item.added"}) if lie.done(event) else (event,)


def removed_before_done(event: Event, memory: Memory) -> Iterable[Event]:
    """An answer is removed just before it is finished."""
    if not lie.done(event):
        return (event,)
    return ({"type": "thread.item.removed", "item_id": event["item"]["id"]}, event)


def text_after_done(event: Event, memory: Memory) -> Iterable[Event]:
    """A finished answer goes on."""
    return (event, words(event["item"]["id"])) if lie.done(event) else (event,)


def text_after_part(event: Event, memory: Memory) -> Iterable[Event]:
    """A finished part goes on."""
    return (event, words(event["item_id"])) if lie.kind(event) == PART_DONE else (event,)


def widget_words(event: Event, memory: Memory) -> Iterable[Event]:
    """An answer is updated as if it were a widget."""
    if not lie.is_delta(event):
        return (event,)
    fields = {"type": "widget.streaming_text.value_delta", "component_id": "a", "delta": "x", "done": False}
    return (event, update(event["item_id"], **fields))


def beside_answer(item: dict[str, Any], change: dict[str, Any]) -> Wire:
    """After each answer another item is begun, updated and finished."""

    def event_change(event: Event, memory: Memory) -> Iterable[Event]:
        if not lie.done(event):
            return (event,)
        answer = event["item"]
        shared = {k: answer[k] for k in ("thread_id", "created_at")}
        made = {**item, **shared, "id": f"{answer['id']}-beside"}
        return (
            event,
            {"type": "thread.item.added", "item": made},
            update(made["id"], **change),
            {"type": "thread.item.done", "item": made},
        )

    return Wire(event=event_change)


def other_type(event: Event) -> None:
    """The item is finished as another type."""
    event["item"] = {k: event["item"][k] for k in ("id", "thread_id", "created_at")} | {"type": "end_of_turn"}


def negative_index(event: Event) -> None:
    """The part's index is no place in a list."""
    event["update"]["content_index"] = -1


GRAMMAR = (
    Mutant(
        name="added-twice",
        lie="An answer is begun two times.",
        change=Wire(event=lie.twice(added)),
        named=("stream.added-once",),
    ),
    Mutant(
        name="added-after-done",
        lie="A finished answer is begun again.",
        change=Wire(event=added_after_done),
        named=("stream.added-after-done",),
    ),
    Mutant(
        name="removed-and-done",
        lie="An answer is removed, and then finished.",
        change=Wire(event=removed_before_done),
        named=("stream.after-removed",),
    ),
    Mutant(
        name="text-after-done",
        lie="A finished answer goes on.",
        change=Wire(event=text_after_done),
        named=("stream.update-after-done",),
    ),
    Mutant(
        name="text-after-part",
        lie="A finished part of an answer goes on.",
        change=Wire(event=text_after_part),
        named=("stream.part-after-done",),
    ),
    Mutant(
        name="update-of-another-kind",
        lie="An answer is updated as if it were a widget.",
        change=Wire(event=widget_words),
        named=("stream.update-fits-item",),
    ),
    Mutant(
        name="type-changes-at-done",
        lie="An item is finished as another type than it was begun as.",
        change=Wire(event=lie.edit(lie.done, other_type)),
        named=("stream.type-stable",),
    ),
    Mutant(
        name="index-negative",
        lie="Parts are counted from minus one.",
        change=Wire(event=lie.edit(lie.is_delta, negative_index)),
        named=("stream.index-valid",),
    ),
    Mutant(
        name="thread-announced-late",
        lie="A new thread is announced after its first item.",
        change=Wire(event=lie.late(lie.is_("thread.created"), lie.is_user_message), end=lie.release),
        named=("stream.thread-created-first",),
    ),
    Mutant(
        name="question-late",
        lie="The user's message comes back after the answer.",
        change=Wire(event=lie.late(lie.is_user_message, lie.done), end=lie.release),
        named=("stream.user-message-first",),
    ),
    Mutant(
        name="answer-missing",
        lie="Turns end without an answer or a word why.",
        change=Wire(event=lie.drop(of_answer)),
        named=("stream.turn-answered",),
    ),
    Mutant(
        name="task-out-of-nowhere",
        lie="A task of a workflow is updated that was never added.",
        change=beside_answer(
            {"type": "workflow", "workflow": {"type": "custom", "tasks": [], "expanded": False}},
            {"type": "workflow.task.updated", "task_index": 5, "task": {"type": "custom", "title": "Packing"}},
        ),
        named=("stream.task-known",),
    ),
    Mutant(
        name="component-out-of-nowhere",
        lie="A component is updated that the widget does not have.",
        change=beside_answer(
            {"type": "widget", "widget": CARD},
            {
                "type": "widget.component.updated",
                "component_id": "ghost",
                "component": {"type": "Text", "id": "ghost", "value": "Two"},
            },
        ),
        named=("stream.component-known",),
    ),
)
