"""docs/widgets-by-sdk-and-client.md: where the SDK's classes and the client's published types differ about widgets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..wire.drawn import Component, authorities, components, known_components

JSON = Any
NULL = {"type": "null"}


def widgets_page(made: str) -> str:
    """The page. `made`: the comment that says how it is made."""
    sdk, client = (authority.name for authority in authorities())
    lines = [
        "# Widgets, by the SDK and by the client",
        "",
        made,
        "",
        f"A widget is built with the classes of {sdk} and drawn by the types of {client}; they do not say the same. "
        "`widgets.known-to-client` takes a widget for right where either knows it, so nothing here is a finding. "
        "What stands in one column alone may not be drawn, or may have to be written without a class.",
        "",
        f"| component | what | {sdk} | {client} |",
        "|---|---|---|---|",
    ]
    for kind in known_components():
        lines += [f"| {kind} | {' | '.join(row)} |" for row in _differences(kind)]
    return "\n".join([*lines, ""])


def _differences(kind: str) -> Iterator[tuple[str, str, str]]:
    """What differs, what the SDK says, what the client says."""
    by_name = {part.authority.name: part for part in components(kind)}
    sdk, client = (by_name.get(authority.name) for authority in authorities())
    if sdk is None or client is None:
        yield "the component", "yes" if sdk else "no", "yes" if client else "no"
        return
    for name in dict.fromkeys((*sdk.fields, *client.fields)):
        one, other = (_said(part, name) for part in (sdk, client))
        if name not in sdk.fields or name not in client.fields:
            yield f"`{name}`", one, other
        elif (name in sdk.required) != (name in client.required):
            yield f"`{name}` is needed", _needed(sdk, name), _needed(client, name)
        elif name != "children" and (values := _values(sdk, name)) != (others := _values(client, name)):
            yield f"`{name}`", _listed(values - others, values), _listed(others - values, others)


def _said(part: Component, name: str) -> str:
    return "yes" if name in part.fields else "no"


def _needed(part: Component, name: str) -> str:
    return "yes" if name in part.required else "no"


def _listed(more: frozenset[str], whole: frozenset[str]) -> str:
    """The values that only this side has; where it has no more, all of a short list."""
    if more:
        return f"also {', '.join(sorted(more))}"
    return ", ".join(sorted(whole)) if len(whole) <= 6 else "no more"


def _values(part: Component, name: str) -> frozenset[str]:
    """The values and kinds of value that a field may have, as words; a whole number and a number are one."""
    return frozenset(_words(part.fields[name], part))


def _words(schema: JSON, part: Component) -> Iterator[str]:
    if schema == NULL:
        return
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _words(part.authority.defs[name], part)
    elif "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from _words(option, part)
    elif "x-icons" in schema:
        yield from schema["x-icons"]
        yield from (f"{prefix}…" for prefix in schema["x-prefixes"])
    elif "enum" in schema:
        yield from map(str, schema["enum"])
    elif "const" in schema:
        yield json.dumps(schema["const"]).strip('"')
    else:
        kind = str(schema.get("type", "anything"))
        yield {"integer": "number", "object": "an object", "array": "a list"}.get(kind, kind)
