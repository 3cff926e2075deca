"""A right request of each type, made from the wire's schema: what is then spoilt, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..transcript import JSON
from ..wire.schema import wire

Step = str | int
Place = tuple[Step, ...]
"""The way to a value: ("params", "input", "content", 0, "text")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """What a request is about: ids that the server gave out, or some that nobody has."""

    thread_id: str = "thr_nowhere_4f1d9c"
    item_id: str = "item_nowhere_4f1d9c"


def request_types() -> tuple[str, ...]:
    """The sixteen request types."""
    return tuple(wire()["requests"]["ChatKitReq"]["discriminator"]["mapping"])


def sample(type: str, *, full: bool, ids: Ids) -> dict[str, JSON]:
    """A request of this type that the schema allows. `full`: with every field that it may have, not only those it must.

    Raises:
        KeyError: there is no such type.
    """
    mapping = wire()["requests"]["ChatKitReq"]["discriminator"]["mapping"]
    made = _value(_referred(mapping[type]), "", full, ids)
    assert isinstance(made, dict)
    return made


def places(value: JSON, before: Place = ()) -> Iterator[Place]:
    """Every place below a value, the outer before the inner."""
    rows: Mapping[Step, JSON] = {}
    if isinstance(value, dict):
        rows = dict(value)
    elif isinstance(value, list):
        rows = dict(enumerate(value))
    for step, part in rows.items():
        yield (*before, step)
        yield from places(part, (*before, step))


def _referred(ref: str) -> JSON:
    return wire()["requests"][ref.rpartition("/")[2]]


def _value(schema: Mapping[str, JSON], name: str, full: bool, ids: Ids) -> JSON:
    """A value that this schema allows; `name` is its field's."""
    if "$ref" in schema:
        return _value(_referred(schema["$ref"]), name, full, ids)
    if "anyOf" in schema:
        return _value(schema["anyOf"][0], name, full, ids)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return _object(schema, full, ids)
        case "array":
            return _array(schema, name, full, ids)
        case "integer":
            return 1
        case "boolean":
            return False
        case "string":
            return _TEXTS.get(name) or getattr(ids, name, "conformance")
    return {"ok": True}


_TEXTS: Mapping[str, str] = {
    "text": "Anybody?",
    "name": "note.txt",
    "title": "Nobody's",
    "mime_type": "text/plain",
    "audio_base64": "GkXfow==",
}
"""Field -> a text that fits it better than any text."""


def _object(schema: Mapping[str, JSON], full: bool, ids: Ids) -> dict[str, JSON]:
    fields = schema.get("properties")
    if fields is None:
        more = schema.get("additionalProperties")
        return {"first": _value(more, "", full, ids)} if isinstance(more, dict) and full else {}
    needed = schema.get("required", ())
    return {name: _value(part, name, full, ids) for name, part in fields.items() if full or name in needed}


def _array(schema: Mapping[str, JSON], name: str, full: bool, ids: Ids) -> list[JSON]:
    items = schema["items"]
    if "discriminator" in items:
        refs = items["discriminator"]["mapping"]
        kinds = refs.values() if full else [refs["input_text"]]
        return [_value(_referred(ref), name, full, ids) for ref in kinds]
    if name == "item_ids":
        return [ids.item_id]
    return [_value(items, name, full, ids)] if full else []


def text_of(value: JSON) -> str:
    """The value as JSON, ASCII alone."""
    return json.dumps(value, separators=(",", ":"))
