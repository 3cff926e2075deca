"""Pages at their edges: of one, of everything, ascending threads, explicit nulls, cursors and limits of nothing."""

from __future__ import annotations

from collections.abc import Iterable

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import Asked, asked_in, in_place
from chatkit_conformance.transcript import Transcript

from ..clauses import HTTP_4XX, types
from ..evidence import answered, body, labelled, note, page, refused_as_wrong, reply, shorten
from .pages import CURSOR, ORDER, refuse_cut_walk, whole_of

LISTS = types("68-73, 268-274")


def _ids(t: Transcript, labels: Iterable[str]) -> list[str]:
    return [str(row.get("id")) for label in labels for row in page(body(reply(t, label)), label)]


def _walk(t: Transcript, start: str) -> tuple[list[str], str]:
    """The ids of a walk's pages, in order, and the label of its last one."""
    labels = [r.label for r in labelled(t, f"{start}-")]
    return _ids(t, labels), labels[-1]


@check(
    "protocol.items-limit-one",
    level=MUST,
    on=("item_pages",),
    clause=LISTS + ": limit, after and order",
    cause=CURSOR,
    fix=ORDER,
)
def items_limit_one(t: Transcript) -> Findings:
    """Paging one item at a time returns the whole thread, oldest first, each item once."""
    whole = whole_of(t)
    ids, last = _walk(t, "one")
    if ids != whole:
        yield Finding(expected=f"{shorten(whole, 300)}, one a page", got=shorten(ids, 300), reply=last)


@check(
    "protocol.items-limit-large",
    level=MUST,
    on=("item_pages",),
    clause=LISTS + ": limit is any int; has_more says whether there is more",
    cause="The page stops before the end with has_more false, or the request fails inside the server.",
    fix="Return at most your own maximum, and set has_more if that leaves something out.",
)
def items_limit_large(t: Transcript) -> Findings:
    """A limit above the thread's length returns the whole thread, or a part with has_more true, or is refused."""
    whole, r = whole_of(t), reply(t, "large")
    if refused_as_wrong(r):
        return
    if not r.accepted or not isinstance(r.body, dict):
        yield Finding(expected=f"{len(whole)} items", got=answered(r), reply="large")
        return
    ids = _ids(t, ["large"])
    if ids != whole and not (r.body.get("has_more") is True and ids and ids == whole[: len(ids)]):
        expected = f"the {len(whole)} items {shorten(whole)}"
        yield Finding(expected=expected, got=f"{len(ids)}: {shorten(ids)}", reply="large")


@check(
    "protocol.large-limit-accepted",
    level=SHOULD,
    on=("item_pages",),
    clause=LISTS + ": limit is any int; the SDK's server refuses none",
    cause="A limit above some maximum is refused.",
    fix="Return at most your own maximum, and set has_more if that leaves something out.",
)
def large_limit_accepted(t: Transcript) -> Findings:
    """A limit above the greatest page that a server gives is answered with a page, not refused."""
    r = reply(t, "large")
    if refused_as_wrong(r):
        yield Finding(expected="a page", got=answered(r), reply="large")


@check(
    "protocol.null-params",
    level=MUST,
    on=("item_pages", "thread_pages"),
    clause=LISTS + ": limit: int | None = None, after: str | None = None",
    cause="null is refused, or is used as a cursor.",
    fix="Treat null like a missing value in limit and after.",
)
def null_params(t: Transcript) -> Findings:
    """limit and after may be null, which means the same as leaving them out."""
    r, same = reply(t, "nulls"), "whole" if t.exchange == "item_pages" else "plain"
    first = _ids(t, [same])
    if not first:
        raise Untestable(f"{same} of {t.exchange} is an empty page.")
    got = _ids(t, ["nulls"]) if r.accepted and isinstance(r.body, dict) else []
    # Where users share a list, other conversations begin, use and delete threads in between: ours stay as they are.
    ours = [id for id in first if id in (t.notes.get("threads") or ())] or first
    known = [id for id in got if id in ours]
    if not known or known != [id for id in ours if id in known]:
        yield Finding(expected=f"{len(first)} rows from {first[0]!r} on", got=answered(r), reply="nulls")


@check(
    "protocol.unknown-cursor",
    level=SHOULD,
    on=("item_pages", "thread_pages"),
    clause=types("24-30") + ": after is the cursor of the next page, so what follows an unknown one is not page one",
    cause="If the cursor is not found, the page starts at the beginning, or it is empty and promises more.",
    fix="Answer 4xx, or an empty page with has_more false, for an unknown cursor.",
)
def unknown_cursor(t: Transcript) -> Findings:
    """An unknown cursor is refused or returns an empty last page, never the first page again."""
    r = reply(t, "gone-cursor")
    first = (labelled(t, "items-asc-") if t.exchange == "item_pages" else labelled(t, "threads-"))[0]
    start = [row.get("id") for row in page(body(first), first.label)]
    rows = r.body.get("data") if r.accepted and isinstance(r.body, dict) else None
    ids = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if r.status >= 500 or not r.status:
        yield Finding(expected="4xx or an empty page", got=answered(r), reply=r.label)
    elif not ids and r.accepted and isinstance(r.body, dict) and r.body.get("has_more") is True:
        expected = f"4xx, or a last page, after {r.params.get('after')!r}"
        got = f"an empty page that says has_more, after {r.body.get('after')!r}: a client asks on without end"
        yield Finding(expected=expected, got=got, reply=r.label)
    elif ids and ids == start:
        expected = f"4xx or an empty page after {r.params.get('after')!r}"
        yield Finding(expected=expected, got=f"the first page again: {shorten(ids)}", reply=r.label)


