"""How a list tool is asked for completed tasks as well, which many leave out."""

from __future__ import annotations

from typing import Any

from .argument_schema import options_of, resolved
from .tools import Tool, call_of
from .vocabulary import words

FULL_WORDS = ("completed", "done", "status", "state", "filter", "show", "include", "all", "view")
"""Words of a list tool's argument that can ask for completed tasks as well."""

FULL_VALUES = ("all", "any", "everything", "both", "completed", "done")
"""Values of such an argument that show completed tasks, the likeliest first."""


def full_reading(tool: Tool) -> dict[str, Any] | None:
    """A call of the list tool that asks for completed tasks as well; None where its schema has nothing to ask with."""
    schema = resolved(tool.schema, tool.schema)
    for name, raw in schema.get("properties", {}).items():
        if not set(words(name)).intersection(FULL_WORDS):
            continue
        for option in options_of(resolved(raw, tool.schema), tool.schema):
            if option.get("type") == "boolean":
                return call_of(tool, {name: True})
            fitting = [value for value in FULL_VALUES if value in (option.get("enum") or ())]
            if fitting:
                return call_of(tool, {name: fitting[0]})
    return None
