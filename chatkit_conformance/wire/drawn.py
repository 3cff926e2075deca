"""What the page can draw of a widget, by two authorities: the SDK's classes, and the types that the client publishes.

    for problem in problems_drawn(item["widget"]):
        print(problem.path, problem.expected, problem.got)

The SDK's union takes a component of any name, and its classes have fields that the client does not draw; the client's
types have components that the SDK has no class for. So a widget is right where either says so, and only what neither
knows is told: a component, a field, a value, a child where it cannot stand, a field that both need. It is never more
than a SHOULD: the page leaves out what it cannot draw.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

from ..check import SHOULD
from ..transcript import JSON
from .expand import expand
from .schema import RELEASE, Problem, committed, mended, path_text, problem_words, shown, validator, wire

if TYPE_CHECKING:
    import jsonschema_rs

CLIENT_RELEASE = "1.9.0"
"""The release of @openai/chatkit whose types are read; `generate_client` writes them."""

_MOST = 20
"""Problems told of one widget: a thousand wrong rows are one mistake, made a thousand times."""

_ANYTHING_BUT = ("type", "children")
"""Fields that are not judged by their schema: which component it is, and what is in it."""


@cache
def client() -> dict[str, JSON]:
    """What the published client draws, as committed."""
    return committed(f"chatkit-js-{CLIENT_RELEASE}.json")


@dataclass(frozen=True, slots=True)
class Authority:
    """One of the two: what it is called, and its definitions by name."""

    name: str
    defs: Mapping[str, JSON]

    def kinds(self, union: str) -> dict[str, str]:
        """The components of a union, by their type: the names of their definitions."""
        mapping = self.defs[union]["discriminator"]["mapping"]
        return {kind: ref.rpartition("/")[2] for kind, ref in mapping.items()}


@cache
def authorities() -> tuple[Authority, ...]:
    """The SDK, and the client that the page loads."""
    return (
        Authority(f"openai-chatkit {RELEASE}", wire()["answers"]),
        Authority(f"{client()['package']} {client()['release']}", client()["types"]),
    )


@dataclass(frozen=True)
class Component:
    """A component as one authority has it."""

    authority: Authority
    definition: str

    @cached_property
    def fields(self) -> Mapping[str, JSON]:
        """Its fields, and what they may hold."""
        fields: Mapping[str, JSON] = self.authority.defs[self.definition]["properties"]
        return fields

    @cached_property
    def required(self) -> frozenset[str]:
        """The fields that it must have."""
        return frozenset(self.authority.defs[self.definition].get("required", ()))

    @cached_property
    def children(self) -> frozenset[str]:
        """The types that may stand in it."""
        return frozenset(_types_in(self.fields.get("children", {}), self.authority.defs))


@lru_cache(1024)
def components(kind: str) -> tuple[Component, ...]:
    """What is known of a component, by each authority that knows it."""
    return tuple(Component(authority, defs[kind]) for authority in authorities() if kind in (defs := _known(authority)))


def known_components() -> tuple[str, ...]:
    """The types that either authority knows, in the order of the alphabet."""
    return tuple(sorted({kind for authority in authorities() for kind in _known(authority)}))


@cache
def root_kinds() -> frozenset[str]:
    """The types of component with which a widget may begin."""
    return frozenset(kind for authority in authorities() for kind in authority.kinds("WidgetRoot"))


def _known(authority: Authority) -> dict[str, str]:
    found = {**authority.kinds("WidgetComponent"), **authority.kinds("WidgetRoot")}
    if "ListViewItem" in authority.defs:  # the client's union has it nowhere: it stands in a ListView alone
        found["ListViewItem"] = "ListViewItem"
    return found


def problems_drawn(widget: JSON, path: tuple[str | int, ...] = ("widget",), *, root: bool = True) -> list[Problem]:
    """What neither authority knows in a widget, or with `root` False in a component of one."""
    allowed = root_kinds() if root else None
    found: list[Problem] = []
    waiting: list[tuple[JSON, tuple[str | int, ...], frozenset[str] | None]] = [(widget, path, allowed)]
    while waiting and len(found) < _MOST:
        node, place, here = waiting.pop()
        if not isinstance(node, dict) or not isinstance(kind := node.get("type"), str):
            continue  # no component at all: the wire's own schema tells it
        parts = components(kind)
        found += _of_node(kind, node, place, parts, here)
        inside = frozenset[str]().union(*(part.children for part in parts))
        children = node.get("children")
        rows = children if isinstance(children, list) else [children]
        places = [
            (*place, "children", n) if isinstance(children, list) else (*place, "children") for n in range(len(rows))
        ]
        waiting += [(row, at, inside or None) for row, at in reversed(list(zip(rows, places, strict=True)))]
    return found[:_MOST]


def _of_node(
    kind: str,
    node: Mapping[str, JSON],
    place: tuple[str | int, ...],
    parts: tuple[Component, ...],
    here: frozenset[str] | None,
) -> Iterator[Problem]:
    """What is wrong with one component, its children apart."""
    if not parts:
        near = _near(kind, known_components())
        yield _problem((*place, "type"), f"a component that the client or the SDK knows{near}", shown(kind))
        return
    if here is not None and kind not in here:
        yield _problem((*place, "type"), f"one of {', '.join(sorted(here))} at this place", shown(kind))
    names = {name for part in parts for name in part.fields}
    for name in node:
        if name not in names:
            yield _problem((*place, name), f"a field that {kind} has{_near(name, names)}", f"a field {name!r}")
    for name in sorted(frozenset.intersection(*(part.required for part in parts)) - node.keys()):
        yield _problem(place, f"a field {name!r} of {kind}", f"only {', '.join(node)}")
    for name, value in node.items():
        if name not in _ANYTHING_BUT and (wrong := _wrong_value(parts, name, value)):
            at, expected, got = wrong
            yield _problem((*place, name, *at), expected, got)


def _wrong_value(parts: Iterable[Component], name: str, value: JSON) -> tuple[list[str | int], str, str] | None:
    """Where in a value, what was expected and what was there, where no authority that has the field allows it."""
    told = None
    for part in parts:
        if name not in part.fields:
            continue
        schema, validator = _field(part.authority.name, part.definition, name)
        try:
            error = next(iter(validator.iter_errors(value)), None)
        except UnicodeEncodeError:
            error = next(iter(validator.iter_errors(mended(value))), None)
        if error is None:
            return None
        told = ([*error.instance_path], *problem_words(error, schema))
    return told


@cache
def _field(authority: str, definition: str, name: str) -> tuple[JSON, jsonschema_rs.Draft202012Validator]:
    """The schema of one field, and its validator."""
    defs = next(a.defs for a in authorities() if a.name == authority)
    schema = {**_expanded(authority), "$ref": f"#/$defs/{definition}/properties/{name}"}
    assert name in defs[definition]["properties"]
    return schema, validator(schema)


@cache
def _expanded(authority: str) -> dict[str, JSON]:
    defs = next(a.defs for a in authorities() if a.name == authority)
    return expand(dict(defs), "WidgetRoot", exact=True)


def _types_in(schema: JSON, defs: Mapping[str, JSON]) -> Iterator[str]:
    """The component types that a schema of children allows."""
    if "$ref" in schema:
        yield from _types_in(defs[schema["$ref"].rpartition("/")[2]], defs)
    elif "discriminator" in schema:
        yield from schema["discriminator"]["mapping"]
    elif "properties" in schema:
        yield from [schema["properties"]["type"]["const"]] if "const" in schema["properties"].get("type", {}) else []
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _types_in(part, defs)


def _near(word: str, words: Iterable[str]) -> str:
    """What was probably meant."""
    lower = {known.lower(): known for known in words}
    near = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return f" (did you mean {lower[near[0]]!r}?)" if near else ""


def _problem(place: tuple[str | int, ...], expected: str, got: str) -> Problem:
    return Problem(level=SHOULD, path=path_text(place), expected=expected, got=got)


def widgets_of(data: JSON) -> Iterator[tuple[tuple[str | int, ...], JSON, bool]]:
    """The widgets in an event or an answer: where each stands, what it is, and whether it is whole or a component."""
    if not isinstance(data, dict):
        return
    update = data.get("update")
    if isinstance(update, dict) and update.get("type") == "widget.root.updated":
        yield ("update", "widget"), update.get("widget"), True
    if isinstance(update, dict) and update.get("type") == "widget.component.updated":
        yield ("update", "component"), update.get("component"), False
    for place, item in _items(data):
        if isinstance(item, dict) and item.get("type") == "widget":
            yield (*place, "widget"), item.get("widget"), True


def _items(data: Mapping[str, JSON]) -> Iterator[tuple[tuple[str | int, ...], JSON]]:
    """The items in an event, a thread, a page, or what a button's answer updates."""
    for name in ("item", "updated_item"):
        yield (name,), data.get(name)
    for way, page in (((), data), (("items",), data.get("items"))):
        rows = page.get("data") if isinstance(page, dict) else None
        for n, item in enumerate(rows if isinstance(rows, list) else ()):
            yield (*way, "data", n), item
