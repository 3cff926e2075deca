"""Findings that are no more than the shadow of another: which check to mend first.

Where a reply has no readable, whole stream, everything that looks into that stream fails as well. A check whose every
finding lies in a reply in which one of ROOTS found something is told to come from that one. It stays red all the same.

Where an event lacks what every client reads it by (an item, its id, type or content, a thread, an update), nothing that
is said of that stream counts: such events come before all other roots.

Where an id names two items, a reload mixes them up; so it does where it shows the newest item first. What a restart
loses, everything that is asked after a restart misses; where no second message is answered, none is after a fault, a
tool or a lost connection either; where nobody is asked to sign in, a forged token is no worse than none. Such
findings lie in many replies, and are told by what they depend on: see DEPENDS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from ..check import Check
from ..results.outcome import Outcome
from .catalogue import checks, exchanges

if TYPE_CHECKING:
    from ..results.model import CheckResult

ROOTS = (
    "errors.server-stays-up",
    "protocol.no-request-hangs",
    "protocol.requests-accepted",
    "stream.content-type",
    "stream.frames-readable",
    "stream.not-empty",
    "stream.ends-closed",
    "gemini.requests-valid",
    "gemini.results-paired",
    "gemini.signatures-replayed",
    "gemini.newest-message-sent",
    "stream.turn-finished",
    "persistence.second-turn-works",
    "stream.turn-works",
    "persistence.third-turn-works",
    "errors.next-turn-works",
    "errors.fault-reported",
    "stream.turn-answered",
    "stream.events-valid",
    "stream.ids-unique",
    "stream.deltas-add-up",
    "persistence.reload-answers",
    "persistence.reload-equals-stream",
    "gemini.history-user-messages",
    "gemini.history-answers",
)
"""What other findings can be a shadow of, the deepest cause first."""

LATER_TURNS = frozenset(
    {
        "stream.turn-works",
        "persistence.third-turn-works",
        "persistence.turn-after-disconnect-works",
        "persistence.turn-after-concurrent-messages",
        "persistence.turn-after-retry-works",
        "persistence.turn-after-kill",
        "persistence.restart-next-turn",
        "persistence.disconnect-anywhere-thread-works",
        "persistence.killed-anywhere-thread-works",
        "errors.next-turn-works",
        "errors.retry-after-fault-answers",
        "tools.turn-after-works",
        "tools.bad-arguments-then-next-turn",
        "attachments.next-turn-works",
        "client-tools.turn-after-works",
        "client-tools.turn-after-questions-works",
        "widgets.turn-after-works",
    }
)
"""Checks of a message that follows something in its thread: none is answered where no second message ever is. That a
turn works at all is asked in second turns, too: what is left of it shows when these are mended."""

KEPT_BY_ID = frozenset(
    {
        "persistence.no-duplicate-items",
        "persistence.reload-answers",
        "persistence.reload-equals-stream",
        "persistence.thread-as-expected",
    }
)
"""Checks of what a reload shows: of two items with one id it shows one, or both under the same. What was shown before
is not known where it could not be read."""

IN_ORDER = KEPT_BY_ID | {
    "persistence.answer-stored-once",
    "persistence.long-thread-whole",
    "persistence.message-stored-once",
    "persistence.one-order-of-messages",
    "persistence.retry-leaves-one-answer",
    "persistence.retry-removes-later-turns",
}
"""Checks of what a reload shows that read it from its beginning: where the newest item comes first, the pages that
follow repeat it, and what is looked for at the end stands at the beginning."""

DEPENDS: Mapping[str, Callable[[Check, frozenset[str]], bool]] = {
    "persistence.order-oldest-first": lambda check, _: check.id in IN_ORDER,
    "stream.ids-unique": lambda check, _: check.id in KEPT_BY_ID,
    "errors.server-stays-up": lambda check, _: not check.everywhere,
    "persistence.restart-keeps-thread": lambda _, held: all(_restarts(name) for name in held),
    "persistence.second-turn-works": lambda check, _: check.id in LATER_TURNS,
    "security.no-token-refused": lambda check, _: bool(check.needs),
    "security.foreign-origin-changes-nothing": lambda check, _: "cookie" in check.needs,
}
"""Check -> whether the findings of another, in the exchanges given, depend on what it asks for."""

WHERE_IT_FAILED = frozenset({"errors.server-stays-up", "persistence.order-oldest-first", "stream.ids-unique"})
"""Of these, the ones whose shadows lie only in conversations in which they failed themselves."""

UNREAD = re.compile(
    r"thread\.item\.(?:added|done|replaced): (?:a field 'item'|item: (?:object|a field '(?:id|type|content)'))"
    r"|thread\.item\.updated: (?:update: object|a field '(?:update|item_id)')"
    r"|thread\.created: (?:thread: object|a field 'thread'|thread: a field 'id')"
)
"""What a finding of UNREADABLE expects where an event cannot be read at all."""

UNREADABLE = "stream.events-valid"

COUNTED: frozenset[Outcome] = frozenset({"failed", "warned"})

Place = tuple[str, str, str]
"""Exchange, dialect, reply."""


def roots(rows: Iterable[CheckResult]) -> dict[str, str]:
    """For each check that failed only for what a root is about, or only where a root had failed: the root's id."""
    given = [row for row in rows if row.outcome in COUNTED]
    found = _dependent(given)
    broken = {row.id: places for row in given if (places := _places(row))}
    unread = {
        (f.exchange, f.dialect, f.reply)
        for row in given
        if row.id == UNREADABLE
        for f in row.findings
        if UNREAD.match(f.expected)
    }
    for id, places in broken.items():
        spoilt = {place[:2] for place in places} <= {place[:2] for place in unread}
        if id != UNREADABLE and (places <= unread or (id in KEPT_BY_ID and spoilt)):
            found[id] = UNREADABLE
        if id in found or (id in found.values() and id not in ROOTS):
            continue
        for root in ROOTS:
            if root == id:
                break  # what comes after it is its shadow, not its cause
            if root in broken and places <= broken[root]:
                found[id] = root
                break
    return {id: _deepest(root, found) for id, root in found.items()}


def _deepest(root: str, found: Mapping[str, str]) -> str:
    """The root of a root, which stands before it in ROOTS, down to one that has none."""
    while root in found:
        root = found[root]
    return root


def _dependent(rows: Iterable[CheckResult]) -> dict[str, str]:
    """For each check that failed for what another is about: that one's id."""
    broken = {row.id: frozenset(finding.exchange for finding in row.findings) for row in rows if row.findings}
    known = {check.id: check for check in checks() if check.id in broken}
    return {
        id: root
        for root, fits in DEPENDS.items()
        for id, held in broken.items()
        if root in broken
        and id != root
        and id in known
        and fits(known[id], held)
        and (root not in WHERE_IT_FAILED or held <= broken[root])
    }


def _restarts(exchange: str) -> bool:
    """Whether the server is stopped and started again in it."""
    known = exchanges().get(exchange)
    return known is not None and known.capability == "restart"


def _places(row: CheckResult) -> set[Place]:
    """Where it was found; empty where a finding names no reply, since then nothing can be said."""
    places = {(f.exchange, f.dialect, f.reply) for f in row.findings}
    return places if all(reply for _, _, reply in places) else set()
