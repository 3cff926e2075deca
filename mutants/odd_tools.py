"""Near misses whose tools look otherwise: other names, arguments and results over the same work."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents import FunctionTool

from reference_server.tools import DURING

from .inside import Method, around
from .mutant import Patch

Facts = dict[str, Any]

PAGE = 20
"""Tasks on a page of `in_pages`."""

LISTING = "list_tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How the seven tools look.

    Args:
        names: a tool's other name. words: an argument's other name.
        schema: the schema to declare, of that which would be, for the tool of this name.
        arguments: the arguments as the tool takes them, of those that came.
        result: what the model is told, of what the tool of this name says.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    schema: Callable[[str, Facts], Facts] = lambda name, schema: schema
    arguments: Callable[[str, Facts], Facts] = lambda name, given: given
    result: Callable[[str, Facts, Facts], str] = lambda name, given, said: json.dumps(said, ensure_ascii=False)


def faced(face: Face) -> Patch:
    """A patch: the tools look like this."""
    back = {other: word for word, other in face.words.items()}

    def dress(tool: FunctionTool) -> None:
        name, invoke = tool.name, tool.on_invoke_tool

        async def invoked(context: Any, text: str) -> Any:
            try:
                given = json.loads(text or "{}")
            except ValueError:
                return await invoke(context, text)
            if not isinstance(given, dict):
                return await invoke(context, text)
            taken = {back.get(k, k): v for k, v in face.arguments(name, given).items()}
            said = json.loads(await invoke(context, json.dumps(taken)))
            return face.result(name, given, said)

        schema = face.schema(name, _renamed(tool.params_json_schema, face.words))
        tool.name = face.names.get(name, name)
        tool.params_json_schema = schema
        tool.on_invoke_tool = invoked
        DURING.setdefault(tool.name, DURING[name])

    def wrap(real: Method) -> Method:
        def instead(self: FunctionTool, *args: Any, **more: Any) -> None:
            real(self, *args, **more)
            if self.name in DURING:
                dress(self)

        return instead

    return around(FunctionTool, "__init__", wrap)


def _renamed(schema: Facts, words: Mapping[str, str]) -> Facts:
    made = {**schema, "properties": {words.get(k, k): v for k, v in schema["properties"].items()}}
    if "required" in schema:
        made["required"] = [words.get(k, k) for k in schema["required"]]
    return made


# Names

TODOS = Face(
    names={
        "create_task": "addTodo",
        "list_tasks": "getTodos",
        "update_task": "editTodo",
        "complete_task": "finishTodo",
        "delete_task": "removeTodo",
        "complete_all_tasks": "finishAllTodos",
        "delete_all_tasks": "removeAllTodos",
    },
    words={
        "task_id": "todoId",
        "title": "name",
        "description": "details",
        "due_date": "dueDate",
        "tags": "labels",
        "confirm": "confirmed",
    },
)

AUFGABEN = Face(
    names={
        "create_task": "aufgabe_anlegen",
        "list_tasks": "aufgaben_zeigen",
        "update_task": "aufgabe_aendern",
        "complete_task": "aufgabe_erledigen",
        "delete_task": "aufgabe_loeschen",
        "complete_all_tasks": "alle_aufgaben_erledigen",
        "delete_all_tasks": "alle_aufgaben_loeschen",
    },
    words={
        "task_id": "kennung",
        "title": "titel",
        "description": "beschreibung",
        "due_date": "faellig_am",
        "priority": "dringlichkeit",
        "tags": "stichworte",
        "completed": "erledigt",
        "confirm": "bestaetigt",
    },
)


# Arguments


def _nested(name: str, schema: Facts) -> Facts:
    inner = {k: v for k, v in schema["properties"].items() if k != "task_id"}
    if not inner:
        return schema
    required = [k for k in schema.get("required", ()) if k != "task_id"]
    made: Facts = {"type": "object", "properties": inner, **({"required": required} if required else {})}
    outer = {k: v for k, v in schema["properties"].items() if k == "task_id"}
    return {"type": "object", "properties": {**outer, "input": made}, "required": [*outer, "input"]}


def _flattened(name: str, given: Facts) -> Facts:
    inner = given.get("input")
    rest = {k: v for k, v in given.items() if k != "input"}
    return {**rest, **inner} if isinstance(inner, dict) else given


NESTED = Face(schema=_nested, arguments=_flattened)


def _all_required(name: str, schema: Facts) -> Facts:
    needed = schema.get("required", ())
    properties = {k: v if k in needed else {"anyOf": [v, {"type": "null"}]} for k, v in schema["properties"].items()}
    return {**schema, "properties": properties, "required": list(properties)}


def _without_null(name: str, given: Facts) -> Facts:
    return {k: v for k, v in given.items() if v is not None or k == "confirm"}


NULLABLE = Face(schema=_all_required, arguments=_without_null)


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(v) for v in value]
    if isinstance(value, dict):
        return {
            k: int(v[5:], 16) if k == "id" and str(v).startswith("task_") else _numbers(v) for k, v in value.items()
        }
    return value


def _numbered(name: str, schema: Facts) -> Facts:
    properties = {k: {**v, "type": "integer"} if k == "task_id" else v for k, v in schema["properties"].items()}
    return {**schema, "properties": properties}


def _spelled(name: str, given: Facts) -> Facts:
    number = given.get("task_id")
    plain = isinstance(number, int) and not isinstance(number, bool) and number >= 0
    return {**given, "task_id": f"task_{number:012x}"} if plain else given


INTEGERS = Face(
    schema=_numbered,
    arguments=_spelled,
    result=lambda name, given, said: json.dumps(_numbers(said), ensure_ascii=False),
)


# Results


def _line(task: Facts) -> str:
    state = "done" if task["completed"] else "open"
    facts = [state, f"priority {task['priority']}", f"id {task['id']}"]
    if task.get("due_date"):
        facts.append(f"due {task['due_date']}")
    if task.get("tags"):
        facts.append(f"tags {', '.join(task['tags'])}")
    about = f": {task['description']}" if task.get("description") else ""
    return f"{task['title']} ({'; '.join(facts)}){about}"


def _prose(name: str, given: Facts, said: Facts) -> str:
    if "error" in said:
        return f"That did not work: {said['error']}."
    tasks = said.get("tasks", [said["task"]] if "task" in said else [])
    if name == LISTING:
        head = f"There are {len(tasks)} tasks." if tasks else "There are no tasks."
        return "\n".join([head, *(f"- {_line(task)}" for task in tasks)])
    return "Done. " + "\n".join(map(_line, tasks))


def _table(name: str, given: Facts, said: Facts) -> str:
    if name != LISTING or "tasks" not in said:
        return json.dumps(said, ensure_ascii=False)
    head = ("id", "title", "description", "due_date", "priority", "tags", "completed")
    rows = [head, tuple("---" for _ in head)]
    rows += [tuple(_cell(task.get(key, "")) for key in head) for task in said["tasks"]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value).replace("|", "/").replace("\n", " ")


def _in_pages(name: str, given: Facts, said: Facts) -> str:
    if name == LISTING and "tasks" in said:
        at = given.get("page")
        page = at if isinstance(at, int) and at > 0 else 1
        rows = said["tasks"]
        start = (page - 1) * PAGE
        said = {"page": page, "pages": -(-len(rows) // PAGE) or 1, "tasks": rows[start : start + PAGE]}
    return json.dumps(said, ensure_ascii=False)


def _with_page(name: str, schema: Facts) -> Facts:
    number = {"type": "integer", "description": "Which page, from 1; a page has twenty tasks."}
    return {**schema, "properties": {**schema["properties"], "page": number}} if name == LISTING else schema


def _without_page(name: str, given: Facts) -> Facts:
    return {k: v for k, v in given.items() if k != "page"}


PROSE = Face(result=_prose)
TABLE = Face(result=_table)
REPR = Face(result=lambda name, given, said: str(said))
PAGES = Face(schema=_with_page, arguments=_without_page, result=_in_pages)
OPEN_ONLY = Face(arguments=lambda name, given: {"status": "open", **given} if name == LISTING else given)


def _each(how: Callable[[Facts], Facts]) -> Callable[[str, Facts, Facts], str]:
    """Tell every task otherwise."""

    def result(name: str, given: Facts, said: Facts) -> str:
        if isinstance(said.get("task"), dict):
            said = {**said, "task": how(said["task"])}
        if isinstance(said.get("tasks"), list):
            said = {**said, "tasks": [how(task) for task in said["tasks"]]}
        return json.dumps(said, ensure_ascii=False)

    return result


def _at_midnight(task: Facts) -> Facts:
    return {**task, "due_date": f"{task['due_date']}T00:00:00Z"} if task.get("due_date") else task


def _state_in_a_word(task: Facts) -> Facts:
    rest = {k: v for k, v in task.items() if k != "completed"}
    return {**rest, "status": "done" if task["completed"] else "open"}


def _as_loan(task: Facts) -> Facts:
    rest = {k: v for k, v in task.items() if k != "completed"}
    return {**rest, "state": "returned" if task["completed"] else "out"}


CREATING, SLOT = "create_task", "slot"
"""The tool that makes a task, and what it must be given besides."""


def _with_slot(name: str, schema: Facts) -> Facts:
    if name != CREATING:
        return schema
    properties = {**schema["properties"], SLOT: {"type": "string", "description": "Which one it is to be in"}}
    return {**schema, "properties": properties, "required": [*schema.get("required", ()), SLOT]}


def _in_slot(name: str, given: Facts) -> Facts:
    """What comes without an hour is refused as what has no title."""
    if name != CREATING:
        return given
    hour = re.fullmatch(r"\d\d:\d\d", str(given.get(SLOT, "")))
    return {k: v for k, v in given.items() if k != SLOT} if hour else {}


SLOTS = Face(schema=_with_slot, arguments=_in_slot)
LOANS = Face(result=_each(_as_loan))
WRAPPED = Face(result=lambda name, given, said: json.dumps({"ok": "error" not in said, "data": said}))
MIDNIGHT = Face(result=_each(_at_midnight))
TAGS_SORTED = Face(result=_each(lambda task: {**task, "tags": sorted(task.get("tags") or ())}))
STATE = Face(result=_each(_state_in_a_word))
SPARSE = Face(result=_each(lambda task: {k: v for k, v in task.items() if v not in (None, "", [], ())}))


def _unsaid(words: str) -> Callable[[str, Facts, Facts], str]:
    """What lists or refuses says it; what changes something says these words."""

    def result(name: str, given: Facts, said: Facts) -> str:
        return json.dumps(said, ensure_ascii=False) if name == LISTING or "error" in said else words

    return result


OK = Face(result=_unsaid("OK"))
NULL = Face(result=_unsaid("null"))
