"""A value that fits a JSON Schema and says as little as it can: what is answered where only a schema was given.

A guardrail is to let pass what it judges, so a truth value is true where its name speaks well of the message (PASSES)
and false anywhere else, and of a choice the first word that speaks well of it is taken, or the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

PASSES = frozenset(
    {
        *("acceptable", "accept", "accepted", "allow", "allowed", "answerable", "appropriate", "approve", "approved"),
        *("clean", "compliant", "confidence", "continue", "legitimate", "low", "none", "ok", "okay", "pass", "passed"),
        *("passes", "permitted", "proceed", "relevance", "relevant", "safe", "safety", "success", "valid"),
    }
)
"""Words in a name, or in a choice, by which a guardrail lets a message pass."""

BLOCKS = frozenset({"dis", "lacks", "needs", "no", "non", "not", "off", "requires", "un", "without"})
"""Words that turn a name around."""

_PASSING = re.compile(r"\b(on|in|within) (topic|scope)\b")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

TEXTS: Mapping[str, str] = {
    r"title|headline|subject|name|label": "A short title",
    r"reason|explanation|rationale|why|thought": "Nothing speaks against it.",
    r"summar": "A short summary",
    r"date|day|due|deadline": "2030-01-01",
    r"city|place|location": "Paris",
    r"(^|_)ids?$": "1",
}
"""What a text is, by the beginning of a word in its name; elsewhere it is PLAIN."""

PLAIN = "Nothing more to say."

FORMATS: Mapping[str, str] = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
"""A text of each format that JSON Schema names and schemas for models use."""

DEEPEST = 12
"""Schemas that hold themselves end here."""

NULL_FROM = 3
"""From this depth on null is taken where it is one of the alternatives: what holds itself ends soon, and fits."""

SPEAKING = frozenset({"answer", "content", "final", "message", "output", "reply", "response", "text"})
"""Names of the text that an answer in JSON has for the user."""


def minimal(schema: Any, text: str | None = None) -> Any:
    """A value that fits the schema.

    Args:
        text: what the answer shall say; it goes into the text with a SPEAKING name, else into the first text there is.
    """
    root = schema if isinstance(schema, Mapping) else {}
    value = _value(root, root, "", 0)
    return value if text is None else _saying(value, root, text)


def passes(name: str) -> bool:
    """Whether a thing of this name, said to be so, lets a message pass."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if BLOCKS.intersection(words):
        return False
    return bool(PASSES.intersection(words)) or bool(_PASSING.search(" ".join(words)))


