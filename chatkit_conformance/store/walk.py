"""Walking a store's pages, and what must hold for the walk. Cursors are opaque: only `Page.after` is given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .scene import Scene, StoreUser

MOST_PAGES = 500
"""A walk that is longer goes round in circles; no test here has as many pages."""


async def page_of(user: StoreUser, thread_id: str | None, limit: int, after: str | None, order: str) -> Any:
    """One page of a thread's items, or of the user's threads when no thread is named."""
    if thread_id is None:
        return await user.load_threads(limit, after, order)
    return await user.items(thread_id, limit, after, order)


def page_fault(page: Any, limit: int) -> str | None:
    """What is wrong with a page by itself, or None."""
    ids = [entry.id for entry in page.data]
    if len(ids) > limit:
        return f"a page of limit {limit} has {len(ids)} entries: {ids}"
    if len(set(ids)) < len(ids):
        return f"a page has an entry twice: {ids}"
    if page.has_more and page.after is None:
        return f"has_more is true and after is None, so nobody can ask for the rest; the page is {ids}"
    if page.has_more and len(ids) < limit:
        return f"has_more is true and the page of limit {limit} has only {len(ids)} entries: {ids}"
    return None


async def walk(scene: Scene, user: StoreUser, thread_id: str | None, limit: int, order: str) -> list[str]:
    """The ids of all pages in order.

    Raises StoreFinding when a page is wrong by itself, or the walk goes round in circles, or ends with has_more true
    and nothing after it.
    """
    ids: list[str] = []
    after: str | None = None
    where = f"{'threads' if thread_id is None else thread_id!r}, limit {limit}, {order}"
    for _ in range(MOST_PAGES):
        page = await page_of(user, thread_id, limit, after, order)
        fault = page_fault(page, scene.page_of(limit))
        scene.require(fault is None, f"Paging ({where}): {fault}.")
        fresh = [entry.id for entry in page.data]
        again = [entry for entry in fresh if entry in ids]
        scene.require(
            not again, f"Paging ({where}): {again} were on an earlier page already. So far: {ids}, now {fresh}."
        )
        scene.require(
            bool(fresh) or not ids, f"Paging ({where}): has_more was true after {ids}, and the next page is empty."
        )
        ids += fresh
        if not page.has_more:
            return ids
        after = page.after
    raise scene.fail(f"Paging ({where}) does not end after {MOST_PAGES} pages.")


def out_of_order(ids: Sequence[str], added: Sequence[str], times: dict[str, datetime]) -> str | None:
    """Two entries that are listed against both time and insertion, or None. Ascending order.

    Only pairs are judged whose times are of one kind (both with a zone, or both without): nothing else is comparable.
    """
    place = {entry: index for index, entry in enumerate(added)}
    for index, later in enumerate(ids):
        for earlier in ids[index + 1 :]:
            left, right = times[later], times[earlier]
            comparable = (left.tzinfo is None) == (right.tzinfo is None)
            if comparable and right < left and place[earlier] < place[later]:
                return (
                    f"{earlier!r} ({right.isoformat()}) was added before {later!r} ({left.isoformat()}) and is older, "
                    f"and yet comes after it: {list(ids)}"
                )
    return None
