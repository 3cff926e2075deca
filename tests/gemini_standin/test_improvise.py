"""Wishes in plain words, where no script says what to answer."""

from __future__ import annotations

import json
from typing import Any

import pytest


def tool(name: str, description: str = "", **properties: str) -> dict[str, Any]:
    """A tool that needs all of these arguments."""
    schema = {
        "type": "object",
        "properties": {k: {"type": v} for k, v in properties.items()},
        "required": list(properties),
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


TASKS = [
    tool("get_weather", "Tells the weather.", city="string"),
    tool("create_task", "Makes a task.", title="string", priority="integer"),
    tool("list_tasks", "All tasks."),
    tool("complete_task", "Marks a task as done.", task_id="integer"),
    tool("delete_task", "Removes a task.", task_id="string"),
]


def answered(standin: Any, *messages: Any, tools: list[dict[str, Any]] = TASKS) -> dict[str, Any]:
    """The message that answers a conversation; a text is a user's."""
    said = [{"role": "user", "content": m} if isinstance(m, str) else m for m in messages]
    answer = standin.ask("", stream=False, messages=said, tools=tools)
    return dict(answer.json()["choices"][0]["message"])


def call(message: dict[str, Any]) -> tuple[str, Any]:
    """The tool that a message calls, and its arguments."""
    (made,) = message["tool_calls"]
    return made["function"]["name"], json.loads(made["function"]["arguments"])


def result(message: dict[str, Any], content: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The message with its call, and the tool's result."""
    return message, {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": content}


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        ("Answer with exactly: Ferns like shade.", "Ferns like shade"),
        ('Please reply with only these words: "Ferns like shade."', "Ferns like shade."),
        ("Say exactly the following, nothing else: pong", "pong"),
        ("My favourite colour is green.", "I will remember that your favourite colour is green."),
    ],
)
def test_words_that_are_asked_for_are_said(standin: Any, wish: str, answer: str) -> None:
    """Whoever asks for certain words gets them, without the quotes around them."""
    assert answered(standin, wish)["content"] == answer


def test_a_fact_of_an_earlier_turn_is_known_only_where_it_was_sent(standin: Any) -> None:
    """Asked for what the user told before, it tells it from the history, or says that it was not told."""
    told = ("My favourite colour is green.", {"role": "assistant", "content": "Noted."}, "What is my favourite colour?")
    assert answered(standin, *told)["content"] == "green"
    assert answered(standin, told[-1])["content"] == "You have not told me what your favourite colour is."


@pytest.mark.parametrize(
    "wish",
    ["Create a task called Buy milk.", "Please add a new to-do named 'Buy milk'", "Make a reminder titled “Buy milk”"],
)
def test_a_task_is_created_by_the_tool_that_fits(standin: Any, wish: str) -> None:
    """The tool is found by its name, gets the title where it belongs, and the rest as its schema asks for it."""
    made = answered(standin, wish)
    assert call(made) == ("create_task", {"title": "Buy milk", "priority": 1})
    told = answered(standin, wish, *result(made, '{"id": 7, "title": "Buy milk"}'))
    assert told["content"] == 'Done. {"id": 7, "title": "Buy milk"}'


def test_tools_with_other_names_fit_as_well(standin: Any) -> None:
    """A verb of the same meaning in another spelling is enough."""
    tools = [tool("addTodo", "", text="string"), tool("fetchTodos"), tool("removeTodo", "", todoId="string")]
    assert call(answered(standin, "Create a task called Buy milk.", tools=tools)) == ("addTodo", {"text": "Buy milk"})
    assert call(answered(standin, "List my tasks.", tools=tools)) == ("fetchTodos", {})


@pytest.mark.parametrize(
    "tasks",
    [
        '[{"id": 3, "title": "Call Ann"}, {"id": 7, "title": "Buy milk"}]',
        "[{'title': 'Call Ann', 'id': 3}, {'title': 'Buy milk', 'id': 7}]",
        "Call Ann (id: 3)\nBuy milk (id: 7)",
    ],
)
def test_a_task_is_changed_by_its_id(standin: Any, tasks: str) -> None:
    """Its id is first asked of the tool that lists, read from the result in whatever form, and then used once."""
    wish = "Complete the task called Buy milk."
    listed = answered(standin, wish)
    assert call(listed) == ("list_tasks", {})
    changed = answered(standin, wish, *result(listed, tasks))
    assert call(changed) == ("complete_task", {"task_id": 7})
    done = answered(standin, wish, *result(listed, tasks), *result(changed, "ok"))
    assert done["content"] == "Done. ok"


def test_a_task_that_is_not_there_ends_the_turn(standin: Any) -> None:
    """A title in no result is told by what the list said, not looked for without end."""
    wish = "Delete the task Buy milk."
    listed = answered(standin, wish)
    assert answered(standin, wish, *result(listed, "[]"))["content"] == "Done. []"


def test_a_wish_without_a_tool_is_answered_in_words(standin: Any) -> None:
    """Where no tool fits, and for everything else, there is a short text and no call."""
    for wish in ("Create a task called Buy milk.", "How are you?"):
        message = answered(standin, wish, tools=TASKS[:1])
        assert "tool_calls" not in message
        assert message["content"]


def test_a_script_is_never_improvised_on(standin: Any) -> None:
    """A message with a nonce and a script gets the script, whatever its words."""
    nonce = standin.script({"text": "As scripted."})
    message = {"role": "user", "content": f"Answer with exactly: something else (ref {nonce})"}
    answer = standin.ask(nonce, stream=False, messages=[message])
    assert answer.json()["choices"][0]["message"]["content"] == "As scripted."
