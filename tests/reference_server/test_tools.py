"""The seven tools, each through a real turn."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Chat, Turn, calling


def use(chat: Chat, name: str, **arguments: Any) -> Turn:
    return chat.say("do it", {"calls": [calling(name, **arguments)]}, {"text": "Done."})


def tasks(chat: Chat) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = use(chat, "list_tasks").results()[0]["tasks"]
    return found


def new(chat: Chat, title: str) -> str:
    return str(use(chat, "create_task", title=title).results()[0]["task"]["id"])


def test_create_keeps_every_fact(chat: Chat) -> None:
    """A task has title, description, due date, priority and tags."""
    facts = {"title": "Ship", "description": "It", "due_date": "2026-12-31", "priority": "high", "tags": ["a", "b"]}
    use(chat, "create_task", **facts)
    (task,) = tasks(chat)
    assert {name: task[name] for name in facts} == facts


def test_the_list_is_a_widget(chat: Chat) -> None:
    """Listing shows a list that holds every title, announced by a progress text."""
    new(chat, "Milk")
    turn = use(chat, "list_tasks")
    (widget,) = turn.done("widget")
    assert widget["widget"]["type"] == "ListView"
    assert "Milk" in str(widget["widget"])
    kinds = [e["type"] for e in turn.events]
    assert kinds.index("progress_update") < kinds.index("thread.item.done", 2)


@pytest.mark.parametrize(
    ("name", "arguments", "left"),
    [
        ("update_task", {"title": "Oat milk"}, [("Oat milk", False)]),
        ("complete_task", {}, [("Milk", True)]),
        ("delete_task", {}, []),
    ],
)
def test_changing_one_task(chat: Chat, name: str, arguments: dict[str, Any], left: list[tuple[str, bool]]) -> None:
    """Update, complete and delete change the task and leave a finished workflow behind."""
    turn = use(chat, name, task_id=new(chat, "Milk"), **arguments)
    (workflow,) = turn.done("workflow")
    assert workflow["workflow"]["tasks"][0]["status_indicator"] == "complete"
    assert [(task["title"], task["completed"]) for task in tasks(chat)] == left


@pytest.mark.parametrize(
    ("name", "left"), [("complete_all_tasks", [("A", True), ("B", True)]), ("delete_all_tasks", [])]
)
def test_bulk_tools_need_a_yes(chat: Chat, name: str, left: list[tuple[str, bool]]) -> None:
    """Without confirm nothing happens, and both the model and the user are told why; with it, all tasks change."""
    new(chat, "A")
    new(chat, "B")
    refused = use(chat, name)
    assert "confirm=true" in refused.results()[0]["error"]
    assert "confirm=true" in str(refused.done("workflow"))
    assert [(task["title"], task["completed"]) for task in tasks(chat)] == [("A", False), ("B", False)]
    use(chat, name, confirm=True)
    assert [(task["title"], task["completed"]) for task in tasks(chat)] == left


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("create_task", {}, "title"),
        ("create_task", {"title": "x", "due_date": "tomorrow"}, "2026-12-31"),
        ("create_task", {"title": "x", "colour": "red"}, "colour"),
        ("update_task", {"task_id": "task_none", "title": "y"}, "task_none"),
        ("delete_task", {"task_id": "task_none"}, "task_none"),
    ],
)
def test_wrong_arguments_are_explained_to_the_model(
    chat: Chat, name: str, arguments: dict[str, Any], says: str
) -> None:
    """The tool's result says what is wrong, and the turn goes on."""
    turn = use(chat, name, **arguments)
    assert says in turn.results()[0]["error"]
    assert turn.text == "Done."


def test_another_users_task_does_not_exist(chat: Chat) -> None:
    """A task id of somebody else is an unknown id, and the task stays as it was."""
    theirs = chat.as_user("the other")
    task_id = new(theirs, "Secret")
    assert "no task" in use(chat, "delete_task", task_id=task_id).results()[0]["error"]
    assert task_id in [task["id"] for task in tasks(theirs)]


@pytest.mark.parametrize("kind", ["threads.custom_action", "threads.sync_custom_action"])
def test_a_button_completes_its_task(chat: Chat, kind: str) -> None:
    """The card's button changes the task, and a reload shows the card as the answer did."""
    turn = use(chat, "create_task", title="Milk")
    (card,) = turn.done("widget")
    action = {"type": "tasks.complete", "payload": {"task_id": card["widget"]["key"]}}
    answer = chat.ask(kind, thread_id=turn.thread, item_id=card["id"], action=action)
    assert answer.status_code == 200
    (shown,) = [item for item in chat.items(turn.thread) if item["id"] == card["id"]]
    assert "done" in shown["copy_text"]
    assert shown["copy_text"] in answer.text
