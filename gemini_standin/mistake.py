"""What pydantic refuses, in sentences: where it stands, what was there, the nearest key that there is, what to write.

What may stand in a place is read from the type's own JSON Schema, so nothing is said here of any one file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from .nearest import nearest

Way = tuple[str | int, ...]
"""Keys and positions, from the top of what was read."""

Kind = Literal["unknown", "missing", "wrong", "unsound"]
"""A key that there is not; one that must be there; a value that cannot be; values that do not go together."""

LONGEST_VALUE = 60
"""Characters of a value that a sentence repeats."""

_KINDS: Mapping[str, Kind] = {
    "extra_forbidden": "unknown",
    "unexpected_keyword_argument": "unknown",
    "missing": "missing",
    "missing_argument": "missing",
    "missing_keyword_only_argument": "missing",
    "union_tag_not_found": "missing",
    "value_error": "unsound",
}
"""pydantic's types of error; those not named are "wrong"."""

_FORM = " of this form"
"""Said of a text that must fit a pattern."""

_KEY = "[key]"
"""Where pydantic refuses a key itself, the end of the way to it."""

_NOUNS: Mapping[str, str] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
}
"""The types of JSON Schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that cannot be read.

    Args:
        kind: what kind of mistake. way: the keys and positions to it, an unknown or missing key the last of them.
        value: what was there. wanted: what may be there, in words. names: the keys or texts that there are, for one
        that there is not; near: the one that was probably meant. reason: the sentence of a rule of our own.
        example: what to write under the key, or under the one that was meant, as a JSON value, or None.
    """

    kind: Kind
    way: Way
    value: Any = None
    wanted: str = ""
    names: tuple[str, ...] = ()
    near: str = ""
    example: Any = None
    reason: str = ""

    @property
    def key(self) -> str:
        """The key or position that is meant, or "" for the whole."""
        return str(self.way[-1]) if self.way else ""

    @property
    def place(self) -> Way:
        """What a sentence stands under: the object around an unknown or missing key, else the value itself."""
        return self.way[:-1] if self.kind in ("unknown", "missing") else self.way

    @property
    def sentence(self) -> str:
        """What is wrong, without where it stands."""
        if self.kind == "unknown":
            return f'unknown key "{self.key}"{self._meant}; keys: {", ".join(self.names)}'
        if self.kind == "missing":
            what = f"write one of {', '.join(self.names)}" if self.names else f"it is {self.wanted}"
            what = what.removesuffix(_FORM)
            return f'"{self.key}" is missing; {what}'
        if self.kind == "unsound":
            return self.reason
        if self.names:
            return f"{shown(self.value)} is not known{self._meant}; write one of {', '.join(self.names)}"
        return f"{shown(self.value)} is not {self.wanted}"

    @property
    def with_example(self) -> str:
        """The sentence, and what could stand there."""
        return self.sentence if self.example is None else f"{self.sentence}, such as {shown(self.example)}"

    @property
    def _meant(self) -> str:
        return f' (did you mean "{self.near}"?)' if self.near else ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """In `Annotated[str, OneOf(names)]`: a text that must be one of these names."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read as a literal, so that the JSON Schema lists the names."""
        return core_schema.literal_schema(list(self.names))


def mistakes(error: ValidationError, adapter: TypeAdapter[Any], an_object: str = "an object") -> tuple[Mistake, ...]:
    """Every mistake that pydantic found, one for each place, and none for a place around another mistake.

    Args:
        adapter: what was read with; its JSON Schema tells what may stand where.
        an_object: what the file's language calls an object.
    """
    schema = adapter.json_schema()
    found: dict[Way, Mistake] = {}
    for detail in error.errors(include_url=False):
        made = _mistake(detail, schema, an_object)
        found.setdefault(made.way, made)
    around = {way[:n] for way in found for n in range(len(way))}
    return tuple(made for way, made in found.items() if way not in around)


