"""JSON Schemas of a tool's arguments, as frameworks write them: with references, and with one of several types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

GIVING = ("default", "const", "enum", "examples", "example")
"""Keys of a schema that give a value."""


def nullable(schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    """Whether null is one of the options."""
    return any(option.get("type") == "null" for option in options_of(schema, root))


def resolved(schema: Any, root: Mapping[str, Any]) -> dict[str, Any]:
    """A schema in whose place a reference to another part of the whole stands, or the schema itself."""
    for _ in range(8):  # a chain of references longer than this is a loop
        ref = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(ref, str) or not ref.startswith("#/"):
            break
        schema = root
        for part in ref[2:].split("/"):
            schema = schema.get(part, {}) if isinstance(schema, dict) else {}
    return dict(schema) if isinstance(schema, dict) else {}


def options_of(schema: Mapping[str, Any], root: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a value may be: each of several schemas or types, or the schema itself."""
    many = schema.get("anyOf") or schema.get("oneOf") or [schema]
    options = [resolved(option, root) for option in many]
    types = [t for t in schema["type"] if isinstance(t, str)] if isinstance(schema.get("type"), list) else []
    return [{**schema, "type": t} for t in types] or options


def object_in(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any] | None:
    """The one of the options that is an object with properties, or None."""
    return next((o for o in options_of(schema, root) if o.get("properties")), None)


def properties_in(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The arguments of an object's schema by name, those within others too."""
    for name, value in (schema.get("properties") or {}).items():
        found = resolved(value, root)
        yield name, found
        if (inner := object_in(found, root)) is not None and inner is not schema:
            yield from ((key, resolved(each, root)) for key, each in (inner.get("properties") or {}).items())
