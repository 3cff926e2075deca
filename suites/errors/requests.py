"""Answers to requests that are wrong."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, check
from chatkit_conformance.transcript import Transcript
from chatkit_conformance.wrong_requests.by_hand import BODIES, UNKNOWN

from ..clauses import HTTP_4XX, SPEC_FAULTS
from ..evidence import (
    answered,
    body,
    note,
    outcome,
    page,
    refused_as_wrong,
    reply,
    says,
)

UNHANDLED = "process() raises on it (ValidationError, NotFoundError), and nothing between it and HTTP catches that."
BODY_FIX = (
    "Catch pydantic's ValidationError around server.process() and answer 400 with a JSON body that names the field."
)
THREAD_FIX = "Look the thread up before the stream begins and answer 404, or yield an `error` event first."


def _declare(id: str, labels: tuple[str, ...], requirement: str, fix: str) -> None:
    """Declare the check that the replies of these labels are refusals."""

    def judge(t: Transcript) -> Findings:
        for label in labels:
            r = reply(t, label)
            if not refused_as_wrong(r):
                got = f"{answered(r)}, ended {r.ended}"
                yield Finding(expected="4xx, or an `error` event", got=got, reply=label)

    judge.__doc__ = requirement
    check(
        id,
        level=SHOULD,
        on=("bad_requests",),
        clause=HTTP_4XX,
        cause=UNHANDLED,
        fix=fix,
        criteria=(),
    )(judge)


_ROWS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    (
        "bad-json",
        ("not-json", "empty-body", "array"),
        "A body that is not a JSON object is answered with 4xx.",
        BODY_FIX,
    ),
    (
        "unknown-type",
        ("no-type", "unknown-type"),
        "A request with an unknown or missing type is answered with 4xx.",
        BODY_FIX,
    ),
    (
        "missing-params",
        ("no-params", "no-thread-id", "no-input"),
        "A request without the required parameters of its type is answered with 4xx.",
        BODY_FIX,
    ),
    (
        "wrong-params",
        ("wrong-content", "wrong-order"),
        "A request with parameters of the wrong type is answered with 4xx.",
        BODY_FIX,
    ),
    (
        "unknown-thread-read",
        ("unknown-get", "unknown-items"),
        "Reading an unknown thread is answered with 4xx.",
        THREAD_FIX,
    ),
    ("unknown-thread-update", ("unknown-update",), "Renaming an unknown thread is answered with 4xx.", THREAD_FIX),
    (
        "unknown-thread-stream",
        ("unknown-say", "unknown-retry"),
        "A streaming request about an unknown thread gets 4xx, or a complete stream with an error event.",
        THREAD_FIX,
    ),
)

for _id, _labels, _requirement, _fix in _ROWS:
    _declare(f"errors.{_id}", _labels, _requirement, _fix)


@check(
    "errors.survives-bad-requests",
    level=MUST,
    on=("bad_requests",),
    clause=SPEC_FAULTS + ", never a crash",
    cause="A bad request crashed the worker, or left a lock or a transaction open.",
    fix="Catch every exception in the request's handler, and close sessions in `finally`.",
    criteria=("SC-008",),
)
def survives(t: Transcript) -> Findings:
    """After many bad requests, a valid one is answered."""
    r = reply(t, "next")
    if not says(t, r, "I am here."):
        yield Finding(expected="answer “Yes, I am here.”", got=outcome(r), reply="next")


@check(
    "errors.every-request-answered",
    level=MUST,
    on=("bad_requests",),
    clause="RFC 9110 section 3.4: a server answers each request; " + SPEC_FAULTS,
    cause="The connection is dropped, or the handler waits for something that never comes.",
    fix="Answer 4xx as soon as the body cannot be parsed as a ChatKit request.",
    criteria=("SC-008",),
)
def every_request_answered(t: Transcript) -> Findings:
    """Each bad request gets an HTTP response in time."""
    for label in (*BODIES, *UNKNOWN):
        r = reply(t, label)
        if not r.status or r.ended == "deadline":
            yield Finding(expected="an HTTP response", got=f"{answered(r)}, ended {r.ended}", reply=label)


@check(
    "persistence.reading-creates-nothing",
    level=MUST,
    on=("bad_requests",),
    clause="openai-chatkit 1.6.5 chatkit/types.py L42-52: threads.get_by_id fetches a thread; RFC 9110 section 9.2.1",
    cause="The store creates a thread for an unknown id instead of raising NotFoundError.",
    fix="Raise NotFoundError from load_thread and load_thread_items for an unknown id.",
)
def reading_creates_nothing(t: Transcript) -> Findings:
    """Reading an unknown thread does not create it."""
    nowhere = note(t, "nowhere")
    r = reply(t, "still-unknown")
    if r.accepted and isinstance(r.body, dict) and r.body.get("id") == nowhere:
        yield Finding(expected=f"no thread {nowhere!r}", got=f"{answered(r)}", reply=r.label)
    if any(row.get("id") == nowhere for row in page(body(reply(t, "list")), "list")):
        yield Finding(expected=f"no thread {nowhere!r} in the list", got="it is listed", reply="list")
