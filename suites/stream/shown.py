"""Annotations, workflows and generated images: what was streamed, what was finished, what a reload shows."""

from __future__ import annotations

from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.reducer import reduce
from chatkit_conformance.stream.reload import same
from chatkit_conformance.transcript import Event, Reply, Transcript

from ..clauses import SPEC_SURVIVES, types
from ..evidence import Item, reloaded, reply, shorten, turns
from ..groups import TASKS


def _finished(t: Transcript, type: str) -> list[tuple[Reply, Event]]:
    """The finished items of a type, with their turns. Raises Untestable where there is none."""
    found = [(r, e) for r in turns(t) for e in r.items_done(type)]
    if not found:
        raise Untestable(
            f"No {type} was finished in {t.exchange}: if it shows none, take that capability out of the target file."
        )
    return found


def _built(r: Reply, e: Event) -> Item | None:
    """The item as its updates had built it just before it was finished; None where it came in one piece."""
    view = reduce(x for x in r.events if x.index < e.index)
    return next((item for item in view.items if item.get("id") == e.item_id), None)


def _stored(t: Transcript, type: str) -> Iterator[tuple[Event, Item | None]]:
    """The finished items of the reloaded thread, and each as the reload shows it."""
    thread = reply(t, "reload").params.get("thread_id")
    items = {item.get("id"): item for item in reloaded(t, "reload")}
    found = [(r, e) for r, e in _finished(t, type) if r.thread_id == thread]
    if not found:
        raise Untestable(f"No {type} was finished in the reloaded thread.")
    for _, e in found:
        yield e, items.get(e.item_id)


def _notes(item: Item | None) -> list[list[object]]:
    """The annotations of a message, part by part."""
    parts = (item or {}).get("content")
    rows = parts if isinstance(parts, list) else []
    return [list(part.get("annotations") or ()) for part in rows if isinstance(part, dict)]


def _annotated(t: Transcript) -> list[tuple[Reply, Event]]:
    found = [(r, e) for r, e in _finished(t, "assistant_message") if any(_notes(e.item))]
    if not found:
        raise Untestable(f"No annotation was finished in {t.exchange}.")
    return found


@check(
    "stream.annotations-equal-finished",
    level=MUST,
    on=("annotated_answer",),
    clause=types("499-507") + ": annotation_added announces what the finished part holds",
    cause="Annotations are collected in another order, or only added to the finished item.",
    fix="Send each with its index in the list, and finish the part with the same list.",
    capability="annotations",
)
def annotations_equal_finished(t: Transcript) -> Findings:
    """The annotations sent one by one are those of the finished message, in the same order."""
    for r, e in _annotated(t):
        added = [x for x in r.updates("assistant_message.content_part.annotation_added") if x.item_id == e.item_id]
        if not added:
            continue
        for part, notes in enumerate(_notes(e.item)):
            rows = [x for x in added if x.update.get("content_index") == part]
            places = [x.update.get("annotation_index") for x in rows]
            sent = [x.update.get("annotation") for x in rows]
            if places != list(range(len(rows))) or not same(sent, notes):
                got = f"sent at {places}: {shorten(sent)}, finished {shorten(notes)}"
                yield Finding(expected="the same annotations, counted from 0", got=got, reply=r.label, event=e.index)


@check(
    "stream.annotations-reloaded",
    level=MUST,
    on=("annotated_answer",),
    clause=SPEC_SURVIVES,
    cause="Only the text of a message is stored.",
    fix="Store the content of the finished message, annotations included.",
    capability="annotations",
    criteria=("SC-005",),
)
def annotations_reloaded(t: Transcript) -> Findings:
    """A reload shows a finished message with all its annotations."""
    items = {item.get("id"): item for item in reloaded(t, "reload")}
    for _, e in _annotated(t):
        there = items.get(e.item_id)
        if not same(_notes(e.item), _notes(there)):
            yield Finding(expected=shorten(_notes(e.item)), got=shorten(_notes(there)), reply="reload")


@check(
    "stream.annotations-in-text",
    level=SHOULD,
    on=("annotated_answer",),
    clause=types("826-831") + ": index is a place in the text",
    cause="The index was counted in bytes, or in another text.",
    fix="Count the characters of the finished part.",
    capability="annotations",
)
def annotations_in_text(t: Transcript) -> Findings:
    """An annotation's index lies within its text."""
    for r, e in _annotated(t):
        for part in e.item["content"]:
            for note in part.get("annotations") or ():
                index, length = note.get("index"), len(part.get("text") or "")
                if isinstance(index, int) and not 0 <= index <= length:
                    expected = f"an index from 0 to {length}"
                    yield Finding(expected=expected, got=str(index), reply=r.label, event=e.index)


def _tasks(item: Item | None) -> list[object]:
    workflow = (item or {}).get("workflow")
    tasks = workflow.get("tasks") if isinstance(workflow, dict) else None
    return tasks if isinstance(tasks, list) else []


