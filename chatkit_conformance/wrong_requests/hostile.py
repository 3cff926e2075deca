"""Bodies that mean harm: deeply nested, malformed, and ids that are a query, a path, a template or a huge number."""

from __future__ import annotations

import json
from collections.abc import Mapping

DEPTH = 20_000
"""Levels of nesting of the deep bodies: some parsers recurse, and fail at a thousand."""


def _read(thread_id: object) -> bytes:
    return json.dumps({"type": "threads.get_by_id", "params": {"thread_id": thread_id}}).encode()


HOSTILE: Mapping[str, bytes] = {
    "deep-array": b"[" * DEPTH,
    "deep-closed": b'{"type":"threads.get_by_id","params":{"thread_id":' + b"[" * DEPTH + b"]" * DEPTH + b"}}",
    "not-utf-8": b'{"type":"threads.get_by_id","params":{"thread_id":"\xff\xfe\x80"}}',
    "lone-surrogate": b'{"type":"threads.get_by_id","params":{"thread_id":"\\ud800"}}',
    "nul": _read("thr_\x00nowhere"),
    "sql": _read("x' OR '1'='1"),
    "path": _read("../../../../etc/passwd"),
    "placeholders": _read("thr_{nowhere} {0} %s %(nowhere)d ${nowhere}"),
    "long-id": _read("x" * 10_000),
    "object-id": _read({"$ne": None}),
    "huge-number": b'{"type":"threads.list","params":{"limit":1' + b"0" * 400 + b"}}",
}
"""Bodies by label, each of which must be refused: none is a valid request."""
