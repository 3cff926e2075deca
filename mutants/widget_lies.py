"""Widgets with a word in them that neither the SDK nor the client knows."""

from __future__ import annotations

import copy
import html
from collections.abc import Callable
from typing import Any

from .mutant import JSON, Event, Memory, Wire

Node = Callable[[dict[str, Any]], None]


def _changed(value: JSON, how: Node) -> JSON:
    """A copy of a value in which every component of its widgets was changed."""
    value = copy.deepcopy(value)
    waiting = [(value, False)]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, dict):
            if inside and "type" in node:
                how(node)
            waiting += [
                (part, key in ("widget", "component") or (inside and key == "children")) for key, part in node.items()
            ]
        elif isinstance(node, list):
            waiting += [(part, inside) for part in node]
    return value


def everywhere(how: Node) -> Wire:
    """A change of every component, wherever a widget is shown."""

    def event(one: Event, memory: Memory) -> tuple[Event, ...]:
        return (_changed(one, how),)

    return Wire(event=event, answer=lambda value, memory: _changed(value, how))


def misspelt(component: dict[str, Any]) -> None:
    """Buttons are called `Buton`."""
    if component["type"] == "Button":
        component["type"] = "Buton"


def other_field(component: dict[str, Any]) -> None:
    """The size of a text stands in `fontSize`."""
    if component["type"] == "Text":
        component["fontSize"] = component.pop("size", "md")


def other_value(component: dict[str, Any]) -> None:
    """A text's weight is none that there is."""
    if component["type"] == "Text":
        component["weight"] = "heavy"


def escaped(component: dict[str, Any]) -> None:
    """A text is written as HTML."""
    if component["type"] == "Text":
        component["value"] = html.escape(html.unescape(component["value"]))


def with_border(component: dict[str, Any]) -> None:
    """A card has a border, which the client draws and the SDK has no field for."""
    if component["type"] == "Card":
        component["border"] = {"size": 1, "style": "dashed"}


def in_a_table(component: dict[str, Any]) -> None:
    """What is in a card stands in a table, which the client draws and the SDK has no class for."""
    if component["type"] == "Card" and not any(row.get("type") == "Table" for row in component["children"]):
        cells = [{"type": "Table.Cell", "children": [row]} for row in component["children"]]
        component["children"] = [{"type": "Table", "children": [{"type": "Table.Row", "children": cells}]}]
