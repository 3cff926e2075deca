"""Credentials that sign nobody in, in the middle of a conversation."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_AUTH
from ..evidence import answered, let_in


@check(
    "security.impostor-refused",
    level=MUST,
    needs=("sign-in", "token"),
    clause=SPEC_AUTH,
    cause="A kind of request, or a thread that is known already, is served before the token was looked at.",
    fix="Check the token first, for the whole endpoint, with one fixed key and one fixed list of algorithms.",
)
def impostor_refused(t: Transcript) -> Findings:
    """Nobody reads, lists, renames or writes with credentials that are missing, forged, unsigned or out of time."""
    told = t.notes.get(EXPECTED, {})
    tried = [(r, what) for r in t.replies if "impostor" in (what := told.get(r.label, {}))]
    if not tried:
        raise Untestable(f"nobody in {t.exchange} came with bad credentials")
    if not any(r.user and r.accepted for r in t.replies):
        raise Untestable(f"no request of {t.exchange} with valid credentials was accepted")
    asked = {c.nonce for c in t.calls}
    for r, what in tried:
        if let_in(r):
            yield Finding(expected=f"HTTP 401 or 403: {what['refused']}", got=answered(r), reply=r.label)
        elif r.label.endswith("threads.add_user_message") and what["nonce"] in asked:
            expects = f"the model not asked: {what['refused']}"
            yield Finding(expected=expects, got=f"it was, though {answered(r)}", reply=r.label)