def _value(schema: Schema, root: Schema, name: str, depth: int) -> Any:
    if depth >= NULL_FROM and {"type": "null"} in (schema.get("anyOf") or schema.get("oneOf") or ()):
        return None
    schema = _resolved(schema, root)
    if "const" in schema:
        return schema["const"]
    if choices := schema.get("enum"):
        return next((c for c in choices if isinstance(c, str) and passes(c)), choices[0])
    given = [*(schema.get("examples") or ()), schema.get("default")]
    if (found := next((one for one in given if _is_of(one, _type(schema))), None)) is not None:
        return found
    return _TYPES.get(_type(schema), _null)(schema, root, name, depth)


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema with its references, its parts and the first of its alternatives that is not null in place."""
    for _ in range(DEEPEST):
        if "$ref" in schema:
            schema = {**_at(root, str(schema["$ref"])), **_less(schema, "$ref")}
        elif parts := schema.get("allOf"):
            merged: dict[str, Any] = dict(_less(schema, "allOf"))
            for part in parts:
                found = _resolved(part, root)
                both = {**merged.get("properties", {}), **found.get("properties", {})}
                required = [*merged.get("required", ()), *found.get("required", ())]
                merged = {**merged, **found, **({"properties": both, "required": required} if both else {})}
            schema = merged
        elif options := schema.get("anyOf") or schema.get("oneOf"):
            kept = next((o for o in options if isinstance(o, Mapping) and o.get("type") != "null"), {"type": "null"})
            schema = {**_less(_less(schema, "anyOf"), "oneOf"), **kept}
        else:
            break
    return schema


def _at(root: Schema, pointer: str) -> Schema:
    found: Any = root
    for part in pointer.removeprefix("#").strip("/").split("/"):
        found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _less(schema: Schema, key: str) -> Schema:
    return {k: v for k, v in schema.items() if k != key}


def _type(schema: Schema) -> str:
    named = schema.get("type")
    if isinstance(named, list):
        named = next((one for one in named if one != "null"), "null")
    if isinstance(named, str):
        return named.lower()
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def _object(schema: Schema, root: Schema, name: str, depth: int) -> Any:
    properties = schema.get("properties", {})
    wanted = [key for key in schema.get("required", ()) if depth < DEEPEST]
    others = schema.get("additionalProperties")
    free = [*(key for key in properties if key not in wanted), *(f"key_{n}" for n in range(1, 100))]
    wanted += free[: max(0, schema.get("minProperties", 0) - len(wanted))] if depth < DEEPEST else []
    more = others if isinstance(others, Mapping) else {}
    return {key: _value(properties.get(key, more), root, key, depth + 1) for key in wanted}


def _array(schema: Schema, root: Schema, name: str, depth: int) -> Any:
    least = schema.get("minItems", 0) if depth < DEEPEST else 0
    heads = list(schema.get("prefixItems", ()))
    items = schema.get("items") if isinstance(schema.get("items"), Mapping) else {}
    made = [_value(heads[n] if n < len(heads) else items or {}, root, name, depth + 1) for n in range(least)]
    if isinstance(wanted := schema.get("contains"), Mapping) and depth < DEEPEST:
        made[-1:] = [_value(wanted, root, name, depth + 1)]
    return [_other(one, n) for n, one in enumerate(made)] if schema.get("uniqueItems") else made


def _other(value: Any, n: int) -> Any:
    """The value, told from others of its kind by its place; one that cannot be told is left."""
    if n == 0 or isinstance(value, bool):
        return value
    return f"{value} {n + 1}" if isinstance(value, str) else value + n if isinstance(value, int | float) else value


def _is_of(value: Any, named: str) -> bool:
    """Whether a value is of a type that JSON Schema names."""
    if value is None or (isinstance(value, bool) and named != "boolean"):
        return False
    return isinstance(value, _KINDS[named]) if named in _KINDS else True


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def _string(schema: Schema, root: Schema, name: str, depth: int) -> Any:
    text = FORMATS.get(str(schema.get("format"))) or next(
        (said for pattern, said in TEXTS.items() if re.search(rf"(^|_)({pattern})", name, re.IGNORECASE)), PLAIN
    )
    return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", len(text) + 10_000)]


def _number(schema: Schema, root: Schema, name: str, depth: int) -> Any:
    whole = _type(schema) == "integer"
    least, most = schema.get("minimum"), schema.get("maximum")
    step = schema.get("multipleOf") or (1 if whole else 0)
    if "exclusiveMinimum" in schema:
        least = schema["exclusiveMinimum"] + (step or 0.5)
    if "exclusiveMaximum" in schema:
        most = schema["exclusiveMaximum"] - (step or 0.5)
    value = 1 if whole or passes(name) else 0
    value = most if passes(name) and most is not None else value
    value = value if least is None else max(least, value)
    value = value if most is None else min(most, value)
    if schema.get("multipleOf"):
        value = -(-value // step) * step
    return int(value) if whole else value


def _boolean(schema: Schema, root: Schema, name: str, depth: int) -> Any:
    return passes(name)


def _null(schema: Schema, root: Schema, name: str, depth: int) -> Any:
    return None


_TYPES = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
}


def _saying(value: Any, root: Schema, text: str) -> Any:
    """The value with the text in it, where it has a text that may be any."""
    if not isinstance(value, dict):
        return value
    properties = _resolved(root, root).get("properties", {})
    texts = [key for key, said in value.items() if isinstance(said, str)]
    free = [key for key in texts if _free(_resolved(properties.get(key, {}), root))]
    best = next((key for key in free if SPEAKING.intersection(_lowered(key))), next(iter(free), None))
    return value if best is None else {**value, best: text}


def _free(schema: Schema) -> bool:
    return _type(schema) == "string" and not {
        "enum",
        "const",
        "format",
        "pattern",
        "maxLength",
        "minLength",
    }.intersection(schema)


def _lowered(name: str) -> Iterator[str]:
    return (word.lower() for word in _WORDS.findall(name))
