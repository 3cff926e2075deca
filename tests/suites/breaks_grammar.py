"""Conversations that each check of the order of events must fail."""

from __future__ import annotations

from collections.abc import Mapping

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations as c
from tests.suites.build import CREATED, ERROR, Data, added, delta, done, item, part_done, restream, said
from tests.suites.edits import plus, silent


def update(id: str, kind: str, **more: object) -> Data:
    """Any update."""
    return {"type": "thread.item.updated", "item_id": id, "update": {"type": kind, **more}}


def part_added(id: str, index: object) -> Data:
    """content_part.added, empty."""
    content = {"type": "output_text", "text": "", "annotations": []}
    return update(id, "assistant_message.content_part.added", content_index=index, content=content)


def annotation(id: str, index: int) -> Data:
    """annotation_added on part 0."""
    source = {"type": "url", "title": "Ferns", "url": "https://example.org"}
    kind = "assistant_message.content_part.annotation_added"
    return update(
        id, kind, content_index=0, annotation_index=index, annotation={"type": "annotation", "source": source}
    )


def task(kind: str, index: int) -> Data:
    """A workflow's task, added or updated."""
    return update("w1", f"workflow.task.{kind}", task_index=index, task={"type": "custom", "title": "Look"})


WORKFLOW = item("workflow", "w1", workflow={"type": "custom", "tasks": [], "expanded": False})
WIDGET = item("widget", "g1", widget={"type": "Card", "id": "card", "children": []})
TEXT = {"type": "Text", "id": "nowhere", "value": "?"}
REMOVED: Data = {"type": "thread.item.removed", "item_id": "a9"}


def after(*datas: Data) -> list[Transcript]:
    """Turn one with these events at its end."""
    return [plus(c.three_turns(), "turn-1", *datas)]


def within(*datas: Data) -> list[Transcript]:
    """Turn one with these events just before its answer is done."""
    return [restream(c.three_turns(), "turn-1", lambda old: [*old[:-1], *datas, old[-1]])]


def ordered(*places: int) -> list[Transcript]:
    """Turn one with its first events in another order."""
    return [restream(c.three_turns(), "turn-1", lambda old: [*(old[n] for n in places), *old[len(places) :]])]


BREAKS: Mapping[str, list[Transcript]] = {
    "stream.event-known": after({"type": "thread.item.exploded"}),
    "stream.update-known": within(update("a1", "assistant_message.shouted", delta="!")),
    "stream.update-fits-item": within(update("a1", "workflow.task.added", task_index=0, task={"type": "custom"})),
    "stream.thread-created-once": after(CREATED),
    "stream.thread-created-first": ordered(1, 0),
    "stream.user-message-first": ordered(0, 2, 1),
    "stream.added-once": within(added(said("a1", ""))),
    "stream.added-after-done": after(added(said("a1", "")), done(said("a1", "Other."))),
    "stream.type-stable": after(added(said("x1", "")), done({**WORKFLOW, "id": "x1"})),
    "stream.item-known": after(delta("nobody", "?"), done(said("nobody", "?"))),
    "stream.done-once": after(done(said("a1", c.A[0]))),
    "stream.update-after-done": after(delta("a1", " More.")),
    "stream.update-after-done-other-items": after(done(WORKFLOW), task("added", 0)),
    "stream.after-removed": after(added(said("a9", "")), REMOVED, delta("a9", "?")),
    "stream.removed-item-known": [
        restream(c.three_turns(), "turn-1", lambda old: [*old, {**REMOVED, "item_id": "never"}])
    ],
    "stream.part-after-done": within(part_done("a1", c.A[0]), delta("a1", "?")),
    "stream.part-once": within(part_added("a1", 0), part_added("a1", 0)),
    "stream.parts-without-gaps": within(part_added("a1", 4)),
    "stream.annotations-without-gaps": within(annotation("a1", 3)),
    "stream.index-valid": within(part_added("a1", -1)),
    "stream.task-known": after(added(WORKFLOW), task("updated", 2), done(WORKFLOW)),
    "stream.tasks-without-gaps": after(added(WORKFLOW), task("added", 5), done(WORKFLOW)),
    "stream.component-known": after(
        added(WIDGET), update("g1", "widget.component.updated", component_id="nowhere", component=TEXT), done(WIDGET)
    ),
    "stream.after-error": after(ERROR, done(said("late", "Late."))),
    "stream.turn-answered": [silent(c.three_turns(), "turn-1")],
    "stream.turn-finished": [restream(c.three_turns(), "turn-1", lambda old: old[:-1])],
    "stream.item-finished": [restream(c.three_turns(), "turn-1", lambda old: [*old[:2], added(WIDGET), *old[2:]])],
}
