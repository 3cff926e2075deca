"""The ChatKit requests in a HAR file, as replies. The format is that of the HTTP Archive 1.2 specification."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ..transcript import JSON, Reply
from ..wire.schema import response_types, streaming_types
from ..wire.sse import parse_json, read_events
from .ending import ended_as

STREAM = "text/event-stream"
CREDENTIALS = frozenset({"set-cookie"})


def har_replies(entries: Iterable[JSON]) -> tuple[tuple[Reply, ...], tuple[str, ...]]:
    """The ChatKit requests of a HAR with what was answered, in the order sent; and what had to be left out."""
    types = {*response_types(), *streaming_types()}
    made: list[Reply] = []
    left: list[str] = []
    for n, entry in enumerate(entries, 1):
        request, response = _part(entry, "request"), _part(entry, "response")
        asked = _json(_part(request, "postData").get("text"))
        kind = asked.get("type") if isinstance(asked, dict) else None
        if request.get("method") != "POST" or not isinstance(kind, str) or kind not in types:
            continue
        text = _text(_part(response, "content"))
        if not text:
            left.append(f"request {n} ({kind}) has no content: save the HAR with content.")
            continue
        made.append(_reply(entry, response, asked, text, f"{len(made) + 1}-{kind}"))
    return tuple(sorted(made, key=lambda reply: reply.sent_at)), tuple(left)


def _reply(entry: Any, response: dict[str, Any], asked: JSON, text: bytes, label: str) -> Reply:
    headers = _headers(response)
    sent = _seconds(entry.get("startedDateTime"))
    ended = sent + (entry["time"] / 1000 if isinstance(entry.get("time"), int | float) else 0.0)
    status = response.get("status")
    streamed = headers.get("content-type", "").split(";")[0].strip().lower() == STREAM
    events, trouble = read_events(text) if streamed else ((), None)
    plain = "" if streamed else text.decode("utf-8", "replace")
    body = _json(plain) if plain else None
    return Reply(
        label=label,
        request=asked,
        sent_at=sent,
        status=status if isinstance(status, int) else 0,
        headers=headers,
        headers_at=sent,
        events=events,
        body=body,
        text="" if body is not None else plain,
        ended=ended_as(events, trouble),
        ended_at=ended,
        trouble=trouble,
    )


def _headers(response: dict[str, Any]) -> dict[str, str]:
    rows = response.get("headers")
    found = {
        str(row.get("name", "")).lower(): str(row.get("value", ""))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
    }
    mime = _part(response, "content").get("mimeType")
    if "content-type" not in found and isinstance(mime, str):
        found["content-type"] = mime
    return {name: value for name, value in found.items() if name not in CREDENTIALS}


def _text(content: dict[str, Any]) -> bytes | None:
    text = content.get("text")
    if not isinstance(text, str):
        return None
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:  # letters beyond ASCII are refused without a binascii.Error
            return None
    return text.encode("utf-8", "surrogatepass")


def _part(value: Any, key: str) -> dict[str, Any]:
    part = value.get(key) if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}


def _json(text: object) -> JSON:
    if not isinstance(text, str):
        return None
    try:
        return parse_json(text)
    except ValueError:
        return None


def _seconds(moment: object) -> float:
    try:
        return datetime.fromisoformat(str(moment)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
