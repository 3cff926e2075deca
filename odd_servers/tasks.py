"""Tasks, and the sets of tools by which the model reaches them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

JSON = Any
Call = Callable[["Tasks", str, dict[str, JSON]], JSON]

PAGE = 20


class Refused(Exception):
    """The tool does not do it; the message goes to the model."""


@dataclass(slots=True)
class Tasks:
    """Everyone's tasks. `file`: where they outlive the process, or None."""

    file: Path | None = None
    rows: dict[str, list[dict[str, JSON]]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(101))

    def __post_init__(self) -> None:
        """Take up what an earlier process kept."""
        if self.file is not None and self.file.exists():
            self.rows = json.loads(self.file.read_text())
            self.numbers = itertools.count(max((t["id"] for own in self.rows.values() for t in own), default=100) + 1)

    def save(self) -> None:
        """Keep them as they are, if they are kept at all; a file that is there is whole at any moment."""
        if self.file is not None:
            fresh = self.file.with_suffix(".new")
            fresh.write_text(json.dumps(self.rows))
            fresh.replace(self.file)

    def mine(self, user: str) -> list[dict[str, JSON]]:
        """The user's tasks, oldest first."""
        return self.rows.setdefault(user, [])

    def one(self, user: str, id: JSON) -> dict[str, JSON]:
        """The user's task. Raises Refused."""
        found = next((task for task in self.mine(user) if str(task["id"]) == str(id)), None)
        if found is None:
            raise Refused(f"there is no task {id}")
        return found


def _create(tasks: Tasks, user: str, told: dict[str, JSON]) -> JSON:
    if not isinstance(told.get("title"), str) or not told["title"].strip():
        raise Refused("a task needs a title")
    task = {"id": next(tasks.numbers), "done": False, **{k: v for k, v in told.items() if v is not None}}
    tasks.mine(user).append(task)
    return task


def _update(tasks: Tasks, user: str, told: dict[str, JSON]) -> JSON:
    task = tasks.one(user, told.pop("id", None))
    task.update({k: v for k, v in told.items() if v is not None})
    return task


def _complete(tasks: Tasks, user: str, told: dict[str, JSON]) -> JSON:
    task = tasks.one(user, told.get("id"))
    task["done"] = True
    return task


def _delete(tasks: Tasks, user: str, told: dict[str, JSON]) -> JSON:
    task = tasks.one(user, told.get("id"))
    tasks.mine(user).remove(task)
    return {"deleted": task["id"]}


def _sure(told: dict[str, JSON]) -> None:
    if told.get("confirm") is not True:
        raise Refused("ask the user first, and call again with confirm=true")


def _complete_all(tasks: Tasks, user: str, told: dict[str, JSON]) -> JSON:
    _sure(told)
    for task in tasks.mine(user):
        task["done"] = True
    return {"completed": len(tasks.mine(user))}


def _delete_all(tasks: Tasks, user: str, told: dict[str, JSON]) -> JSON:
    _sure(told)
    count = len(tasks.mine(user))
    tasks.mine(user).clear()
    return {"deleted": count}


def _read(tasks: Tasks, user: str, told: dict[str, JSON]) -> JSON:
    return {"tasks": [dict(task) for task in tasks.mine(user)]}


