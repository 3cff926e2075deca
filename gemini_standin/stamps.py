"""A call's stamps: the few moments of it that a measurement needs, and a reader that takes each once.

Times are seconds of `time.monotonic()`, taken just before the bytes were handed to the transport.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from .entry import Entry

Row = dict[str, Any]


def stamps_of(entry: Entry) -> Row:
    """The stamps of one call.

    `first_at` is its first chunk, `text_at` the first with words of the answer (a thought is none), `call_at` the first
    with a tool call, `last_at` its last; None where there was none. `chunks` counts them.
    """
    sent = entry.sent
    return {
        "n": entry.n,
        "nonce": entry.nonce,
        "position": entry.position,
        "attempt": entry.attempt,
        "side": entry.side,
        "matched": entry.matched,
        "status": entry.status,
        "at": entry.at,
        "first_at": sent[0][0] if sent else None,
        "text_at": next((at for at, data in sent if _says(data)), None),
        "call_at": next((at for at, data in sent if '"tool_calls":' in data and _part(data).get("tool_calls")), None),
        "last_at": sent[-1][0] if sent else None,
        "chunks": len(sent),
        "finished_at": entry.finished_at,
        "gone_at": entry.gone_at,
    }


def _part(data: str) -> dict[str, Any]:
    """The delta or message of a chunk, {} where it has none."""
    try:
        choice = json.loads(data)["choices"][0]
        part = choice.get("delta") or choice.get("message")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return {}
    return part if isinstance(part, dict) else {}


def _says(data: str) -> bool:
    """Whether a chunk brings words of the answer. Whoever reads a transcript must come to the same; a test holds it."""
    if '"content":"' not in data or '"content":""' in data:
        return False
    part = _part(data)
    _thought, ended, words = str(part.get("content") or "").rpartition("</thought>")
    return bool(words.strip()) and bool(ended or '"thought":true' not in data)


class Stamps:
    """The stamps of ended calls in the order in which they ended, the newest `keep` of them."""

    def __init__(self, keep: int) -> None:
        self._rows: deque[tuple[int, Row]] = deque(maxlen=keep)
        self._next = 0

    def add(self, row: Row) -> None:
        """Keep one call's stamps."""
        self._rows.append((self._next, row))
        self._next += 1

    def since(self, mark: int) -> dict[str, Any]:
        """What was added from `mark` on, the mark to ask with next, and how many of it had fallen out."""
        oldest = self._rows[0][0] if self._rows else self._next
        calls = [row for n, row in self._rows if n >= mark]
        return {"calls": calls, "next": self._next, "lost": max(0, oldest - mark)}
