"""A cassette's file: vcrpy's interactions with their bodies parsed, so that a person can read and compare them.

`serialize` and `deserialize` are what vcrpy asks of a serializer:

    vcr = VCR(serializer="readable"); vcr.register_serializer("readable", format)

A body is one of: `json` (a value), `events` (the data lines of a stream), `text` (anything else). An answer's form is
chosen only where it gives the same bytes back, so nothing is lost by reading well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Body = dict[str, Any]

INDENTED = "indented"
"""How Gemini writes its errors: a list of one, indented by two."""


def serialize(cassette: Mapping[str, Any]) -> str:
    """The file's text of vcrpy's dictionary."""
    import yaml  # type: ignore[import-untyped]  # PyYAML has no types of its own

    known: dict[str, Any] = {}
    rows = [
        {
            "request": {
                "method": row["request"]["method"],
                "uri": row["request"]["uri"],
                "headers": _lists(row["request"].get("headers") or {}),
                "body": _shared(asked(_text(row["request"].get("body"))), known),
            },
            "response": {
                "status": {"code": row["response"]["status"]["code"], "message": row["response"]["status"]["message"]},
                "headers": _lists(row["response"].get("headers") or {}),
                "body": parsed(_text((row["response"].get("body") or {}).get("string"))),
            },
        }
        for row in cassette["interactions"]
    ]
    made = {"interactions": rows, "version": cassette.get("version", 1)}
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(made, Dumper=dumper, sort_keys=False, allow_unicode=True, width=4096))


def deserialize(text: str) -> dict[str, Any]:
    """vcrpy's dictionary of a file's text: bodies as text again."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    made: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506  # both loaders are safe ones
    for row in made["interactions"]:
        row["request"]["body"] = written(row["request"]["body"])
        row["response"]["body"] = {"string": written(row["response"]["body"])}
    return made


def asked(text: str) -> Body:
    """A request's body: parsed wherever it can be, since what is asked counts, and not how its bytes were spaced."""
    return _as_json(text) or {"text": text}


def parsed(text: str) -> Body:
    """A body's text in its most readable form that gives the same text back."""
    for form in (_as_json, _as_events):
        body = form(text)
        if body is not None and written(body) == text:
            return body
    return {"text": text}


def written(body: Mapping[str, Any]) -> str:
    """The text of a body in any of its forms."""
    if "events" in body:
        return "".join(f"data: {line}\n\n" for line in body["events"])
    if "json" in body:
        if body.get("written") == INDENTED:
            return f"[{json.dumps(body['json'][0], indent=2, ensure_ascii=False)}\n]"
        return json.dumps(body["json"], separators=(",", ":"), ensure_ascii=False)
    return str(body["text"])


def _as_json(text: str) -> Body | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict | list):
        return None
    indented = isinstance(value, list) and len(value) == 1 and "\n" in text
    return {"json": value, "written": INDENTED} if indented else {"json": value}


def _as_events(text: str) -> Body | None:
    parts = text.split("\n\n")
    if len(parts) < 2 or parts.pop() or not all(p.startswith("data: ") and "\n" not in p for p in parts):
        return None
    return {"events": [part.removeprefix("data: ") for part in parts]}


def _shared(body: Body, known: dict[str, Any]) -> Body:
    """The body with its tools as the one object that they were in the request before: YAML then writes them once."""
    value = body.get("json")
    if isinstance(value, dict) and value.get("tools"):
        value["tools"] = known.setdefault(json.dumps(value["tools"]), value["tools"])
    return body


def _lists(headers: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else list(value) for name, value in headers.items()}


def _text(body: Any) -> str:
    return body.decode("utf-8", "surrogateescape") if isinstance(body, bytes) else body or ""
