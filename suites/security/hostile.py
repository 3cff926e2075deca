"""Hostile bodies, foreign origins, too many requests, and what an answer may tell of the server."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.http.retry_after import BRIEF_S, MOST_S, seconds_told
from chatkit_conformance.moves.strangers import TELLING
from chatkit_conformance.transcript import IN_WORDS, Reply, Transcript
from chatkit_conformance.wrong_requests.hostile import HOSTILE

from ..clauses import HTTP_4XX, SPEC_FAULTS, SPEC_OWNER
from ..evidence import answered, labelled, note, reply
from ..exchanges.hostile import STRANGE_ORIGIN, WINDOWS

CRASHED = "The parser recurses, or an id goes unchecked into a query, a path or an encoder."
GUARD = "Limit size and depth before parsing, bind parameters in queries, and catch every exception in the handler."


@check(
    "security.hostile-bodies-answered",
    level=MUST,
    on=("hostile_bodies",),
    clause=SPEC_FAULTS + ", never a hang, a crash; RFC 9110 section 3.4",
    cause=CRASHED,
    fix=GUARD,
    criteria=("SC-008",),
)
def hostile_answered(t: Transcript) -> Findings:
    """Deeply nested, huge, malformed and malicious bodies each get an HTTP response in time."""
    for label in HOSTILE:
        r = reply(t, label)
        if not r.status or r.ended == "deadline":
            yield Finding(expected="an HTTP response", got=f"{answered(r)}, ended {r.ended}", reply=label)
    r = reply(t, "huge-body")
    # A server may close the connection on a body that it will not read.
    if r.ended == "deadline":
        yield Finding(
            expected="an HTTP response, or a closed connection", got=f"{answered(r)}, ended {r.ended}", reply=r.label
        )


CLAMPED = ("huge-number",)
"""Bodies with a number beyond all bounds: a server may well take it for the greatest that it knows."""


@check(
    "security.hostile-bodies-refused",
    level=SHOULD,
    on=("hostile_bodies",),
    clause=HTTP_4XX,
    cause=CRASHED,
    fix=GUARD,
)
def hostile_refused(t: Transcript) -> Findings:
    """Deeply nested, malformed and malicious bodies are refused with 4xx, not answered with 5xx or success."""
    for label in HOSTILE:
        r = reply(t, label)
        if not r.refused and not (label in CLAMPED and r.accepted):
            yield Finding(expected="HTTP 4xx", got=answered(r), reply=label)


@check(
    "security.survives-hostile-bodies",
    level=MUST,
    on=("hostile_bodies",),
    clause=SPEC_FAULTS + ", never a crash",
    cause="A malicious body crashed the worker, or left a lock or a transaction open.",
    fix=GUARD,
    criteria=("SC-008",),
)
def survives_hostile(t: Transcript) -> Findings:
    """After malicious bodies, a normal request is answered."""
    r = reply(t, "next")
    if not r.accepted:
        yield Finding(expected="HTTP 200", got=answered(r), reply="next")


@check(
    "security.oversized-body-refused",
    level=SHOULD,
    on=("hostile_bodies",),
    clause="RFC 9110 section 15.5.14: 413 for content larger than the server will process; [limits] max_body_bytes",
    cause="The whole body is read before its size is checked, or there is no limit.",
    fix="Answer 413 based on Content-Length, and count the bytes as they arrive.",
)
def oversized_refused(t: Transcript) -> Findings:
    """A body above the declared limit is answered with 413, and a two-megabyte body is not answered with 5xx."""
    r, most = reply(t, "huge-body"), t.notes.get("max_body_bytes")
    if most and r.status != 413:
        yield Finding(expected=f"HTTP 413 above {most} bytes", got=answered(r), reply=r.label)
    elif r.status >= 500:
        yield Finding(expected="HTTP 413, or another response below 500", got=answered(r), reply=r.label)


def _allowed(r: Reply) -> str:
    return r.headers.get("access-control-allow-origin", "")


@check(
    "security.cors-on-errors",
    level=SHOULD,
    on=("other_origin",),
    clause="Fetch standard, CORS check: without Access-Control-Allow-Origin a browser hides even the status",
    cause="The exception is turned into a response outside the CORS middleware.",
    fix="Catch exceptions inside the CORS middleware.",
)
def cors_on_errors(t: Transcript) -> Findings:
    """Error responses have the same CORS headers as successful ones."""
    good = reply(t, "good")
    for label in ("bad-json", "bad-thread", "bad-nobody"):
        r = reply(t, label)
        if _allowed(good) and _allowed(r) != _allowed(good):
            expected = f"Access-Control-Allow-Origin: {_allowed(good)}"
            yield Finding(expected=expected, got=f"HTTP {r.status}, {_allowed(r) or 'no such header'}", reply=label)


@check(
    "security.cors-not-for-all",
    level=SHOULD,
    on=("other_origin",),
    clause="Fetch standard, CORS protocol and credentials; OWASP, cross-origin resource sharing: name the origins",
    cause="Any origin is echoed while credentials are allowed, so any website can send the user's cookie.",
    fix="List the origins of your own front ends, or do not allow credentials.",
)
def cors_not_for_all(t: Transcript) -> Findings:
    """An unknown origin is not allowed to send the user's cookies."""
    r = reply(t, "strange")
    if _allowed(r) == STRANGE_ORIGIN and r.headers.get("access-control-allow-credentials", "").lower() == "true":
        yield Finding(
            expected=f"{STRANGE_ORIGIN} not allowed", got=f"allowed: {_allowed(r)}, with credentials", reply=r.label
        )


