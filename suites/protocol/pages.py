"""Pages: of items and of threads, in both directions."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import types
from ..evidence import body, labelled, note, page, reply, shorten
from ..exchanges.threads import MOST_PAGES

CURSOR = "The cursor is compared by created_at, which can be equal, or is included in the next page."
ORDER = (
    "Order by a sequence number, start the next page right after the cursor's own, and say has_more as long as "
    "rows are left."
)


def _walk(t: Transcript, label: str) -> tuple[list[Reply], list[str]]:
    """The pages of one walk, and the ids they held, in order."""
    replies = labelled(t, f"{label}-")
    return replies, [str(row.get("id")) for r in replies for row in page(body(r), r.label)]


def whole_of(t: Transcript) -> list[str]:
    """The ids of all items, oldest first. Raises Untestable where they are too few."""
    read = (reply(t, "whole"), *(r for r in t.replies if r.label.startswith("whole-page-")))
    whole = [str(row.get("id")) for r in read for row in page(body(r), r.label)]
    if len(whole) < 3:
        raise Untestable(f"The thread has {len(whole)} items, too few for pages of two.")
    return whole


def refuse_cut_walk(made: list[str], ids: list[str], last: Reply) -> None:
    """Raise Untestable where a walk ended before it came to these threads.

    It went on and on, each row once; or it was to go on at another conversation's thread, which was deleted since.
    """
    after = last.params.get("after")
    if last.refused and after is not None and after not in made:
        raise Untestable(f"the walk ended at thread {after!r}, which another conversation may have deleted.")
    if not set(made) <= set(ids) and len(set(ids)) == len(ids) and body(last).get("has_more") is True:
        raise Untestable(
            f"{len(ids)} rows on {MOST_PAGES} pages did not reach the three threads: other threads were created during "
            "the test. Give [users.b] a user of the test's own."
        )


@check(
    "protocol.items-limit",
    level=MUST,
    on=("item_pages",),
    clause=types("268-274") + ": limit",
    cause="limit is not passed on to the store.",
    fix="Load at most `limit` items, and one more to know has_more.",
)
def items_limit(t: Transcript) -> Findings:
    """A page of items holds no more than `limit`."""
    for r in (*labelled(t, "items-asc-", "items-desc-"), reply(t, "newest")):
        rows, limit = page(body(r), r.label), int(r.params["limit"])
        if len(rows) > limit:
            yield Finding(expected=f"at most {limit} items", got=f"{len(rows)}", reply=r.label)


@check(
    "protocol.items-pages-complete",
    level=MUST,
    on=("item_pages",),
    clause=types("24-30, 268-274") + ": has_more and after lead to the next page",
    cause=CURSOR,
    fix=ORDER,
)
def items_pages_complete(t: Transcript) -> Findings:
    """Paging in either order returns each item of the thread exactly once."""
    whole = whole_of(t)
    for order in ("asc", "desc"):
        replies, ids = _walk(t, f"items-{order}")
        if sorted(ids) != sorted(whole):
            got = (
                f"missing {[i for i in whole if i not in ids]}, repeated {sorted({i for i in ids if ids.count(i) > 1})}"
            )
            expected = f"the {len(whole)} items, each once"
            yield Finding(expected=expected, got=f"{len(ids)} in {len(replies)} pages: {got}", reply=replies[-1].label)


@check(
    "protocol.items-desc-is-reverse",
    level=MUST,
    on=("item_pages",),
    clause=types("268-274") + ": order asc or desc",
    cause="sorted(reverse=True) keeps the order of ties, or `order` is not passed on.",
    fix="Order by a sequence number, ascending or descending.",
)
def items_desc_is_reverse(t: Transcript) -> Findings:
    """Descending pages hold the same items as ascending pages, in reverse."""
    whole_of(t)
    (_, up), (last, down) = _walk(t, "items-asc"), _walk(t, "items-desc")
    if down != up[::-1]:
        yield Finding(expected=shorten(up[::-1], 300), got=shorten(down, 300), reply=last[-1].label)


@check(
    "protocol.items-newest-first",
    level=MUST,
    on=("item_pages",),
    clause=types("268-274") + ': order: Literal["asc", "desc"] = "desc"',
    cause="The default order is not applied, or items are kept in another order than they were added.",
    fix='Use "desc" when order is missing.',
)
def items_newest_first(t: Transcript) -> Findings:
    """Without `order`, items come newest first."""
    whole, rows = whole_of(t), page(body(reply(t, "newest")), "newest")
    first = str(rows[0].get("id")) if rows else None
    if first != whole[-1]:
        yield Finding(expected=f"item {whole[-1]!r}", got=f"item {first!r}", reply="newest")


def _walks(t: Transcript) -> list[tuple[str, list[Reply]]]:
    names = ("threads",) if t.exchange == "thread_pages" else ("items-asc", "items-desc")
    return [(name, labelled(t, f"{name}-")) for name in names]


@check(
    "protocol.pages-end",
    level=MUST,
    on=("item_pages",),
    clause=types("24-30") + ": has_more says whether there is another page",
    cause="has_more is always true, or the cursor does not move: an unknown cursor restarts at the first page.",
    fix="Set has_more only if one more row was found.",
)
def pages_end(t: Transcript) -> Findings:
    """Paging ends: the last page has has_more false."""
    for name, replies in _walks(t):
        last = replies[-1]
        if body(last).get("has_more") is True:
            got = f"has_more true after {len(replies)} pages, after {body(last).get('after')!r}"
            yield Finding(expected=f"the last page of {name} within {MOST_PAGES} pages", got=got, reply=last.label)


@check(
    "protocol.threads-limit",
    level=MUST,
    on=("thread_pages",),
    clause=types("68-73") + ": limit",
    cause="limit is not passed on to the store.",
    fix="Load at most `limit` threads, and one more to know has_more.",
)
def threads_limit(t: Transcript) -> Findings:
    """A page of threads holds no more than `limit`."""
    for r in labelled(t, "threads-"):
        rows = page(body(r), r.label)
        if len(rows) > 2:
            yield Finding(expected="at most 2 threads", got=f"{len(rows)}", reply=r.label)


@check(
    "protocol.threads-pages-complete",
    level=MUST,
    on=("thread_pages",),
    clause=types("24-30, 68-73") + ": has_more and after lead to the next page",
    cause=CURSOR,
    fix=ORDER,
)
def threads_pages_complete(t: Transcript) -> Findings:
    """Paging newest first returns each of three new threads exactly once."""
    made = [str(id) for id in note(t, "threads") if id]
    replies, ids = _walk(t, "threads")
    if len(made) < 3:
        raise Untestable(f"{len(made)} of three threads were created.")
    refuse_cut_walk(made, ids, replies[-1])
    for id in made:
        if (times := ids.count(id)) != 1:
            expected = f"thread {id!r} once in {len(replies)} pages"
            yield Finding(expected=expected, got=f"{times} times", reply=replies[-1].label)


@check(
    "protocol.threads-newest-first",
    level=SHOULD,
    on=("thread_pages",),
    clause=types("68-73") + ': order: Literal["asc", "desc"] = "desc"; the store chooses what it orders by',
    cause="Threads are ordered by id, or by a timestamp that can be equal.",
    fix="Order threads by creation time (or last use), with a sequence number to break ties.",
)
def threads_newest_first(t: Transcript) -> Findings:
    """Threads come newest first when the client asks for descending order."""
    made = [str(id) for id in note(t, "threads") if id]
    replies, ids = _walk(t, "threads")
    there = [id for id in ids if id in made]
    if len(set(there)) < 2:
        raise Untestable("Fewer than two of the new threads are in the pages.")
    wanted = [id for id in reversed(made) if id in there]
    if list(dict.fromkeys(there)) != wanted:
        yield Finding(expected=f"{wanted}", got=f"{there}", reply=replies[0].label)