@check(
    "protocol.threads-limit-one",
    level=MUST,
    on=("thread_pages",),
    clause=LISTS + ": limit and after",
    cause=CURSOR,
    fix=ORDER,
)
def threads_limit_one(t: Transcript) -> Findings:
    """Paging one thread at a time returns each of three new threads once."""
    made = [str(id) for id in note(t, "threads") if id]
    if len(made) < 3:
        raise Untestable(f"{len(made)} of three threads were created.")
    ids, last = _walk(t, "single")
    refuse_cut_walk(made, ids, reply(t, last))
    for id in made:
        if (times := ids.count(id)) != 1:
            expected = f"thread {id!r} once, one a page"
            yield Finding(expected=expected, got=f"{times} times in {len(ids)} rows", reply=last)


@check(
    "protocol.threads-ascending",
    level=MUST,
    on=("thread_pages",),
    clause=types("68-73") + ': order: Literal["asc", "desc"]',
    cause="`order` is not passed on for threads, or ascending pages compare the cursor the wrong way round.",
    fix=ORDER,
)
def threads_ascending(t: Transcript) -> Findings:
    """Ascending pages hold each of three new threads once, in reverse of their descending order."""
    made = [str(id) for id in note(t, "threads") if id]
    down, _ = _walk(t, "threads")
    up, last = _walk(t, "ascending")
    wanted = [id for id in reversed(down) if id in made]
    if len(wanted) < 3:
        raise Untestable(f"{len(wanted)} of three threads are in the descending pages.")
    if body(reply(t, last)).get("has_more") is True and not set(made) & set(up):
        raise Untestable(f"The three newest threads are not among {len(up)} rows: use a new user for [users.b].")
    if (got := [id for id in up if id in made]) != wanted:
        yield Finding(expected=f"{wanted}", got=f"{got}", reply=last)


@check(
    "protocol.negative-limit",
    level=SHOULD,
    on=("hostile_bodies",),
    clause=HTTP_4XX + "; types.py L68-73: a limit below one has no meaning",
    cause="The limit goes straight into a slice or a query: a client loops forever on an empty page with has_more.",
    fix="Answer 422 for a limit below one.",
)
def negative_limit(t: Transcript) -> Findings:
    """A negative limit is refused, or answered with a page that is not empty when has_more is true."""
    r = reply(t, "minus-limit")
    value = r.body if r.accepted and isinstance(r.body, dict) else {}
    if not (r.accepted or r.refused) or (value.get("has_more") is True and not value.get("data")):
        yield Finding(expected="4xx, or a page that is not empty or has has_more false", got=answered(r), reply=r.label)


@check(
    "protocol.foreign-cursor",
    level=SHOULD,
    clause=types("24-30") + ": after is the cursor of the next page of the same list",
    cause="The row that the cursor names is looked up by its id alone, so its place in another list is taken.",
    fix="Look the cursor up within the list: by thread and user for items, by user for threads.",
)
def foreign_cursor(t: Transcript) -> Findings:
    """A cursor that names a row of another list is refused, or returns an empty page."""
    known = _rows_by_list(t)
    judged = False
    for a in asked_in(t):
        cursor, r = a.reply.params.get("after"), a.reply
        if not isinstance(cursor, str):
            continue
        here = _list_of(a)
        elsewhere = any(cursor in ids for place, ids in known.items() if place != here)
        if not here or not elsewhere or cursor in known.get(here, ()):
            continue
        judged = True
        rows = r.body.get("data") if r.accepted and isinstance(r.body, dict) else None
        if rows:
            expected = f"4xx or an empty page: {cursor!r} is a row of another list"
            yield Finding(expected=expected, got=f"{len(rows)} rows", reply=r.label)
    if not judged:
        raise Untestable(f"No list of {t.exchange} was asked for with a cursor of another one.")


def _list_of(a: Asked) -> tuple[str, str] | None:
    """Which list a request pages through: the items of a thread, or the threads of a user."""
    places = {"items.list": ("items", a.thread_id), "threads.list": ("threads", a.reply.user)}
    return places.get(a.reply.type)


def _rows_by_list(t: Transcript) -> dict[tuple[str, str], set[str]]:
    """By list: the ids of the rows that are known to be in it."""
    found: dict[tuple[str, str], set[str]] = {}
    for a in in_place(t):
        if a.thread_id:
            found.setdefault(("threads", a.reply.user), set()).add(a.thread_id)
            found.setdefault(("items", a.thread_id), set()).update(e.item_id for e in a.reply.items_done())
    return found
