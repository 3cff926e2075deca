"""Rules about pages."""

from __future__ import annotations

from ..check import SHOULD
from .rule import SDK_DOC, SDK_SERVER, SDK_TESTS, WILD, StoreRule

PAGES: dict[str, StoreRule] = {
    "paging.every-item-once": StoreRule(
        must="Walking all pages gives every item exactly once, also when items have equal times.",
        why="Paging by time alone skips the rest of a tie, or repeats it.",
        source=SDK_TESTS,
        stands_on=(
            "paging.has-more",
            "paging.cursor-is-exclusive",
        ),
    ),
    "paging.orders-mirror": StoreRule(
        must="Descending is the reverse of ascending, ties and backward-running times included.",
        left_open="The order of ties, and whether time or insertion wins where they disagree.",
        why="The reload reads one way, the model's history the other: they must be one conversation.",
        source=SDK_SERVER,
        stands_on=("paging.every-item-once",),
    ),
    "paging.in-time-order": StoreRule(
        must="Items that were added later with a later time are listed later, whatever their zones and fractions.",
        why="Times compared as text put 10:00+02:00 after 09:00Z.",
        source=SDK_TESTS,
        stands_on=("item.listed-in-order",),
    ),
    "paging.has-more": StoreRule(
        must="`has_more` is true exactly when items follow; then `after` is given and the page is full.",
        left_open="`after` when nothing follows.",
        why="Wrongly true: the client requests a page that does not exist. Wrongly false: the last item is hidden.",
        source=SDK_TESTS,
        stands_on=("paging.cursor-is-exclusive", "item.save-replaces", "item.delete-takes-one"),
    ),
    "paging.cursor-is-exclusive": StoreRule(
        must="A page starts behind its cursor.",
        left_open="What a cursor is made of: only `Page.after` is given back.",
        why="The item at the edge is shown twice.",
        source=SDK_TESTS,
    ),
    "paging.unknown-cursor": StoreRule(
        must="A cursor that is unknown, or another thread's, gives an error or an empty last page.",
        left_open="Which error; what follows a cursor whose item was deleted, short of starting over.",
        why="Silently starting over shows the conversation twice, or loops.",
        source=SDK_TESTS,
    ),
    "paging.while-changing": StoreRule(
        must="Items added or deleted while someone pages: what stays is seen once, what was deleted before is not.",
        left_open="Whether items added while paging are seen.",
        why="Offsets shift: a deletion skips one, an addition repeats one.",
        source=WILD,
        stands_on=("paging.every-item-once", "read.after-not-found"),
    ),
    "paging.limit-not-positive": StoreRule(
        must="A limit of 0 or below never gives `has_more` with no data.",
        left_open="An error, nothing, or everything.",
        why="The wire lets -1 through; a client that follows such a page never ends.",
        source=SDK_SERVER,
        level=SHOULD,
    ),
    "paging.threads": StoreRule(
        must="Threads are paged by the same rules as items.",
        left_open="By creation or by last use.",
        why="The list of conversations is the first thing a returning user sees.",
        source=SDK_TESTS,
        stands_on=("paging.cursor-is-exclusive",),
    ),
    "paging.long": StoreRule(
        must="Of more than 50 threads and 500 items, following `after` gives all, with any limit.",
        left_open="Fewer entries on a page than the limit allows.",
        why="A forgotten LIMIT hides the oldest conversations, and says that this is all.",
        source=SDK_DOC,
        stands_on=("paging.every-item-once", "concurrency.one-thread"),
    ),
}
"""Rule -> what it says."""
