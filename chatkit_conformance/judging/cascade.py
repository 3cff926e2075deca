"""Findings that are no more than the shadow of another: which check to mend first.

Where a reply has no readable, whole stream, everything that looks into that stream fails as well. A check whose every
finding lies in a reply in which one of ROOTS found something is told to come from that one. It stays red all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..results.outcome import Outcome

if TYPE_CHECKING:
    from ..results.model import CheckResult

ROOTS = (
    "protocol.requests-accepted",
    "stream.content-type",
    "stream.frames-readable",
    "stream.not-empty",
    "stream.ends-closed",
    "gemini.requests-valid",
    "gemini.results-paired",
    "stream.turn-works",
    "persistence.second-turn-works",
    "persistence.third-turn-works",
    "errors.next-turn-works",
    "errors.fault-reported",
    "stream.turn-answered",
    "stream.turn-finished",
    "stream.events-valid",
    "stream.ids-unique",
    "stream.deltas-add-up",
    "persistence.reload-answers",
    "persistence.reload-equals-stream",
    "gemini.history-user-messages",
    "gemini.history-answers",
)
"""What other findings can be a shadow of, the deepest cause first."""

COUNTED: frozenset[Outcome] = frozenset({"failed", "warned"})

Place = tuple[str, str, str]
"""Exchange, dialect, reply."""


def roots(rows: Iterable[CheckResult]) -> dict[str, str]:
    """For each check that failed only where a root had failed: the root's id."""
    broken = {row.id: places for row in rows if row.outcome in COUNTED and (places := _places(row))}
    found: dict[str, str] = {}
    for id, places in broken.items():
        for root in ROOTS:
            if root == id:
                break  # what comes after it is its shadow, not its cause
            if root in broken and places <= broken[root]:
                found[id] = root
                break
    return found


def _places(row: CheckResult) -> set[Place]:
    """Where it was found; empty where a finding names no reply, since then nothing can be said."""
    places = {(f.exchange, f.dialect, f.reply) for f in row.findings}
    return places if all(reply for _, _, reply in places) else set()
