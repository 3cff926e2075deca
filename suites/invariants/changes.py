"""What a user does with their own thread, wherever it comes in a conversation: it is taken."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import MOVES
from chatkit_conformance.stream.asked import Asked, in_place
from chatkit_conformance.transcript import Transcript

from ..clauses import types
from ..evidence import CONFLICT, LIMITED, answered
from .listed import under_way

KINDS = {"delete": "threads.delete", "rate": "items.feedback"}
"""The moves by which a user deletes a thread and rates its newest answer -> the request of each."""

NOT_THERE = (404, 410)
"""Of an answer that something took away meanwhile, such as a retry of the message before it."""


@check(
    "protocol.own-changes-accepted",
    level=MUST,
    clause=types("180-192, 291-301") + ": items.feedback, positive or negative, and threads.delete",
    cause="The request is not handled, or fails for what is older, was rated before, or is rated so.",
    fix="Delete the items with the thread; store the latest feedback for each item, of either kind.",
)
def own_changes_accepted(t: Transcript) -> Findings:
    """A user can delete their own thread, and rate its newest answer either way, at any time and again.

    While an answer is under way in the thread, 409 is right, too.
    """
    rows = {label: row["kind"] for row in t.notes.get(MOVES, ()) for label in row["replies"] if row["kind"] in KINDS}
    asked = [a for a in in_place(t) if a.reply.type == KINDS.get(rows.get(a.reply.label, "")) and not _excused(t, a)]
    if not asked:
        raise Untestable(f"Nobody in {t.exchange} deleted a thread or rated an answer.")
    for a in asked:
        if not a.reply.accepted:
            yield Finding(expected="HTTP 2xx", got=answered(a.reply), reply=a.reply.label)


def _excused(t: Transcript, a: Asked) -> bool:
    """Whether something else than the server can be the reason that it was not taken."""
    r = a.reply
    gone = r.type == "items.feedback" and r.status in NOT_THERE
    return r.status == LIMITED or gone or not r.status or (r.status == CONFLICT and under_way(t, a))
