"""What the buttons of our widgets do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatkit.actions import Action
from chatkit.types import WidgetItem

from reference_server.refusal import Refusal
from reference_server.tasks.cards import COMPLETE, DELETE, list_in_words, redrawn, shown_ids
from reference_server.tasks.task import TaskList, TaskNotFound

KNOWN = frozenset({COMPLETE, DELETE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an action did: `line` for the model's memory, `item` the sender as it looks now."""

    line: str
    item: WidgetItem | None


def task_id_of(action: Action[str, Any]) -> str:
    """The task that an action is about. Raises Refusal for an unknown action or payload."""
    if action.type not in KNOWN:
        raise Refusal(422, "unknown_action", f"unknown action {action.type!r}; known: {', '.join(sorted(KNOWN))}")
    task_id = action.payload.get("task_id") if isinstance(action.payload, dict) else None
    if not isinstance(task_id, str) or not task_id:
        raise Refusal(422, "invalid_action", f"the payload of {action.type} needs a task_id")
    return task_id


async def carry_out(action: Action[str, Any], sender: WidgetItem | None, tasks: TaskList) -> Done:
    """Do it. A task that is gone is no error: the widget is drawn anew, and shows it."""
    task_id = task_id_of(action)
    try:
        if action.type == COMPLETE:
            line = f"The user completed the task {(await tasks.change(task_id, completed=True)).title!r} ({task_id})."
        else:
            line = f"The user deleted the task {(await tasks.remove(task_id)).title!r} ({task_id})."
    except TaskNotFound:
        line = f"The user wanted to change the task {task_id}, which is gone."
    if sender is None:
        return Done(line=line, item=None)
    now = await tasks.of_ids(shown_ids(sender.widget))
    widget = redrawn(sender.widget, now)
    return Done(line=line, item=sender.model_copy(update={"widget": widget, "copy_text": list_in_words(now)}))
