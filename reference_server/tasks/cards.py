"""How tasks look in the chat: a card for one, a list for many; the same in words, for people and for the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatkit.actions import ActionConfig
from chatkit.widgets import DynamicWidgetRoot, WidgetRoot

from reference_server.tasks.task import Task

COMPLETE = "tasks.complete"
DELETE = "tasks.delete"

_COLORS = {"high": "danger", "medium": "secondary", "low": "info"}


def in_words(task: Task) -> str:
    """One line that says everything about a task."""
    facts = [
        "done" if task.completed else "open",
        f"priority {task.priority}",
        f"due {task.due_date}" if task.due_date else "",
        f"tags {', '.join(task.tags)}" if task.tags else "",
        f"id {task.id}",
    ]
    return f"{task.title} ({'; '.join(fact for fact in facts if fact)})"


def list_in_words(tasks: Sequence[Task]) -> str:
    """The list as lines."""
    return "\n".join(map(in_words, tasks)) if tasks else "No tasks."


def card(task: Task) -> WidgetRoot:
    """One task with its buttons."""
    body: list[dict[str, Any]] = [{"type": "Title", "value": task.title, "size": "sm"}]
    if task.description:
        body.append({"type": "Text", "value": task.description})
    body.append(_facts(task))
    if not task.completed:
        body.append(
            {
                "type": "Row",
                "gap": 2,
                "children": [
                    _button("Complete", COMPLETE, task, style="primary"),
                    _button("Delete", DELETE, task, style="secondary"),
                ],
            }
        )
    return _root({"type": "Card", "key": task.id, "size": "sm", "children": body})


def task_list(tasks: Sequence[Task]) -> WidgetRoot:
    """Many tasks, one row each."""
    if not tasks:
        return _root({"type": "ListView", "children": [_row([{"type": "Text", "value": "No tasks."}], key="none")]})
    return _root({"type": "ListView", "children": [_task_row(task) for task in tasks], "limit": "auto"})


def shown_ids(widget: WidgetRoot) -> list[str]:
    """The ids of the tasks that a card or list of ours shows."""
    children = widget.children if isinstance(widget.children, list) else []
    keys = [widget.key, *(getattr(child, "key", None) for child in children)]
    return [name for name in keys if name]


def redrawn(widget: WidgetRoot, tasks: Sequence[Task]) -> WidgetRoot:
    """The same widget with the tasks as they are now; a card whose task is gone says so."""
    if widget.type != "Card":
        return task_list(tasks)
    if tasks:
        return card(tasks[0])
    return _root({"type": "Card", "size": "sm", "children": [{"type": "Text", "value": "This task was deleted."}]})


def _root(widget: dict[str, Any]) -> WidgetRoot:
    return DynamicWidgetRoot.model_validate(widget)


def _task_row(task: Task) -> dict[str, Any]:
    title = {"type": "Text", "value": task.title, "weight": "medium", "lineThrough": task.completed}
    children: list[dict[str, Any]] = [{"type": "Col", "flex": 1, "children": [title, _facts(task)]}]
    if not task.completed:
        children.append(_button("Complete", COMPLETE, task, style="secondary"))
    return _row([{"type": "Row", "gap": 3, "align": "center", "children": children}], key=task.id)


def _row(children: list[dict[str, Any]], *, key: str) -> dict[str, Any]:
    return {"type": "ListViewItem", "key": key, "children": children}


def _facts(task: Task) -> dict[str, Any]:
    badges: list[dict[str, Any]] = [
        {
            "type": "Badge",
            "label": "done" if task.completed else "open",
            "color": "success" if task.completed else "info",
        },
        {"type": "Badge", "label": task.priority, "color": _COLORS[task.priority]},
    ]
    if task.due_date:
        badges.append({"type": "Caption", "value": f"due {task.due_date}"})
    badges += [{"type": "Caption", "value": f"#{tag}"} for tag in task.tags]
    return {"type": "Row", "gap": 2, "wrap": "wrap", "children": badges}


def _button(label: str, action: str, task: Task, *, style: str) -> dict[str, Any]:
    return {
        "type": "Button",
        "label": label,
        "style": style,
        "size": "sm",
        # All of an action's fields, as the SDK's own widget classes write them.
        "onClickAction": ActionConfig(type=action, payload={"task_id": task.id}).model_dump(),
    }
