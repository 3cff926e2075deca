"""Updates of a workflow's tasks that are of another task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatkit_conformance.transcript import Transcript
from tests.suites.build import Data, answer, called, create, done, item, transcript

PLANTS = ("fern", "moss")


def _task(plant: str, status: str, *, alike: bool) -> Data:
    return {"type": "custom", "title": "A task" if alike else f"The {plant}", "status_indicator": status}


def _workflow(status: str, *, alike: bool) -> Data:
    tasks = [_task(plant, status, alike=alike) for plant in PLANTS]
    return item("workflow", "w1", workflow={"type": "custom", "tasks": tasks, "expanded": False})


def updated(places: Sequence[int] = (0, 1), *, alike: bool = False) -> Transcript:
    """A workflow of two tasks, each updated when it is done: at these places. `alike`: both have one title."""
    updates = [
        {
            "type": "thread.item.updated",
            "item_id": "w1",
            "update": {
                "type": "workflow.task.updated",
                "task_index": at,
                "task": _task(plant, "complete", alike=alike),
            },
        }
        for at, plant in zip(places, PLANTS, strict=False)
    ]
    begun: Data = {"type": "thread.item.added", "item": _workflow("loading", alike=alike)}
    events = [begun, *updates, done(_workflow("complete", alike=alike)), *answer("a1", "Both are there.")]
    return transcript("updated_steps", [create("turn", "Two, please.", events)], [called("turn")])


def odd_updates() -> list[Transcript]:
    """The last task alone is updated, or the first, or none; the workflow is finished whole. Or tasks are alike."""
    return [updated((1,), alike=True), updated((), alike=True), updated((0,)), updated(alike=True)]


BREAKS: Mapping[str, list[Transcript]] = {
    "stream.updates-of-their-task": [updated((1, 1), alike=True), updated((1, 1)), updated((1, 0))],
}
