"""The body of a request: the bytes that are sent, and what of them stands in the transcript."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..transcript import JSON
from ..wire.sse import parse_json

RAW_KEPT = 64 * 1024
"""Characters of a request that was sent as raw bytes, kept in the transcript."""


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What is sent, and what is kept of it: the JSON, or the text where it is none."""

    content: bytes | None
    request: JSON


def body_of(payload: JSON | bytes) -> RequestBody:
    """The body that carries this: bytes as they are, anything else as JSON, None as no body."""
    if payload is None:
        return RequestBody(None, None)
    if not isinstance(payload, bytes):
        return RequestBody(json.dumps(payload).encode("ascii"), payload)
    text = payload[:RAW_KEPT].decode("utf-8", "replace")
    if len(payload) > RAW_KEPT:
        return RequestBody(payload, f"{text}… ({len(payload)} bytes)")
    try:
        return RequestBody(payload, parse_json(payload.decode("utf-8")))
    except ValueError:
        return RequestBody(payload, text)


def type_of(payload: JSON | bytes) -> str:
    """The type of the ChatKit request that a body is, or ""."""
    value = body_of(payload).request
    found = value.get("type") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
