"""What the browser or the user answered reaches the model."""

from __future__ import annotations

import re

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import SPEC_HISTORY, types
from ..evidence import content_text, shorten


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


ZERO = re.compile(r"(?<![\w.])0(?![\w.])")
"""The number alone, and no digit of another one."""


@check(
    "client-tools.zero-told",
    level=SHOULD,
    needs=("model",),
    clause=types("97-108") + ": the result of a client tool is any JSON value; " + SPEC_HISTORY,
    cause='The output is read as a truth value: `result or "ok"` loses 0, false and an empty text.',
    fix="Send the result as JSON whatever it is; compare with None where there may be none.",
    capability="client_tools",
)
def zero_told(t: Transcript) -> Findings:
    """A client tool's result that is the number zero reaches the model as a zero."""
    told, judged = t.notes.get(EXPECTED, {}), False
    for asked in asked_in(t):
        r, nonce = asked.reply, told.get(asked.reply.label, {}).get("tells_zero")
        later = [c for c in t.calls if nonce and c.nonce == nonce and not c.side and c.at >= r.sent_at]
        if not later or asked.wrong or not r.accepted:
            continue
        judged = True
        before = [c for c in t.calls if c.nonce == nonce and not c.side and c.at < r.sent_at]
        new = _new(later[0], before)
        if new and not any(ZERO.search(text) for text in new):
            expected = "the result 0 in a message"
            yield Finding(expected=expected, got=f"new is {shorten(new)}", reply=r.label, call=later[0].n)
    if not judged:
        raise NotJudged(f"No client tool of {t.exchange} had the result 0.")


def _new(call: Call, before: list[Call]) -> list[str]:
    """What a request tells that none before it did: the result of its newest call, or else every new message."""
    known = {content_text(m.get("content")) for c in before for m in c.messages}
    results = [content_text(m.get("content")) for m in call.messages[-1:] if m.get("role") == "tool"]
    return results or [text for m in call.messages if (text := content_text(m.get("content"))) and text not in known]