SPEC_LIMIT = "user specification, also required: rate limiting with a clear answer"


@check(
    "security.rate-limit-429",
    level=MUST,
    on=("rate_limit",),
    clause=SPEC_LIMIT + "; RFC 6585 section 4: 429 Too Many Requests",
    cause="The limit does not count this endpoint, is counted per process, or is answered with 5xx.",
    fix="Count requests per user before processing them, and answer 429.",
    capability="rate_limit",
)
def rate_limit_429(t: Transcript) -> Findings:
    """Requests above the declared limit per minute are refused with 429."""
    sent = labelled(t, "burst-")
    last = sent[-1]
    if last.accepted and len(sent) <= WINDOWS * note(t, "limit"):
        raise NotJudged(f"{len(sent)} requests were sent, and {note(t, 'limit')} are allowed in a minute.")
    if last.status != 429:
        expected = f"HTTP 429 after {note(t, 'limit')} requests"
        yield Finding(
            expected=expected, got=f"{answered(last)} to request {last.label.removeprefix('burst-')}", reply=last.label
        )


@check(
    "security.rate-limit-retry-after",
    level=SHOULD,
    on=("rate_limit",),
    clause=SPEC_LIMIT + "; RFC 6585 section 4 and RFC 9110 section 10.2.3: Retry-After",
    cause="The refusal has no Retry-After header or no message.",
    fix="Send Retry-After with the seconds to wait, and a JSON body that says so.",
    capability="rate_limit",
)
def rate_limit_retry_after(t: Transcript) -> Findings:
    """A 429 says when to come again."""
    last = labelled(t, "burst-")[-1]
    if last.status != 429:
        raise Untestable(f"No request was refused with 429: the last was answered with {answered(last)}.")
    if seconds_told(last.headers.get("retry-after", "")) is None:
        got = f"Retry-After: {last.headers.get('retry-after', 'none')}"
        yield Finding(expected="Retry-After: seconds, or a date", got=got, reply=last.label)


@check(
    "security.rate-limit-per-user",
    level=MUST,
    on=("rate_limit",),
    clause=SPEC_LIMIT + "; every conversation belongs to one user",
    cause="Requests are counted for the whole server, or by an address that users share.",
    fix="Count by the user of the token.",
    capability="rate_limit",
)
def rate_limit_per_user(t: Transcript) -> Findings:
    """One user's burst of requests does not lock another user out."""
    labelled(t, "burst-")
    r = reply(t, "other-user")
    if not r.accepted:
        yield Finding(expected="HTTP 200 for user a", got=answered(r), reply="other-user")


@check(
    "security.public-pages-tell-nothing",
    level=SHOULD,
    on=("public_pages",),
    clause=SPEC_OWNER + "; OWASP API8:2023, security misconfiguration: pages of operators that anybody can open",
    cause="A page of metrics or of the server's state is open to everybody, and its labels are made of threads.",
    fix="Keep it behind a sign-in or on a port of its own, and count without names.",
)
def public_pages_tell_nothing(t: Transcript) -> Findings:
    """A page that is open to everybody tells neither a user's words nor the id of a thread."""
    pages = labelled(t, "page-")
    threads = [] if IN_WORDS in t.notes else [reply(t, "turn").thread_id]
    for r in pages:
        told = "".join((r.text, str(r.body), *(e.raw for e in r.events)))
        for what in (str(note(t, "words")), *threads):
            if r.accepted and len(what) >= TELLING and what in told:
                yield Finding(expected=f"nothing of {what!r} for nobody", got=answered(r), reply=r.label)


@check(
    "security.turned-away-let-in-again",
    level=SHOULD,
    on=("whole_run",),
    clause="RFC 6585 section 4: 429 is for a given amount of time; RFC 9110 section 10.2.3: Retry-After says how long",
    cause="An answer that its user leaves never gives its place back; or requests that are turned away count as well.",
    fix="Give the place back in a finally that a lost client reaches, too, and tell the seconds that are really left.",
)
def turned_away_let_in(t: Transcript) -> Findings:
    """Who is turned away with 429 and comes again when the server says is let in within a minute and a half."""
    if not isinstance(t.notes.get("turned_away"), dict):
        raise Untestable("The run did not record who was turned away.")
    told = note(t, "turned_away")
    if told["in_vain"] and told["told_s"] <= BRIEF_S:
        got = f"{told['in_vain']} requests turned away for {MOST_S:g} s, each time with Retry-After"
        yield Finding(expected=f"let in after {told['told_s']:g} s, as Retry-After said", got=got)
