"""What is no right request, in the middle of a conversation: it is refused, and the server's own mistake never."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED
from chatkit_conformance.transcript import Transcript

from ..clauses import HTTP_4XX, SPEC_FAULTS
from ..evidence import LIMITED, OTHERS_FAIL, answered, refused_as_wrong


@check(
    "errors.wrong-request-refused",
    level=SHOULD,
    clause=HTTP_4XX,
    cause="What is not valid, or not there, raises where nothing catches it, or is taken for something else.",
    fix="Answer 400 for a body that does not fit its type and 404 for an unknown id, in one exception handler.",
)
def wrong_request_refused(t: Transcript) -> Findings:
    """A body that is no request, or a request about nothing, is answered with 4xx; a spoilt one never with HTTP 500."""
    told = t.notes.get(EXPECTED, {})
    asked = [(r, what) for r in t.replies if {"wrong", "spoilt"} & set(what := told.get(r.label, {}))]
    judged = [(r, what) for r, what in asked if r.status and r.status != LIMITED]
    if not judged:
        raise Untestable(f"nobody in {t.exchange} asked for what is no right request")
    for r, what in judged:
        if r.status >= 500 and r.status not in OTHERS_FAIL:
            yield Finding(
                expected=f"a refusal with 4xx: {what.get('wrong') or what['spoilt']}", got=answered(r), reply=r.label
            )
        elif "wrong" in what and not refused_as_wrong(r) and r.status < 500:
            got = f"{answered(r)}, ended {r.ended}"
            yield Finding(expected=f"4xx, or an `error` event: {what['wrong']}", got=got, reply=r.label)


@check(
    "errors.wrong-request-answered",
    level=MUST,
    clause="RFC 9110 section 3.4: a server answers each request; " + SPEC_FAULTS + ", never a hang",
    cause="A value of a kind that nobody expected ends the handler without an answer, or sends it into a long loop.",
    fix="Check the whole body against the request's model first, and answer 4xx where it does not fit.",
    criteria=("SC-008",),
)
def wrong_request_answered(t: Transcript) -> Findings:
    """A body that is no request, a request about nothing and a spoilt one are answered, or the connection is closed."""
    told = t.notes.get(EXPECTED, {})
    asked = [(r, what) for r in t.replies if {"wrong", "spoilt"} & set(what := told.get(r.label, {}))]
    if not any(r.status for r, _ in asked):
        raise Untestable(f"nobody in {t.exchange} asked for what is no right request and was answered")
    for r, what in asked:
        if not r.status and r.ended == "deadline":
            expected = f"an answer: {what.get('wrong') or what['spoilt']}"
            yield Finding(expected=expected, got=answered(r), reply=r.label)
