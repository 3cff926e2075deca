"""From the committed wire data to a JSON Schema that a validator takes: lenient (MUST) or exact (SHOULD).

Lenient says what no client can do without. Exact says what the SDK itself sends, and what the released client was
therefore made for. What only the exact schema refuses: a field missing that the SDK always sends, a `null` where it
sends nothing, an unknown member of a union, an unknown icon, a widget component's own properties, metadata in a
thread or an attachment.

A union by `type` becomes one `if`/`then` for each member, so that a validator names the field that is wrong instead
of saying that none of eleven alternatives matched.
"""

from __future__ import annotations

import re
from typing import Any

JSON = Any
NULL = {"type": "null"}


def expand(defs: dict[str, JSON], root: str, *, exact: bool, ours: bool = False) -> dict[str, JSON]:
    """The schema of one root.

    Args:
        defs: the "answers" or the "requests" of a wire file. root: which definition to start from.
        exact: see the module. ours: of what we send, not of what a server sends: an unknown member of a union is
            refused by both schemas, an unknown field by the exact one.
    """
    made = {name: _expand(schema, exact, ours) for name, schema in defs.items()}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": f"#/$defs/{root}", "$defs": made}


def _expand(schema: JSON, exact: bool, ours: bool) -> JSON:
    if "discriminator" in schema:
        return _union(schema, exact or ours)
    if "x-icons" in schema:
        return _icon(schema, exact)
    if "anyOf" in schema:
        return _options([_expand(part, exact, ours) for part in schema["anyOf"]], exact and not ours)
    made = {key: value for key, value in schema.items() if not key.startswith("x-")}
    for key in ("items", "additionalProperties"):
        if key in made:
            made[key] = _expand(made[key], exact, ours)
    if "properties" in made:
        made["properties"] = {key: _property(part, exact, ours) for key, part in made["properties"].items()}
        if exact:
            made["required"] = sorted({*made.get("required", ()), *schema.get("x-always", ())})
        if exact and ours:
            made["additionalProperties"] = False
    return made


def _property(schema: JSON, exact: bool, ours: bool) -> JSON:
    if exact and schema.get("x-absent"):
        return False
    if exact and schema.get("x-empty"):
        return {"type": "object", "maxProperties": 0}
    return _expand(schema, exact, ours)


def _union(schema: JSON, sealed: bool) -> JSON:
    if "x-dynamic" in schema and not sealed:
        return {"$ref": schema["x-dynamic"]}
    kinds = schema["discriminator"]["mapping"]
    made: dict[str, JSON] = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(kinds)} if sealed and "x-dynamic" not in schema else {"type": "string"}},
        "allOf": [{"if": _is(kind), "then": {"$ref": ref}} for kind, ref in kinds.items()],
    }
    if "x-hidden" in schema:
        made["not"] = {"required": ["type"], "properties": {"type": {"enum": schema["x-hidden"]}}}
    if "x-dynamic" in schema:
        made["allOf"].append({"$ref": schema["x-dynamic"]})
    return made


def _is(kind: str) -> JSON:
    return {"required": ["type"], "properties": {"type": {"const": kind}}}


def _icon(schema: JSON, exact: bool) -> JSON:
    if not exact:
        return {"type": "string"}
    names = "|".join(re.escape(name) for name in schema["x-icons"])
    prefixes = "|".join(re.escape(prefix) for prefix in schema["x-prefixes"])
    return {"type": "string", "pattern": f"^(?:(?:{names})$|{prefixes})"}


def _options(parts: list[JSON], exact: bool) -> JSON:
    """A choice without a discriminator; null is one of them only where it may be sent."""
    others = [part for part in parts if part != NULL]
    nullable = len(others) < len(parts)
    lists = [part for part in others if part.get("type") == "array"]
    if len(others) == 2 and len(lists) == 1 and "items" in lists[0]:  # one, or a list of them
        one = others[0] if others[1] is lists[0] else others[1]
        other = one if exact or not nullable else {"if": {"not": NULL}, "then": one}
        return {"if": {"type": "array"}, "then": lists[0], "else": other}
    if len(others) > 1:
        return {"anyOf": others if exact else parts}
    if exact or not nullable:
        return others[0]
    return {"if": {"not": NULL}, "then": others[0]}
