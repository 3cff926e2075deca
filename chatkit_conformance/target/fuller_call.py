"""A call with more than a tool must be given: the choices of a form, whether several may be taken, fractions, names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..script import call
from .argument_schema import object_in, options_of, resolved
from .plausible import plausible_text
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


FRACTION = 1.5
"""What is sent where an argument takes any number: what is cut to a whole one is another."""


def fractional_call(tool: Tool, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """A call in which each argument that takes any number is a fraction, at any depth; None where there is none.

    Raises:
        Untestable: the tool cannot be called with these facts.
    """
    made = call_of(tool, facts)["arguments"]
    schema = resolved(tool.schema, tool.schema)
    with_fractions = _fractions(schema, tool.schema, made)
    return call(tool.name, with_fractions) if with_fractions != made else None


def _fractions(schema: Mapping[str, Any], root: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """These arguments, with fractions; an object that was not given is given if a fraction is in it."""
    made = dict(given)
    for name, raw in schema.get("properties", {}).items():
        value = resolved(raw, root)
        inner = object_in(value, root)
        if inner is not None:
            own = made.get(name) if isinstance(made.get(name), dict) else {}
            more = _fractions(inner, root, own or {})
            if more != own:
                made[name] = {**_texts(inner, root), **more}
        elif any(_takes_fraction(option) for option in options_of(value, root)):
            made[name] = FRACTION
    return made


def _takes_fraction(option: Mapping[str, Any]) -> bool:
    least, most = option.get("minimum", FRACTION), option.get("maximum", FRACTION)
    free = not {"enum", "const", "multipleOf"} & option.keys() and least <= FRACTION <= most
    return option.get("type") == "number" and bool(free)


def _texts(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, str]:
    """Texts for what an object must have."""
    needed = {name: resolved(schema["properties"][name], root) for name in schema.get("required", ())}
    return {
        name: next(iter(value.get("enum") or ()), "") or plausible_text(name, value)
        for name, value in needed.items()
        if value.get("type") == "string"
    }


NAMES = ["Rafael van der Vaart", "McEnroe & Söhne"]
"""What is sent where an argument takes any text: names that no rule of letters makes."""


def named_call(tool: Tool, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """A call in which each further argument that takes any text, or a list of texts, has names; None if there is none.

    Raises:
        Untestable: the tool cannot be called with these facts.
    """
    made = call_of(tool, facts)["arguments"]
    more: dict[str, Any] = {}
    for name, raw in resolved(tool.schema, tool.schema).get("properties", {}).items():
        for option in options_of(resolved(raw, tool.schema), tool.schema) if name not in made else ():
            items = resolved(option.get("items", {}), tool.schema)
            if option.get("type") == "array" and _takes_names(name, items):
                most = option.get("maxItems")
                more[name] = NAMES[: most if isinstance(most, int) else len(NAMES)]
            elif _takes_names(name, option):
                more[name] = NAMES[0]
    return call(tool.name, {**made, **more}) if more else None


def _takes_names(name: str, option: Mapping[str, Any]) -> bool:
    free = not {"enum", "const", "format", "pattern"} & option.keys() and plausible_text(name, option) == name
    return option.get("type") == "string" and free and option.get("maxLength", 80) >= max(map(len, NAMES))
