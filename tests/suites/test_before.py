"""What a store had lost before a thread was renamed, retried or rated is held against none of these."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatkit_conformance.check import CHECKS
from chatkit_conformance.transcript import Transcript
from tests.suites import conversations_boundaries as boundaries
from tests.suites import conversations_requests as requests
from tests.suites import conversations_together as together
from tests.suites.build import Data
from tests.suites.edits import items, silent
from tests.suites.test_checks import judged


def _unsaid(rows: list[Data]) -> list[Data]:
    return [row for row in rows if row["type"] != "assistant_message"]


def _unasked(rows: list[Data]) -> list[Data]:
    return [row for row in rows if row["type"] != "user_message"]


def _lacking(t: Transcript, change: Callable[[list[Data]], list[Data]]) -> Transcript:
    """The transcript of a server whose every reload lacks the same items."""
    for reply in t.replies:
        if reply.type == "threads.get_by_id" and reply.status == 200:
            t = items(t, reply.label, change)
    return t


FORGETFUL = {
    "persistence.rename-keeps-items": _lacking(together.rename_and_delete(), _unsaid),
    "persistence.delete-spares-others": _lacking(together.rename_and_delete(), _unsaid),
    "protocol.feedback-keeps-items": _lacking(requests.feedback(), _unsaid),
    "persistence.retry-leaves-one-answer": _lacking(together.retry(), _unasked),
    "persistence.retry-removes-later-turns": _lacking(together.retry(), _unasked),
    "persistence.disconnect-anywhere-keeps-answer": _lacking(boundaries.left(), _unsaid),
    "persistence.disconnect-anywhere-keeps-message": _lacking(boundaries.left(), _unasked),
    "persistence.killed-anywhere-keeps-answer": _lacking(boundaries.killed(), _unsaid),
    "persistence.killed-anywhere-keeps-message": _lacking(boundaries.killed(), _unasked),
}
"""Servers that store no answers, or no messages of the user's, by the check that must not say so."""

DEAF = {
    "persistence.retry-answers": silent(silent(together.retry(), "turn-2"), "retry"),
    "persistence.turn-after-retry-works": silent(silent(together.retry(), "turn-2"), "turn-3"),
    "persistence.disconnect-anywhere-thread-works": silent(silent(boundaries.left(), "list"), "next-sent"),
    "persistence.killed-anywhere-thread-works": silent(silent(boundaries.killed(), "list"), "next-sent"),
}
"""Servers that answer no second turn in any thread, by the check that must not say so."""


@pytest.mark.parametrize("id", [*FORGETFUL, *DEAF])
def test_what_was_so_before_is_no_finding_of_what_came_after(id: str) -> None:
    """No finding: either the thread is as it was before, or the check says that it cannot be tested."""
    assert not judged(CHECKS[id], {**FORGETFUL, **DEAF}[id])
