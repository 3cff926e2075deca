"""A call with more than a tool must be given: the choices of a form, and whether several of them may be taken."""

from __future__ import annotations

from typing import Any

from ..script import call
from .argument_schema import options_of, resolved
from .tools import Tool, call_of

CHOICES = ["In the shade", "In the sun", "Indoors"]
"""What is offered where an argument is a list of texts."""


def fuller_call(tool: Tool, *, several: bool = True) -> dict[str, Any] | None:
    """A call in which lists of texts offer choices; None where the tool has no such argument.

    Args:
        several: whether switches that may be left out are on, such as one that lets a person take several choices.

    Raises:
        Untestable: the tool cannot be called at all.
    """
    made = dict(call_of(tool, {})["arguments"])
    more: dict[str, Any] = {}
    for name, raw in resolved(tool.schema, tool.schema).get("properties", {}).items():
        for option in options_of(resolved(raw, tool.schema), tool.schema):
            items = resolved(option.get("items", {}), tool.schema)
            if option.get("type") == "array" and items.get("type") == "string" and not made.get(name):
                more[name] = items["enum"] if items.get("enum") else CHOICES
            elif option.get("type") == "boolean" and name not in made:
                more[name] = several
    return call(tool.name, {**made, **more}) if any(isinstance(value, list) for value in more.values()) else None
