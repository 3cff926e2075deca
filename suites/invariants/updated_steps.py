"""Updates of a workflow's tasks: each is of the task that it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import JSON, Event, Reply, Transcript

from ..clauses import types
from ..evidence import shorten

ADDED, UPDATED = "workflow.task.added", "workflow.task.updated"


@dataclass(slots=True, kw_only=True)
class _Shown:
    """A workflow as its events show it so far, and what updated it.

    Args:
        tasks: as they are shown. updates: each event of an update, its place, its task, and what was there before.
    """

    tasks: list[JSON]
    updates: list[tuple[Event, int, JSON, JSON]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Show one update."""
        at, task = event.update.get("task_index"), event.update.get("task")
        if event.update.get("type") == ADDED:
            self.tasks.append(task)
        elif type(at) is int and 0 <= at < len(self.tasks):
            self.updates.append((event, at, task, self.tasks[at]))
            self.tasks[at] = task


def _tasks(event: Event) -> list[JSON]:
    workflow = event.item.get("workflow")
    tasks = workflow.get("tasks") if isinstance(workflow, dict) else None
    return list(tasks) if isinstance(tasks, list) else []


def _astray(shown: _Shown, finished: list[JSON]) -> Iterator[tuple[Event, int, int, JSON]]:
    """Each update of one task that shows what another one is in the end, which no event has shown: and both places."""
    for n, (was, is_now) in enumerate(zip(shown.tasks, finished, strict=False)):
        for event, at, task, before in shown.updates if was != is_now else ():
            if at != n and task == is_now and (at >= len(finished) or task != finished[at] or task == before):
                yield event, at, n, was
                break


def _workflows(r: Reply) -> Iterator[tuple[_Shown, list[JSON]]]:
    """Each workflow that a stream began and finished: as its updates show it, and as it was finished."""
    shown: dict[str, _Shown] = {}
    for e in r.events:
        if e.type == "thread.item.added" and e.item.get("type") == "workflow":
            shown[e.item_id] = _Shown(tasks=_tasks(e))
        elif e.type == "thread.item.updated" and e.update.get("type") in (ADDED, UPDATED) and e.item_id in shown:
            shown[e.item_id].take(e)
        elif e.type == "thread.item.done" and e.item_id in shown:
            yield shown.pop(e.item_id), _tasks(e)


@check(
    "stream.updates-of-their-task",
    level=SHOULD,
    clause=types("554-559") + ": task_index names the task that an update is of",
    cause="The index is that of the newest task, or is counted over the turn: of two calls the first one's task stays "
    "loading while the second one's is updated twice.",
    fix="Keep the index of a call's task beside the call, and update that task.",
    capability="workflows",
)
def updates_of_their_task(t: Transcript) -> Findings:
    """No update shows in one task of a workflow what another of its tasks turns out to be."""
    if not any(r.streamed for r in t.replies):
        raise Untestable(f"No stream was read in {t.exchange}.")
    for r in t.replies:
        for shown, finished in _workflows(r):
            for event, at, n, was in _astray(shown, finished):
                expected = f"task {n} updated, which is finished as {shorten(finished[n])}"
                got = f"task {at} updated with that, and task {n} still shown as {shorten(was)}"
                yield Finding(expected=expected, got=got, reply=r.label, event=event.index)
