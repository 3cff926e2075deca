"""The answers of requests that do not stream."""

from __future__ import annotations

from collections import Counter

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.transcript import Reply, Transcript
from chatkit_conformance.wire.schema import problems_of_response, response_types

from ..clauses import types
from ..evidence import LIMITED, NO_CONTENT, answered
from ..pages import pages_read


def _plain(t: Transcript) -> list[Reply]:
    """The accepted replies to requests in place that do not stream. Raises Untestable where there is none."""
    told = [a.reply for a in in_place(t) if a.reply.type in response_types() and a.reply.accepted]
    made = [r for r in told if r.status != NO_CONTENT]
    if not made:
        raise Untestable(f"No request of {t.exchange} was answered with JSON.")
    return made


@check(
    "protocol.json-answers-valid",
    level=MUST,
    clause=types("24-30, 315-326, 593-656") + ": pages, threads and items",
    cause="The response was built by hand, or dumped with other options than the SDK's (by_alias, exclude_none).",
    fix="Return the result of process() unchanged, or compare the field named here with chatkit.types.",
)
def json_answers_valid(t: Transcript) -> Findings:
    """Every JSON response matches the schema for its request."""
    for r in _plain(t):
        for problem in problems_of_response(r.type, r.body):
            if problem.level == MUST:
                expected = f"{r.type}: {problem.belongs}"
                yield Finding(expected=expected, got=problem.got, reply=r.label)


@check(
    "protocol.json-answers-match-sdk",
    level=SHOULD,
    clause=types("24-30, 315-326, 593-656") + ": what the SDK's own server answers, which the released client knows",
    cause="The response was built by hand: a field that the SDK always sends is missing, or holds a value of its own.",
    fix="Return the result of process() unchanged, or compare the field named here with chatkit.types.",
)
def json_answers_match_sdk(t: Transcript) -> Findings:
    """Every JSON response has the fields and values that the SDK's own server would send; null is none."""
    for r in _plain(t):
        for problem in problems_of_response(r.type, r.body):
            if problem.level == SHOULD and problem.got != "null":
                expected = f"{r.type}: {problem.belongs}"
                yield Finding(expected=expected, got=problem.got, reply=r.label)


@check(
    "protocol.page-rows-once",
    level=MUST,
    clause=types("24-30") + ": a page of rows, each of which its id names; SC-005",
    cause="The page's query joins another table, or a page is put together from two sources.",
    fix="Select the rows of one table, each once, before the limit is applied.",
    criteria=("SC-005",),
)
def page_rows_once(t: Transcript) -> Findings:
    """No page shows two rows of the same id."""
    judged = 0
    for r, page in pages_read(t):
        rows = page.get("data")
        if not isinstance(rows, list):
            continue
        judged += 1
        times = Counter(str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row)
        for id, n in times.items():
            if n > 1:
                got = f"{n} rows {id!r} of {len(rows)}"
                yield Finding(expected="each id once", got=got, reply=r.label)
    if not judged:
        raise Untestable(f"{t.exchange} read no page.")


@check(
    "protocol.json-content-type",
    level=SHOULD,
    clause="RFC 8259 section 11: JSON has the media type application/json; ChatKit docs, server integration",
    cause="The bytes of process() are returned without a media type.",
    fix='Return Response(content=result.json, media_type="application/json").',
)
def json_content_type(t: Transcript) -> Findings:
    """A response that is not a stream has content type application/json."""
    for r in _plain(t):
        kind = r.headers.get("content-type", "none").split(";")[0].strip().lower()
        if kind != "application/json":
            yield Finding(expected="content-type application/json", got=f"content-type {kind}", reply=r.label)


@check(
    "protocol.requests-accepted",
    level=MUST,
    clause=types("315-326") + ": the requests that yield immediate responses",
    cause="The request type is not handled, or the store fails on it.",
    fix="Pass every body to process(), and check the server's log for this request.",
)
def requests_accepted(t: Transcript) -> Findings:
    """A user's requests for their own threads and items are answered with 200 and a JSON object."""
    reads = ("threads.get_by_id", "threads.list", "items.list")
    asked = [a.reply for a in in_place(t) if a.reply.type in reads and a.reply.status != LIMITED]
    if not asked:
        raise Untestable(f"{t.exchange} ended before it read anything back.")
    for r in asked:
        if not r.accepted or not isinstance(r.body, dict):
            yield Finding(expected=f"HTTP 200 with JSON for {r.type}", got=answered(r), reply=r.label)


@check(
    "protocol.thread-created",
    level=MUST,
    clause=types("354-358") + ": thread.created is emitted when a thread is created",
    cause="The thread is created elsewhere, and the stream begins with its first item.",
    fix="Emit thread.created before any other event of threads.create.",
    criteria=("SC-009",),
)
def thread_created(t: Transcript) -> Findings:
    """threads.create announces the new thread with exactly one thread.created."""
    begun = [a.reply for a in in_place(t) if a.reply.type == "threads.create" and a.reply.items_done()]
    if not begun:
        raise Untestable(f"No thread was begun in {t.exchange}.")
    for r in begun:
        made = r.of("thread.created")
        if len(made) != 1:
            got = f"{len(made)} in {[e.type for e in r.events[:4]]}"
            yield Finding(expected="one thread.created", got=got, reply=r.label)
