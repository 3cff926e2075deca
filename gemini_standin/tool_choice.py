"""The tools that a request declares, the one that its `tool_choice` demands, and a call of it made from its schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .arguments import arguments_text
from .minimal import minimal
from .step import ToolCall

Function = Mapping[str, Any]

_LAST = re.compile(r"final|answer|respond|reply|finish|done|submit", re.IGNORECASE)
_READS = re.compile(r"list|get|read|find|search|show|fetch|look", re.IGNORECASE)


def declared(body: Any) -> list[Function]:
    """The function objects of the tools that the request declares."""
    tools = body.get("tools") if isinstance(body, Mapping) else None
    found = [tool.get("function") for tool in tools if isinstance(tool, Mapping)] if isinstance(tools, list) else []
    return [f for f in found if isinstance(f, Mapping) and isinstance(f.get("name"), str)]


def demanded(body: Any) -> Function | None:
    """The tool that must be called: the one that `tool_choice` names, or with "required" the mildest there is.

    The mildest is one that ends a turn by its name (final_answer, submit), else one that only reads, else the first.
    """
    choice = body.get("tool_choice") if isinstance(body, Mapping) else None
    there = declared(body)
    if isinstance(choice, Mapping):
        named = choice.get("function")
        name = named.get("name") if isinstance(named, Mapping) else None
        return next((function for function in there if function["name"] == name), None)
    if choice != "required":
        return None
    for mild in (_LAST, _READS):
        if found := next((function for function in there if mild.search(function["name"])), None):
            return found
    return next(iter(there), None)


def call_of(function: Function, text: str | None = None) -> ToolCall:
    """A call of this tool with the least that its schema asks for; one that ends a turn says `text` in it."""
    says = text if text and _LAST.search(function["name"]) else None
    arguments = minimal(function.get("parameters") or {}, says)
    return ToolCall(name=function["name"], arguments=arguments_text(arguments if isinstance(arguments, dict) else {}))
