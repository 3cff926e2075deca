"""What the server's tools answered, as it went back to the model in the next request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ..transcript import Call

ID_KEYS = ("id", "task_id", "taskId", "uuid", "todo_id", "item_id", "_id", "key")
"""Names under which a task's id stands beside its title, the likeliest first."""

NEAR = 200
"""Characters around a title in which an id is looked for, where the result is not JSON."""

_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_MARKED = re.compile(r"(?:\bid|#)\W{0,3}([A-Za-z0-9][\w-]*)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.-])\d+(?![\w.-])")


def tool_results(call: Call) -> list[dict[str, str]]:
    """The tool results in a request that came after its last user message: name, call_id and content of each."""
    messages = call.messages
    last_user = max((n for n, m in enumerate(messages) if m.get("role") == "user"), default=-1)
    names: dict[str, str] = {}
    results: list[dict[str, str]] = []
    for message in messages[last_user + 1 :]:
        for made in message.get("tool_calls") or ():
            if isinstance(made, dict) and isinstance(made.get("function"), dict):
                names[str(made.get("id"))] = str(made["function"].get("name", ""))
        if message.get("role") == "tool":
            id = str(message.get("tool_call_id", ""))
            name = names.get(id) or str(message.get("name", ""))
            results.append({"name": name, "call_id": id, "content": content_text(message.get("content"))})
    return results


def content_text(content: Any) -> str:
    """A message's content as one text: itself, or its text parts joined."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def task_id_from(text: str, title: str) -> str | None:
    """The id of the task with that title, as a tool's result tells it; None where it tells none.

    It is looked for in the JSON object that holds the title, then as a UUID, a marked id or a number near the title.
    """
    for found in _objects_with(_parsed(text), title):
        for key in ID_KEYS:
            value = found.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
                return str(value)
    return _id_near(text, title)


def _id_near(text: str, title: str) -> str | None:
    at = text.find(title)
    if at < 0:
        return None
    line_start, line_end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[line_start : line_end if line_end >= 0 else len(text)].replace(title, " ")
    around = text[max(0, at - NEAR) : at + len(title) + NEAR].replace(title, " ")
    for place in (line, around):
        for pattern, group in ((_UUID, 0), (_MARKED, 1), (_NUMBER, 0)):
            if match := pattern.search(place):
                return match[group]
    return None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _objects_with(value: Any, title: str) -> Iterator[dict[str, Any]]:
    """The objects that hold the title as a value, the innermost first."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        value = _parsed(value)
    if isinstance(value, list):
        for inner in value:
            yield from _objects_with(inner, title)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _objects_with(inner, title)
        if title in value.values():
            yield value
