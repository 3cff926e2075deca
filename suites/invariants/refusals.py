"""Requests that are refused: with a status that says who erred."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import HTTP_4XX
from ..evidence import OTHERS_FAIL, answered

EVERYWHERE = (
    "threads.create",
    "threads.add_user_message",
    "threads.get_by_id",
    "threads.list",
    "threads.update",
    "threads.delete",
    "items.list",
)
"""Requests that every server serves. Of the others, protocol.features-refused-cleanly tells."""


@check(
    "errors.no-internal-error",
    level=SHOULD,
    clause=HTTP_4XX,
    cause="An exception for what is not found, not the user's own or not valid reaches the web framework.",
    fix="Turn the store's NotFoundError and a request's ValidationError into 404 and 400 in one exception handler.",
)
def no_internal_error(t: Transcript) -> Findings:
    """No request is answered with HTTP 500, whatever it asks for, unless the model failed in it."""
    failed = {turn.asked.n for turn in turns_in(t) if turn.broken}
    asked = [a for a in asked_in(t) if a.reply.type in EVERYWHERE and not a.reply.raw and a.n not in failed]
    if not any(a.reply.status for a in asked):
        raise Untestable(f"No request of {t.exchange} was answered.")
    for a in asked:
        if a.reply.status >= 500 and a.reply.status not in OTHERS_FAIL:
            expected = f"a refusal with 4xx, for {a.wrong}" if a.wrong else "an answer"
            yield Finding(expected=expected, got=answered(a.reply), reply=a.reply.label)
