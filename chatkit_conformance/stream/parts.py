"""The inside of an item while it is streamed: which content parts, tasks and components an update may speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..transcript import JSON
from .reducer import find_component

Found = tuple[str, str]
"""The rule that is broken, and what was there."""


@dataclass(slots=True)
class Parts:
    """What an item holds so far.

    Args:
        states: for each content part "said" (in the item as added, or by a delta), "added" or "done".
        annotations: content index -> how many annotations it has.
        tasks: how many tasks a workflow has. widget: the widget's tree.
    """

    states: list[str] = field(default_factory=list)
    annotations: dict[int, int] = field(default_factory=dict)
    tasks: int = 0
    widget: JSON = None

    @classmethod
    def of(cls, item: Mapping[str, JSON]) -> Parts:
        """The parts of an item as it was added."""
        content, workflow = item.get("content"), item.get("workflow")
        parts = content if isinstance(content, list) else []
        tasks = workflow.get("tasks") if isinstance(workflow, dict) else []
        noted = {
            place: len(part["annotations"])
            for place, part in enumerate(parts)
            if isinstance(part, dict) and isinstance(part.get("annotations"), list)
        }
        return cls(
            states=["said"] * len(parts),
            annotations=noted,
            tasks=len(tasks) if isinstance(tasks, list) else 0,
            widget=item.get("widget"),
        )


def judge_update(parts: Parts, update: Mapping[str, JSON]) -> Iterator[Found]:
    """What an update breaks within its item; notes what it changes."""
    family, _, verb = str(update.get("type", "")).rpartition(".")
    if family == "assistant_message.content_part":
        yield from _content(parts, verb, update)
    elif family == "workflow.task":
        yield from _task(parts, verb, update)
    elif family.startswith("widget"):
        yield from _widget(parts, update)


def _content(parts: Parts, verb: str, update: Mapping[str, JSON]) -> Iterator[Found]:
    index = update.get("content_index")
    if type(index) is not int or index < 0:
        yield "index-valid", f"content_index {index!r}"
        return
    if index > len(parts.states):
        yield "parts-without-gaps", f"{verb} for part {index}, but there are {len(parts.states)}"
        return
    if index == len(parts.states):
        parts.states.append("said")  # a delta may well come before its part is announced
    state = parts.states[index]
    if verb in ("text_delta", "annotation_added"):
        if state == "done":
            yield "part-after-done", f"{verb} for part {index}, which is done"
        if verb == "annotation_added":
            yield from _annotation(parts, index, update.get("annotation_index"))
    else:
        if state == "done" or state == verb:
            yield "part-once", f"{verb} for part {index}, which is already {state}"
        parts.states[index] = verb


def _annotation(parts: Parts, index: int, place: JSON) -> Iterator[Found]:
    there = parts.annotations.get(index, 0)
    if type(place) is not int or place < 0:
        yield "index-valid", f"annotation_index {place!r}"
    elif place != there:
        yield "annotations-without-gaps", f"annotation_index {place}, but there are {there}"
    parts.annotations[index] = there + 1


def _task(parts: Parts, verb: str, update: Mapping[str, JSON]) -> Iterator[Found]:
    index = update.get("task_index")
    if type(index) is not int or index < 0:
        yield "index-valid", f"task_index {index!r}"
    elif verb == "updated" and index >= parts.tasks:
        yield "task-known", f"task {index}, but there are {parts.tasks}"
    elif verb == "added" and index != parts.tasks:
        yield "tasks-without-gaps", f"task added at {index}, but there are {parts.tasks}"
    if verb == "added":
        parts.tasks += 1


def _widget(parts: Parts, update: Mapping[str, JSON]) -> Iterator[Found]:
    if update.get("type") == "widget.root.updated":
        parts.widget = update.get("widget")
        return
    component_id = update.get("component_id")
    found = find_component(parts.widget, component_id)
    if found is None:
        yield "component-known", f"component {component_id!r}, which the widget does not have"
    elif isinstance(component := update.get("component"), dict):
        parts.widget = _with(parts.widget, component_id, component)


def _with(node: JSON, component_id: JSON, component: JSON) -> JSON:
    """The tree with one component replaced; the events' own values are never changed."""
    if isinstance(node, list):
        return [_with(part, component_id, component) for part in node]
    if not isinstance(node, dict):
        return node
    if node.get("id") == component_id:
        return component
    return {**node, "children": _with(node["children"], component_id, component)} if "children" in node else node