def _read_page(tasks: Tasks, user: str, told: dict[str, JSON]) -> JSON:
    start = told.get("offset") or 0
    if not isinstance(start, int) or isinstance(start, bool) or start < 0:
        raise Refused("offset is a number of tasks to skip")
    rows = tasks.mine(user)
    page = [dict(task) for task in rows[start : start + PAGE]]
    left = len(rows) - start - len(page)
    return {"tasks": page, "next_offset": start + PAGE if left > 0 else None, "total": len(rows)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool: what it does, under which name, with which arguments (ours by theirs)."""

    name: str
    does: Call
    arguments: Mapping[str, tuple[str, dict[str, JSON]]] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def declared(self, more: Mapping[str, JSON]) -> dict[str, JSON]:
        """As the model is told of it. `more`: arguments that every tool of its set takes besides."""
        properties = {**more, **{theirs: schema for theirs, (_, schema) in self.arguments.items()}}
        parameters = {"type": "object", "properties": properties, "required": [*more, *self.required]}
        function = {"name": self.name, "description": self.name.replace("_", " "), "parameters": parameters}
        return {"type": "function", "function": function}


TEXT = {"type": "string"}
YES = {"type": "boolean"}
TAGS = {"type": "array", "items": {"type": "string"}}


def _a(**names: tuple[str, dict[str, JSON]]) -> dict[str, tuple[str, dict[str, JSON]]]:
    return names


FIELDS = _a(
    description=("description", TEXT), due_date=("due_date", TEXT), priority=("priority", TEXT), tags=("tags", TAGS)
)
NUMBER = {"type": "integer"}

SNAKE = (
    Tool(name="add_task", does=_create, arguments={"title": ("title", TEXT), **FIELDS}, required=("title",)),
    Tool(name="list_tasks", does=_read),
    Tool(
        name="update_task",
        does=_update,
        arguments={"task_id": ("id", TEXT), "title": ("title", TEXT), **FIELDS},
        required=("task_id",),
    ),
    Tool(name="complete_task", does=_complete, arguments=_a(task_id=("id", TEXT)), required=("task_id",)),
    Tool(name="delete_task", does=_delete, arguments=_a(task_id=("id", TEXT)), required=("task_id",)),
    Tool(name="complete_all_tasks", does=_complete_all, arguments=_a(confirm=("confirm", YES)), required=("confirm",)),
    Tool(name="delete_all_tasks", does=_delete_all, arguments=_a(confirm=("confirm", YES)), required=("confirm",)),
)
"""The usual names."""

CAMEL = (
    Tool(
        name="todoInsert",
        does=_create,
        arguments={"name": ("title", TEXT), "notes": ("description", TEXT), "deadline": ("due_date", TEXT)},
        required=("name",),
    ),
    Tool(name="todoQuery", does=_read_page, arguments=_a(offset=("offset", {"type": "integer", "default": 0}))),
    Tool(
        name="todoEdit",
        does=_update,
        arguments={"todoId": ("id", NUMBER), "name": ("title", TEXT), "notes": ("description", TEXT)},
        required=("todoId",),
    ),
    Tool(name="todoFinish", does=_complete, arguments=_a(todoId=("id", NUMBER)), required=("todoId",)),
    Tool(name="todoErase", does=_delete, arguments=_a(todoId=("id", NUMBER)), required=("todoId",)),
    Tool(name="todoFinishAll", does=_complete_all, arguments=_a(sure=("confirm", YES)), required=("sure",)),
    Tool(name="todoEraseAll", does=_delete_all, arguments=_a(sure=("confirm", YES)), required=("sure",)),
)
"""Other words, integer ids, and a list in pages of twenty, the oldest first."""

AIRLINE = (
    Tool(
        name="create_booking_note",
        does=lambda tasks, user, told: {"noted": told.get("text")},
        arguments=_a(text=("text", TEXT)),
        required=("text",),
    ),
    Tool(
        name="add_checked_bag",
        does=lambda tasks, user, told: {"bags": 1, "fee": "40 EUR"},
        arguments=_a(flight=("flight", {"type": "string", "examples": ["LH 441"]})),
        required=("flight",),
    ),
    Tool(name="get_trip_details", does=lambda tasks, user, told: {"flight": "LH 441", "seat": "12A"}),
)
"""Tools of another trade: none of them lists or makes tasks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSet:
    """Tools that belong together.

    Args:
        tools: what they are. said: how a result is told to the model.
        takes_user: whether each takes the user's id as an argument, and refuses any other.
    """

    tools: tuple[Tool, ...]
    said: Callable[[JSON], str] = json.dumps
    takes_user: bool = False

    def declared(self) -> list[dict[str, JSON]]:
        """As the model is told of them."""
        more = {"user_id": {"type": "string", "description": "The user's id."}} if self.takes_user else {}
        return [tool.declared(more) for tool in self.tools]

    def named(self, name: str) -> Tool | None:
        """The tool of that name."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def run(self, tasks: Tasks, user: str, name: str, arguments: str) -> str:
        """Run one call; what goes back to the model, a refusal included."""
        tool = self.named(name)
        try:
            told = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            return "error: the arguments are not valid JSON"
        if tool is None or not isinstance(told, dict):
            return f"error: there is no tool {name} that takes this"
        if self.takes_user and told.get("user_id") != user:
            return f"error: {told.get('user_id')!r} is not the user who is signed in"
        ours = {mine: told[theirs] for theirs, (mine, _) in tool.arguments.items() if theirs in told}
        try:
            said = self.said(tool.does(tasks, user, ours))
            tasks.save()
            return said
        except Refused as refused:
            return f"error: {refused}"


def _table(value: JSON) -> str:
    rows = value.get("tasks") if isinstance(value, dict) else None
    if rows is None:
        return json.dumps(value)
    lines = [f"| {r['id']} | {r['title']} | {'yes' if r['done'] else 'no'} |" for r in rows]
    return "\n".join(["| id | title | done |", "| --- | --- | --- |", *lines])


def _yaml(value: JSON) -> str:
    rows = value.get("tasks") if isinstance(value, dict) else None
    lines = ["tasks:"] if rows is not None else []
    for row in [value] if rows is None else rows:
        facts = [f"{key}: {json.dumps(fact) if isinstance(fact, list | bool) else fact}" for key, fact in row.items()]
        lines += [f"{'- ' if n == 0 else '  '}{fact}" if rows is not None else fact for n, fact in enumerate(facts)]
    return "\n".join(lines)


def _prose(value: JSON) -> str:
    rows = value.get("tasks") if isinstance(value, dict) else None
    if rows is not None:
        lines = [f"{n}. {r['title']} (Nr. {r['id']}){' [x]' if r['done'] else ' [ ]'}" for n, r in enumerate(rows, 1)]
        return "\n".join([f"{len(rows)} Aufgaben:", *lines])
    if "title" in value:
        state = "[x]" if value["done"] else "[ ]"
        return f"Aufgabe {value['id']}: {value['title']} {state}"
    return f"Erledigt: {next(iter(value.values()))}"


SETS: Mapping[str, ToolSet] = {
    "snake": ToolSet(tools=SNAKE),
    "python": ToolSet(tools=SNAKE, said=str),
    "table": ToolSet(tools=SNAKE, said=_table),
    "yaml": ToolSet(tools=SNAKE, said=_yaml),
    "prose": ToolSet(tools=SNAKE, said=_prose),
    "camel": ToolSet(tools=CAMEL),
    "by-user": ToolSet(tools=SNAKE, takes_user=True),
    "airline": ToolSet(tools=AIRLINE),
}
"""Every set, by its name among the habits."""
