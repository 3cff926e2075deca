"""Pages as they were asked for: no longer than that, and in that order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.moves.notes import PEOPLE
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import types
from ..evidence import body, page
from ..pages import pages_read
from .expected import expected, expected_if_held, read_whole

CHANGES = ("threads.update", "threads.add_user_message", "threads.create", "threads.retry_after_item")
"""Requests by which a thread can count as used."""


@check(
    "protocol.page-within-limit",
    level=MUST,
    clause=types("68-73, 268-274") + ": limit",
    cause="The limit is ignored, or one row more is read to know whether there are more, and sent along.",
    fix="Read limit + 1 rows, and send the first `limit`.",
)
def page_within_limit(t: Transcript) -> Findings:
    """No page of threads or of items has more rows than were asked for."""
    judged = False
    for r, read in pages_read(t):
        rows, limit = read.get("data"), r.params.get("limit")
        if r.type in ("threads.list", "items.list") and limit and isinstance(rows, list):
            judged = True
            if len(rows) > limit:
                yield Finding(expected=f"{limit} rows at most", got=f"{len(rows)}", reply=r.label)
    if not judged:
        raise Untestable(f"no page of {t.exchange} was asked for with a limit")


@check(
    "protocol.has-more-means-more",
    level=SHOULD,
    clause=types("24-30") + ": has_more says whether there is another page",
    cause="has_more says that the page is full.",
    fix="Read one row more than was asked for, and say has_more if it is there.",
)
def has_more_means_more(t: Transcript) -> Findings:
    """Where a page of a user's own threads says that there is more, the next page is not empty.

    A page of items may be: what is hidden is left out after it was counted, by the SDK's own server, too.
    """
    read = [(r, rows) for r, rows in pages_read(t) if r.type == "threads.list"]
    own = set(t.notes.get(PEOPLE, {}).get("users", ())) if t.notes.get(PEOPLE, {}).get("own") else set()
    named = {(r.user, str(rows.get("after"))): r for r, rows in read if rows.get("has_more") is True}
    gone = [r for r in t.replies if r.type == "threads.delete"]
    for r, rows in read:
        before = named.get((r.user, str(r.params.get("after")))) if r.user in own and rows.get("data") == [] else None
        if before is not None and not any(before.sent_at <= each.sent_at <= r.sent_at for each in gone):
            yield Finding(expected=f"threads behind the page {before.label}", got="none", reply=r.label)


@check(
    "protocol.list-in-order",
    level=SHOULD,
    clause=types("68-73") + ': order: Literal["asc", "desc"] = "desc"; the store chooses what it orders by',
    cause="The order is ignored, or threads are ordered by id.",
    fix="Order threads by creation time or last use, with a sequence number to break ties, in the order asked for.",
)
def list_in_order(t: Transcript) -> Findings:
    """A user's threads are listed in the order asked for, by when they were begun or by when they were used."""
    judged = False
    for r, what in expected(t, "threads"):
        ids = [id for id in _listed(t, r) if id in what["threads"]] if r.accepted else []
        if len(ids) < 2:
            continue
        judged = True
        wanted = [sorted(ids, key=key) for key in _orders(t, r, what["threads"])]
        if r.params.get("order") != "asc":
            wanted = [order[::-1] for order in wanted]
        if ids not in wanted:
            yield Finding(expected=f"{wanted[0]}, {r.params.get('order')}", got=f"{ids}", reply=r.label)
    if not judged:
        raise Untestable(f"nobody in {t.exchange} listed two threads of their own")


@check(
    "protocol.cursor-keeps-place",
    level=SHOULD,
    clause=types("68-73") + ": after, the place that a page ends at",
    cause="The cursor is a number of rows to pass over; or a thread's id, and where that is gone, pages begin anew.",
    fix="Make the cursor of the last row's own order: its sequence number, or its time and its id.",
)
def cursor_keeps_place(t: Transcript) -> Findings:
    """Where a thread of the first page is deleted, the next pages show every thread behind it, and none once more."""
    judged = False
    for r, what in expected_if_held(t, "behind"):
        if r.accepted and what["behind"] and read_whole(t, r):
            judged = True
            lost = [id for id in what["behind"] if id not in _listed(t, r)]
            if lost:
                got = f"{_listed(t, r)}, without {', '.join(lost)}"
                yield Finding(expected=f"the threads {what['behind']}", got=got, reply=r.label)
            if again := [id for id in what.get("shown", ()) if id in _listed(t, r)]:
                got = f"{', '.join(again)} once more, which the page before has shown"
                yield Finding(expected="threads that come behind the page before", got=got, reply=r.label)
    if not judged:
        raise NotJudged(f"In {t.exchange} no page was read behind one of which a thread was deleted.")


def _listed(t: Transcript, r: Reply) -> list[str]:
    rows = list(page(body(r), r.label))
    for more in (m for m in t.replies if m.label.startswith(f"{r.label}-page-")):
        rows += page(body(more), more.label)
    return [str(row.get("id")) for row in rows]


def _orders(t: Transcript, r: Reply, begun: list[str]) -> Iterator[Callable[[str], float]]:
    """What threads may be ordered by: when they were begun; when they were last written in, by its begin or its end."""
    used = [m for m in t.replies if m.type in CHANGES and m.sent_at <= r.sent_at]
    said = [m for m in used if m.type != "threads.update"]
    yield lambda id: begun.index(id)
    for those in (said, used):
        yield lambda id, those=those: max((m.sent_at for m in those if m.thread_id == id), default=0.0)  # type: ignore[misc]  # a default binds it
        yield lambda id, those=those: max((m.ended_at or m.sent_at for m in those if m.thread_id == id), default=0.0)  # type: ignore[misc]  # a default binds it
