"""Answers to wrong requests that were drawn from the wire's schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import HTTP_4XX, SPEC_FAULTS
from ..evidence import LIMITED, OTHERS_FAIL, answer_text, answered, labelled, note, outcome, reply

DRAWN = ("wrong_requests", "many_wrong_requests")

MOST_TOLD = 20
"""Findings of one check: a server that fails on every field has been told enough."""


def _sent(t: Transcript) -> Iterator[tuple[Reply, Mapping[str, Any]]]:
    """The wrong requests with what was wrong in them; of those that were shrunk, the smallest.

    Raises:
        Untestable: none was sent, or the server's own limit refused them all.
    """
    rows, made = note(t, "wrong"), [r for r in labelled(t, "wrong-") if r.status != LIMITED]
    if not made:
        raise Untestable("The server's own limit refused the first wrong request.")
    for r in made:
        row = rows.get(r.label)
        if row is not None and "smaller" not in row:
            yield r, row


def _told(findings: dict[str, Finding]) -> Findings:
    yield from list(findings.values())[:MOST_TOLD]


@check(
    "errors.drawn-requests-answered",
    level=MUST,
    on=DRAWN,
    clause="RFC 9110 section 3.4: a server answers each request; " + SPEC_FAULTS + ", never a hang",
    cause="A value of a kind that nobody expected ends the handler without an answer, or sends it into a long loop.",
    fix="Check the whole body against the request's model first, and answer 4xx where it does not fit.",
    criteria=("SC-008",),
)
def drawn_requests_answered(t: Transcript) -> Findings:
    """Each wrong request drawn from the schema gets a complete HTTP response in time."""
    found: dict[str, Finding] = {}
    for r, row in _sent(t):
        closed = not r.status and r.ended == "cut" and not row["may_be_closed_on"]
        if r.ended == "deadline" or closed:
            got = f"{answered(r)}, ended {r.ended}"
            found.setdefault(row["words"], Finding(expected=f"a response to {row['words']}", got=got, reply=r.label))
    yield from _told(found)


@check(
    "errors.drawn-requests-no-internal-error",
    level=SHOULD,
    on=DRAWN,
    clause=HTTP_4XX,
    cause="A value that the request's model lets through is refused by what comes after it: a decoder, the database.",
    fix="Answer 4xx for every value that cannot be used, and catch the errors of decoders and of the database.",
)
def drawn_requests_no_internal_error(t: Transcript) -> Findings:
    """No wrong request drawn from the schema is answered with HTTP 500."""
    found: dict[str, Finding] = {}
    for r, row in _sent(t):
        if r.status >= 500 and r.status not in OTHERS_FAIL:
            expected = f"HTTP 4xx for {row['words']}"
            found.setdefault(row["words"], Finding(expected=expected, got=answered(r), reply=r.label))
    yield from _told(found)


@check(
    "errors.survives-drawn-requests",
    level=MUST,
    on=DRAWN,
    clause=SPEC_FAULTS + ", never a crash",
    cause="A wrong request ended the worker, or left a lock or a transaction open.",
    fix="Catch every exception in the request's handler, and close sessions in `finally`.",
    criteria=("SC-008",),
)
def survives_drawn_requests(t: Transcript) -> Findings:
    """After wrong requests drawn from the schema, a new thread is answered."""
    if "I am ready." not in answer_text(begun := reply(t, "begin")):
        raise Untestable(f"No thread could be begun before them: {answered(begun)}.")
    r = reply(t, "next")
    if r.status == LIMITED:
        raise Untestable("The server's own limit refused the last request.")
    if not r.accepted or "I am here." not in answer_text(r):
        yield Finding(expected="answer “Yes, I am here.”", got=outcome(r), reply="next")