@check(
    "stream.workflow-equals-finished",
    level=MUST,
    on=TASKS,
    clause=types("546-559") + ": task.added and task.updated change the workflow that done finishes",
    cause="One workflow object is shared by several tools, or finished with tasks that were never sent.",
    fix="Give each workflow its own object, and finish it with the tasks as they were last sent.",
    capability="workflows",
)
def workflow_equals_finished(t: Transcript) -> Findings:
    """A finished workflow has the tasks that its updates built."""
    for r, e in _finished(t, "workflow"):
        updated = any(x.item_id == e.item_id and x.index < e.index for x in r.of("thread.item.updated"))
        built = _built(r, e) if updated else None  # what nothing was built of comes as it is finished
        if built is not None and not same(_tasks(built), _tasks(e.item)):
            got = f"finished {shorten(_tasks(e.item))}"
            yield Finding(
                expected=f"as its updates built it: {shorten(_tasks(built))}", got=got, reply=r.label, event=e.index
            )


@check(
    "stream.workflow-tasks-end",
    level=SHOULD,
    on=TASKS,
    clause=types("977-981") + ": status_indicator tells the status of a task",
    cause="The task's final status is not sent.",
    fix="Set status_indicator to complete (or none) before the workflow is finished.",
    capability="workflows",
)
def workflow_tasks_end(t: Transcript) -> Findings:
    """No task of a finished workflow is still loading."""
    for r, e in _finished(t, "workflow"):
        for task in _tasks(e.item):
            if isinstance(task, dict) and task.get("status_indicator") == "loading":
                yield Finding(expected="complete or none", got=shorten(task), reply=r.label, event=e.index)


@check(
    "stream.workflow-reloaded",
    level=MUST,
    on=("tool_update", "tool_complete", "tool_delete"),
    clause=SPEC_SURVIVES,
    cause="Workflows are not stored, or stored with earlier tasks.",
    fix="Store the finished workflow.",
    capability="workflows",
    criteria=("SC-005",),
)
def workflow_reloaded(t: Transcript) -> Findings:
    """A reload shows a finished workflow with all its tasks."""
    for e, there in _stored(t, "workflow"):
        if not same(_tasks(e.item), _tasks(there)):
            yield Finding(expected=shorten(_tasks(e.item)), got=shorten(_tasks(there)), reply="reload")


@check(
    "stream.image-equals-finished",
    level=MUST,
    on=("generated_image",),
    clause=types("562-567") + " and L684-695: an image has an id and a URL; updates replace it",
    cause="The item is finished without its image, or with an earlier one.",
    fix="Finish the item with the image of the last update.",
    capability="generated_images",
)
def image_equals_finished(t: Transcript) -> Findings:
    """A generated image is finished with the last image that was shown, or with one that follows it."""
    for r, e in _finished(t, "generated_image"):
        last = [x.update.get("image") for x in r.updates("generated_image.updated") if x.item_id == e.item_id]
        image = e.item.get("image")
        # The SDK finishes with an image of its own, after the partial ones (chatkit/agents.py L779-793).
        earlier = last and not same(last[-1], image) and any(same(shown, image) for shown in last)
        if not isinstance(image, dict) or earlier:
            got = f"finished {shorten(image)}"
            yield Finding(expected=shorten(last[-1] if last else "an image"), got=got, reply=r.label, event=e.index)


@check(
    "stream.image-progress-grows",
    level=SHOULD,
    on=("generated_image",),
    clause=types("562-567") + ": progress; chatkit/agents.py L363-371: a share of the partial images, from 0 to 1",
    cause="Progress is sent in percent, or decreases.",
    fix="Send the fraction that is done, from 0 to 1.",
    capability="generated_images",
)
def image_progress_grows(t: Transcript) -> Findings:
    """The progress of an image lies between 0 and 1 and never decreases."""
    for r, e in _finished(t, "generated_image"):
        rows = [x.update.get("progress") for x in r.updates("generated_image.updated") if x.item_id == e.item_id]
        sent = [row for row in rows if isinstance(row, int | float)]
        if sent != sorted(sent) or any(not 0 <= row <= 1 for row in sent):
            yield Finding(expected="0 to 1, never decreasing", got=shorten(sent), reply=r.label, event=e.index)


@check(
    "stream.image-reloaded",
    level=MUST,
    on=("generated_image",),
    clause=SPEC_SURVIVES,
    cause="The item is stored when it is added, before its image is there.",
    fix="Store the finished item.",
    capability="generated_images",
    criteria=("SC-005",),
)
def image_reloaded(t: Transcript) -> Findings:
    """A reload shows the finished image of a generated image."""
    for e, there in _stored(t, "generated_image"):
        if not same(e.item.get("image"), (there or {}).get("image")):
            yield Finding(expected=shorten(e.item.get("image")), got=shorten(there), reply="reload")
