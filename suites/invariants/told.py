"""What the browser or the user answered reaches the model."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_HISTORY
from ..evidence import content_text


@check(
    "client-tools.answer-told",
    level=MUST,
    needs=("model",),
    clause=SPEC_HISTORY,
    cause="What the browser or the user answered is stored but left out of the request to the model.",
    fix="Send it as the result of the call that asked, under the call's id.",
    capability="client_tools",
)
def answer_told(t: Transcript) -> Findings:
    """What a client tool returned, and what a user wrote in a form, is in the next request to the model."""
    told, judged = t.notes.get(EXPECTED, {}), False
    for asked in asked_in(t):
        r, what = asked.reply, told.get(asked.reply.label, {})
        if "tells" not in what or asked.wrong or not r.accepted:
            continue
        later = [c for c in t.calls if c.nonce == what["nonce"] and not c.side and c.at >= r.sent_at]
        judged = judged or bool(later)
        if later and not any(what["tells"] in content_text(m.get("content")) for m in later[0].messages):
            got = f"{len(later[0].messages)} messages without it"
            yield Finding(expected=f"{what['tells']!r} in a message", got=got, reply=r.label, call=later[0].n)
    if not judged:
        raise Untestable(f"the model was not asked again after an answer of the browser's in {t.exchange}")
