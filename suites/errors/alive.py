"""Requests that end the server, and requests that it never answers: each is a finding, and the others are judged on."""

from __future__ import annotations

from collections.abc import Iterator

from chatkit_conformance.check import EVERYWHERE, MUST, WHOLE_RUN, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import DIED, IN_WORDS, JSON, Transcript

from ..clauses import SPEC_FAULTS
from ..evidence import STREAMING, answered, shorten

SHOWN = 12
"""Last lines of the server's output that a finding holds."""


@check(
    "errors.server-stays-up",
    level=MUST,
    on=(*EVERYWHERE, WHOLE_RUN),
    clause=SPEC_FAULTS + ", never a hang, a crash",
    cause="An exception reaches the main loop, a library aborts the process, or the code calls exit.",
    fix="Catch what one request can raise where that request is handled. The output shows what ended the process.",
    criteria=("SC-008",),
)
def server_stays_up(t: Transcript) -> Findings:
    """No request ends the server's process."""
    if t.exchange == WHOLE_RUN:
        for row in _rows(t, "deaths"):
            beside = ", ".join(row.get("beside") or ()) or "nobody"
            yield Finding(expected="a server that runs", got=f"{_told(row)} (talking with it: {beside})")
        return
    if not any(r.status for r in t.replies) and DIED not in t.notes:
        raise Untestable(f"No request of {t.exchange} was answered.")
    for row in _rows(t, DIED):
        got = f"{row['request'] or 'a request'} ended it: {_told(row)}"
        yield Finding(expected="a server that answers the next request", got=got, reply=str(row["reply"]))


def _rows(t: Transcript, name: str) -> Iterator[dict[str, JSON]]:
    rows = t.notes.get(name)
    yield from (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))


def _told(row: dict[str, JSON]) -> str:
    printed = row.get("printed") or ["nothing"]
    return f"the server {row['how']}: {shorten(row['said'])}. Its last lines: {' | '.join(map(str, printed[-SHOWN:]))}"


@check(
    "protocol.no-request-hangs",
    level=MUST,
    clause=SPEC_FAULTS + ", never a hang; RFC 9110 section 3.4: a server answers each request",
    cause="The handler waits for a lock, a queue or a connection that never comes, for what this request holds.",
    fix="Give each wait a deadline of its own, and answer with an error when it passes.",
    criteria=("SC-008",),
)
def no_request_hangs(t: Transcript) -> Findings:
    """Every request is answered before its deadline, whatever it asks for."""
    waiting = {turn.asked.n for turn in turns_in(t) if turn.broken or (not turn.sound and turn.calls)}
    asked = [a for a in asked_in(t) if not a.reply.raw and not a.wrong.startswith("it was cut with")]
    if not any(a.reply.status for a in asked):
        raise Untestable(f"No request of {t.exchange} was answered.")
    for a in asked:
        if IN_WORDS in t.notes and a.reply.type in STREAMING:
            continue  # a model that cannot be seen may be what is waited for
        if a.reply.ended == "deadline" and not a.reply.streamed and a.n not in waiting and not a.overlaps:
            got = f"{a.reply.type}: {answered(a.reply)}"
            yield Finding(expected="an answer", got=got, reply=a.reply.label)
