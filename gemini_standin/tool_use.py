"""The tools of a request put to use: which one fits a wish, a call of it, and what the results of a turn tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .arguments import arguments_text
from .conversation import messages, text_of
from .minimal import minimal
from .step import ToolCall
from .tool_choice import Function, declared

_TITLES = re.compile(r"title|name|subject|summary|task$|text|content", re.IGNORECASE)
"""Names of the argument that says what a thing is called."""


def fitting(body: Mapping[str, Any], verbs: Sequence[str]) -> Function | None:
    """The tool whose name has one of the verbs, the earlier the better, and rather one of tasks than of others."""

    def rank(function: Function) -> tuple[int, int]:
        words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", function["name"]).lower())
        verb = next((n for n, verb in enumerate(verbs) if verb in words), len(verbs))
        about = f"{function['name']} {function.get('description') or ''}".lower()
        return verb, 0 if re.search(r"task|to-?do|item|reminder", about) else 1

    there = sorted((f for f in declared(body) if rank(f)[0] < len(verbs)), key=lambda f: rank(f)[::-1])
    return next(iter(there), None)


def for_all(body: Mapping[str, Any]) -> dict[str, Any]:
    """The request with those of its tools alone whose names say that they are for all things at once."""
    named = re.compile(r"(?<![a-z])(?:all|bulk|every)(?![a-z])", re.IGNORECASE)
    tools = [
        {"type": "function", "function": f}
        for f in declared(body)
        if named.search(re.sub(r"([a-z])([A-Z])", r"\1_\2", f["name"]))
    ]
    return {**body, "tools": tools}


def calling(function: Function, title: str = "", id: str = "") -> ToolCall:
    """A call of this tool about the thing of this title and this id, the rest as its schema asks for it."""
    schema = function.get("parameters") or {}
    made = minimal(schema, title or None)
    arguments = made if isinstance(made, dict) else {}
    for name, kind in _properties(schema):
        if id and re.search(r"(^|_)id$|Id$", name):
            arguments[name] = int(id) if kind == "integer" and id.isdigit() else id
        elif title and kind == "string" and _TITLES.search(name):
            arguments[name] = title
        elif kind == "boolean" and re.search(f"confirm|sure{'|done|complete|finish' * bool(id)}", name, re.IGNORECASE):
            arguments[name] = True
    return ToolCall(name=function["name"], arguments=arguments_text(arguments))


def _properties(schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    properties = schema.get("properties")
    found = properties.items() if isinstance(properties, Mapping) else ()
    return [(name, _kind(value)) for name, value in found if isinstance(value, Mapping)]


def _kind(schema: Mapping[str, Any]) -> str:
    """The type of an argument, that beside null where it may be null."""
    rows = [schema, *(row for row in schema.get("anyOf") or () if isinstance(row, Mapping))]
    told = [kind for row in rows for kind in _types(row.get("type"))]
    return next((kind for kind in told if kind != "null"), "")


def _types(told: Any) -> list[str]:
    return [str(kind) for kind in told] if isinstance(told, list) else [told] if isinstance(told, str) else []


def _since_user(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    said = messages(body)
    last = max((n for n, message in enumerate(said) if message.get("role") == "user"), default=-1)
    return said[last + 1 :]


def results(body: Mapping[str, Any]) -> list[str]:
    """What tools told since the user's newest message."""
    return [text_of(message) for message in _since_user(body) if message.get("role") == "tool"]


def called(body: Mapping[str, Any]) -> set[str]:
    """The names of the tools called since then."""
    found = (m.get("tool_calls") for m in _since_user(body))
    calls = [call for calls in found if isinstance(calls, list) for call in calls if isinstance(call, dict)]
    return {str(call["function"].get("name")) for call in calls if isinstance(call.get("function"), dict)}


_ID = re.compile(r"""["']?(?:\w*_)?id["']?\s*[:=]\s*["']?([\w-]+)""", re.IGNORECASE)


def id_beside(text: str, title: str) -> str:
    """The id of the thing of this title in a tool's result, "" where there is none.

    A thing is an object, as JSON or as Python prints it, or else a line.
    """
    things = re.findall(r"\{[^{}]*\}", text) or text.splitlines()
    found = (_ID.search(thing) for thing in things if title.casefold() in thing.casefold())
    return next((match[1] for match in found if match), "")
