"""Is this JSON what openai-chatkit puts on the wire? Each answer names the field, what was expected, what was there.

    for problem in problems_of_event(event.data):
        print(problem.level, problem.path, problem.expected, problem.got)

The wire is data (`wire/`), made from one release; see wire/expand.py for what is a MUST and what is a SHOULD.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gemini_standin.nesting import MAX_DEPTH, too_deep

from ..check import MUST, SHOULD, Level
from ..transcript import JSON
from .expand import expand

if TYPE_CHECKING:
    import jsonschema_rs

RELEASE = "1.6.5"
"""The release of openai-chatkit whose wire is judged."""

_GOT_SHOWN = 120
_MOST = 20
"""Problems told of one value: a widget with a thousand wrong components is one mistake, made a thousand times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One place where a value is not what the wire allows.

    Args:
        level: MUST where no client can read it, SHOULD where it is not what the SDK sends.
        path: the place, as `item.content[0].text`; "" is the whole value.
        expected, got: what the wire says, and what was there, short.
    """

    level: Level
    path: str
    expected: str
    got: str

    @property
    def belongs(self) -> str:
        """Where, and what belongs there: `item: a field 'id'`."""
        return f"{self.path}: {self.expected}" if self.path else self.expected

    def __str__(self) -> str:
        return f"{self.path or 'the whole'}: expected {self.expected}, got {self.got}"


def problems_of_event(value: JSON) -> list[Problem]:
    """What is wrong with one event of a stream."""
    return validate("ThreadStreamEvent", value)


def problems_of_item(value: JSON) -> list[Problem]:
    """What is wrong with one thread item."""
    return validate("ThreadItem", value)


def problems_of_response(request_type: str, body: JSON) -> list[Problem]:
    """What is wrong with the JSON answer to a request of this type.

    Raises:
        KeyError: the type is none that answers with JSON.
    """
    return validate(wire()["responses"][request_type], body)


def problems_of_request(payload: JSON) -> list[Problem]:
    """What is wrong with a request: MUST where the SDK refuses it, SHOULD where it has a field that nobody knows."""
    return validate("ChatKitReq", payload)


def validate(kind: str, value: JSON) -> list[Problem]:
    """What is wrong with this value as a definition of the wire ("Thread", "AssistantMessageItem", ...).

    Raises:
        KeyError: the wire has no definition of this name.
    """
    exact, lenient = _validators(kind)
    if too_deep(value):  # the validator walks a value on the stack
        return [Problem(level=MUST, path="", expected=f"at most {MAX_DEPTH} levels of nesting", got="more")]
    try:
        if exact.is_valid(value):
            return []
        musts = list(_problems(lenient, value, kind, MUST))
        shoulds = _problems(exact, value, kind, SHOULD)
        return [*musts, *(problem for problem in shoulds if not _inside(problem, musts))][:_MOST]
    except UnicodeEncodeError:  # half of a surrogate pair: legal JSON, and a browser shows U+FFFD
        return validate(kind, mended(value))


def _inside(problem: Problem, broken: Iterable[Problem]) -> bool:
    """Whether the problem lies in a part that is broken already, and so adds nothing."""
    return any(
        not b.path or problem.path == b.path or problem.path.startswith((f"{b.path}.", f"{b.path}[")) for b in broken
    )


def response_types() -> tuple[str, ...]:
    """The request types that are answered with JSON."""
    return tuple(wire()["responses"])


def streaming_types() -> tuple[str, ...]:
    """The request types that are answered with a stream."""
    return tuple(wire()["streaming"])


def committed(name: str) -> dict[str, JSON]:
    """A file of this package that describes a wire."""
    from importlib.resources import files  # whoever only lists the checks reads none

    return dict(json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8")))


def validator(schema: dict[str, JSON]) -> jsonschema_rs.Draft202012Validator:
    """The schema, compiled."""
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema)


@cache
def wire() -> dict[str, JSON]:
    """The wire of the release that is judged, as committed."""
    return committed(f"openai-chatkit-{RELEASE}.json")


@cache
def known(kind: str) -> tuple[str, ...]:
    """The values that `type` may have in this union of the wire ("ThreadStreamEvent", "ThreadItem", ...)."""
    return tuple(wire()["answers"][kind]["discriminator"]["mapping"])


@cache
def _schema(kind: str, exact: bool) -> dict[str, JSON]:
    side = "requests" if kind in wire()["requests"] and kind not in wire()["answers"] else "answers"
    if kind not in wire()[side]:
        raise KeyError(f"openai-chatkit {RELEASE} has no {kind!r} in its schema; it has {sorted(wire()[side])}")
    return expand(wire()[side], kind, exact=exact, ours=side == "requests")


@cache
def _validators(kind: str) -> tuple[jsonschema_rs.Draft202012Validator, jsonschema_rs.Draft202012Validator]:
    """The exact validator and the lenient one; compiled once."""
    return validator(_schema(kind, True)), validator(_schema(kind, False))


def mended(value: JSON) -> JSON:
    """The value with each lone surrogate replaced: legal JSON, which no validator can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {mended(key): mended(part) for key, part in value.items()}
    return [mended(part) for part in value] if isinstance(value, list) else value


