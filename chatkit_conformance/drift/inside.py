"""What stands inside an answer, object by object: each key with its type. Nothing new goes untold, wherever it stands.

An object is named by its place (PLACES). One at a place that is not listed is itself new, and told by the object around
it as a key of type object; objects whose keys are names of things (an error's metadata) are not looked into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

PLACES: Mapping[str, str] = {
    "": "",
    ".choices[]": "choice",
    ".choices[].delta": "delta",
    ".choices[].message": "message",
    ".choices[].delta.extra_content": "extra",
    ".choices[].message.extra_content": "extra",
    ".choices[].delta.extra_content.google": "google",
    ".choices[].message.extra_content.google": "google",
    ".choices[].delta.tool_calls[]": "call",
    ".choices[].message.tool_calls[]": "call",
    ".choices[].delta.tool_calls[].function": "function",
    ".choices[].message.tool_calls[].function": "function",
    ".choices[].delta.tool_calls[].extra_content": "extra",
    ".choices[].message.tool_calls[].extra_content": "extra",
    ".choices[].delta.tool_calls[].extra_content.google": "google",
    ".choices[].message.tool_calls[].extra_content.google": "google",
    ".usage": "usage",
    ".usage.prompt_tokens_details": "prompt-details",
    ".error": "error",
    ".error.details[]": "detail",
    ".error.details[].fieldViolations[]": "violation",
    ".error.details[].violations[]": "violation",
    ".error.details[].links[]": "link",
    ".data[]": "model",
}
"""Path of an object, with [] for any entry of a list -> the name of its place; the whole has none."""

TYPES: Mapping[type, str] = {
    str: "text",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "list",
    dict: "object",
    type(None): "null",
}

Told = dict[str, dict[str, None]]


def inside(kind: str, values: Iterable[Any]) -> dict[str, str]:
    """What the objects of these values hold: `key: type` of each key, by place.

    Args:
        kind: of the answer; the names of facts begin with it ("stream.holds", "stream.delta-holds").
    """
    told: Told = {}
    for value in values:
        _look(told, value, "")
    return {f"{kind}.{place + '-' if place else ''}holds": " | ".join(rows) for place, rows in told.items()}


def roles(value: Any) -> Iterator[str]:
    """The roles that stand in an answer, wherever: they are values that a client acts on."""
    if isinstance(value, dict):
        if "role" in value:
            yield str(value["role"])
        for inner in value.values():
            yield from roles(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from roles(inner)


def _look(told: Told, value: Any, path: str) -> None:
    if isinstance(value, list):
        for inner in value:
            _look(told, inner, f"{path}[]" if path else "")  # an error stands in a list of one
    elif isinstance(value, dict) and path in PLACES:
        rows = told.setdefault(PLACES[path], {})
        for key, inner in value.items():
            rows[f"{key}: {_type(inner)}"] = None
            _look(told, inner, f"{path}.{key}")


def _type(value: Any) -> str:
    inner = sorted({TYPES[type(entry)] for entry in value}) if isinstance(value, list) else []
    return f"list of {' and '.join(inner)}" if inner else TYPES[type(value)]