def shown(value: Any) -> str:
    """A value as JSON spells it, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


def _mistake(detail: ErrorDetails, schema: Mapping[str, Any], an_object: str) -> Mistake:
    kind = _KINDS.get(detail["type"], "wrong")
    loc, value = detail["loc"], detail["input"]
    if detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
        # The key that tells one part of a union from the others.
        loc, value = (*loc, detail["ctx"]["discriminator"].strip("'")), detail["ctx"].get("tag")
    if kind == "unknown":
        way, nodes = _walked(schema, loc[:-1])
        names = _keys(nodes)
        near = nearest(str(loc[-1]), names) or ""
        meant = [node["properties"][near] for node in nodes if near in node.get("properties", ())]
        return Mistake(
            kind=kind, way=(*way, loc[-1]), value=value, names=names, near=near, example=_example(meant, schema)
        )
    if loc[-1:] == (_KEY,):
        way, nodes = _walked(schema, loc[:-2])
        pattern = next((pattern for node in nodes for pattern in node.get("patternProperties", ())), "")
        return Mistake(kind="wrong", way=way, value=loc[-2], wanted=f"a key that fits {pattern}")
    way, nodes = _walked(schema, loc)
    names = _choices(nodes)
    name = next((part for part in reversed(way) if isinstance(part, str)), "")
    return Mistake(
        kind=kind,
        way=way,
        value=value,
        wanted=" or ".join(dict.fromkeys(_noun(node, name, an_object) for node in nodes)),
        names=names,
        near=nearest(value, names) or "" if isinstance(value, str) else "",
        example=_example(nodes, schema),
        reason=str(detail["ctx"]["error"]) if kind == "unsound" else "",
    )


def _walked(schema: Mapping[str, Any], loc: Sequence[str | int]) -> tuple[Way, list[Mapping[str, Any]]]:
    """The way without pydantic's names for parts of a union, and the schemas of what may stand at its end."""
    way: list[str | int] = []
    nodes = list(_options(schema, schema))
    for part in loc:
        below = [option for node in nodes for child in _below(node, part) for option in _options(child, schema)]
        tagged = [node for node in nodes if part in _tags(node)]
        if below:
            way.append(part)
        nodes = below or tagged or nodes
    return tuple(way), nodes


def _options(node: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in node:
        name = str(node["$ref"]).removeprefix("#/$defs/")
        merged = {**root["$defs"][name], **{key: value for key, value in node.items() if key != "$ref"}}
        yield from _options(merged, root)
        return
    outer = {key: value for key, value in node.items() if key not in ("anyOf", "oneOf")}
    many = node.get("anyOf") or node.get("oneOf")
    for option in many or ():
        yield from _options({**outer, **option}, root)
    if not many and node.get("type") != "null":
        yield node


def _below(node: Mapping[str, Any], part: str | int) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, int):
        if isinstance(items := node.get("items"), dict):
            yield items
    elif part in node.get("properties", {}):
        yield node["properties"][part]
    elif isinstance(more := node.get("additionalProperties"), dict):
        yield more


def _tags(node: Mapping[str, Any]) -> tuple[Any, ...]:
    """The names under which pydantic tells one part of a union from the others."""
    return tuple(property_["const"] for property_ in node.get("properties", {}).values() if "const" in property_)


def _keys(nodes: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for node in nodes for key in node.get("properties", ())))


def _choices(nodes: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    found = [choice for node in nodes for choice in node.get("enum", [node["const"]] if "const" in node else ())]
    return tuple(dict.fromkeys(map(str, found)))


def _example(nodes: Sequence[Mapping[str, Any]], root: Mapping[str, Any]) -> Any:
    known = (option for node in nodes for option in _options(node, root))
    return next((node["examples"][0] for node in known if node.get("examples")), None)


def _noun(node: Mapping[str, Any], name: str, an_object: str) -> str:
    noun = an_object if node.get("type") == "object" else _NOUNS.get(node.get("type", ""), "a value that can be read")
    if node.get("type") in ("integer", "number"):
        noun += " of seconds" if name.endswith("_s") else ""
        least, most = node.get("minimum"), node.get("maximum")
        above = node.get("exclusiveMinimum")
        if most is not None:
            return f"{noun} from {least or 0:g} to {most:g}"
        if above is not None:
            return f"{noun} above {above:g}"
        return noun if least is None else f"{noun} of at least {least:g}"
    if node.get("minItems"):
        noun += f" of at least {node['minItems']}"
    return noun + _FORM if "pattern" in node else noun