def _problems(validator: jsonschema_rs.Draft202012Validator, value: JSON, kind: str, level: Level) -> Iterable[Problem]:
    reported: set[tuple[str, str]] = set()
    for error in validator.iter_errors(value):
        path = path_text(error.instance_path)
        expected, got = problem_words(error, _schema(kind, level is SHOULD))
        if level == SHOULD and got == "null":
            expected = f"{expected}, or the field left out"
        if (path, expected) not in reported:
            reported.add((path, expected))
            yield Problem(level=level, path=path, expected=expected, got=got)


def problem_words(error: jsonschema_rs.ValidationError, schema: JSON) -> tuple[str, str]:
    """What was expected and what was there, from the rule of the schema that failed."""
    rule = schema
    for step in error.schema_path:
        try:
            rule = rule[step]
        except (KeyError, IndexError, TypeError):
            return error.message, shown(error.instance)
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    if keyword == "required":
        name = error.message.split('"')[1]
        there = ", ".join(error.instance) if isinstance(error.instance, dict) else ""
        return f"a field {name!r}", f"only {there}" if there else "an empty object"
    if keyword == "additionalProperties":
        return "known fields only", error.message
    describe = _DESCRIBE.get(keyword)
    return (describe(rule) if describe else error.message), shown(error.instance)


_PATTERNS: dict[str, str] = {
    r"^\d{4}": "an ISO 8601 time, like 2026-01-31T12:00:00Z",
    "^[A-Za": "an absolute URL",
    "^(?:(?": "the name of a built-in icon, or one that begins with vendor: or lucide:",
}

_DESCRIBE: dict[str, Callable[[Any], str]] = {
    "type": lambda rule: " or ".join(rule) if isinstance(rule, list) else str(rule),
    "enum": lambda rule: f"one of {', '.join(map(str, rule))}",
    "const": lambda rule: repr(rule),
    "pattern": lambda rule: _PATTERNS.get(rule[:6], f"text that matches {rule}"),
    "anyOf": lambda rule: " or ".join(_option(part) for part in rule),
    "maxProperties": lambda rule: "an empty object: metadata is the server's own",
    "not": lambda rule: f"no {' or '.join(rule['properties']['type']['enum'])}: it must never reach a client",
    "metadata": lambda rule: "no metadata: it is the server's own",
}
"""Keyword of the schema -> how its rule reads. The last is the property that must be absent."""


def _option(part: JSON) -> str:
    if "$ref" in part:
        return str(part["$ref"]).rpartition("/")[2]
    return ", ".join(map(str, part["enum"])) if "enum" in part else str(part.get("type", "anything"))


def path_text(steps: Iterable[str | int]) -> str:
    """A place in a JSON value as one writes it in JavaScript: `item.content[0].text`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def shown(value: JSON) -> str:
    """A JSON value in one short line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _GOT_SHOWN else f"{text[:_GOT_SHOWN]}…"
