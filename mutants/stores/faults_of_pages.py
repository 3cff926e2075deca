"""Faulty stores: pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import Page

from mutants.stores.fault import ADVANCED_SAMPLE, SDK_SAMPLE, fault
from mutants.stores.memory import MemoryStore


def instant(entry: Any) -> float:
    """Seconds since 1970; a time without a zone counts as UTC."""
    moment = entry.created_at
    return float((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


@fault("test_every_item_is_in_one_page_when_times_are_equal", SDK_SAMPLE)
class PagesByTimeAlone(MemoryStore):
    """A page starts behind the cursor's time: the rest of a tie is skipped."""

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if after is not None and after in entries:
            edge = instant(entries[after])
            behind = {
                key: kept
                for key, kept in entries.items()
                if (instant(kept) > edge if order == "asc" else instant(kept) < edge)
            }
            return super().page(behind, None, limit, order)
        return super().page(entries, after, limit, order)


@fault("test_descending_is_the_reverse_of_ascending", ADVANCED_SAMPLE)
class TiesDoNotTurn(MemoryStore):
    """`sorted(reverse=True)` leaves equal times as they are: descending is not the reverse of ascending."""

    def in_order(self, entries: Mapping[str, Any], order: str) -> list[str]:
        return sorted(entries, key=lambda key: instant(entries[key]), reverse=order == "desc")


@fault("test_later_items_come_later", SDK_SAMPLE)
class OrderedByTextOfTime(MemoryStore):
    """Times are compared as ISO text: 10:00+09:00 comes after 02:00Z."""

    def in_order(self, entries: Mapping[str, Any], order: str) -> list[str]:
        ids = sorted(entries, key=lambda key: entries[key].created_at.isoformat())
        return ids if order == "asc" else ids[::-1]


@fault("test_has_more_is_exact")
class HasMoreWhenFull(MemoryStore):
    """`has_more` is true whenever the page is full, also when it is the last one."""

    def cut(self, entries: Mapping[str, Any], ids: list[str], start: int, limit: int) -> Page[Any]:
        page = super().cut(entries, ids, start, limit)
        full = len(page.data) == limit
        return Page(data=page.data, has_more=full, after=page.data[-1].id if full else None)


@fault("test_has_more_is_exact")
class LastItemHidden(MemoryStore):
    """`has_more` is false when exactly one item follows."""

    def cut(self, entries: Mapping[str, Any], ids: list[str], start: int, limit: int) -> Page[Any]:
        page = super().cut(entries, ids, start, limit)
        return Page(data=page.data, has_more=start + limit + 1 < len(ids), after=page.after)


@fault("test_a_page_starts_behind_its_cursor")
class CursorIncluded(MemoryStore):
    """A page starts with its cursor's item: `>=`."""

    def cut(self, entries: Mapping[str, Any], ids: list[str], start: int, limit: int) -> Page[Any]:
        return super().cut(entries, ids, max(0, start - 1), limit)


@fault("test_an_unknown_cursor_does_not_start_over", ADVANCED_SAMPLE)
class UnknownCursorStartsOver(MemoryStore):
    """An unknown cursor silently gives the first page."""

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        return super().page(entries, after if after in entries else None, limit, order)


@fault("test_pages_stay_whole_while_the_thread_changes")
class PagesByOffset(MemoryStore):
    """The cursor is an offset: a deletion shifts the pages, and an item is skipped."""

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if after is not None and not after.startswith("offset:"):
            raise NotFoundError(after)
        start = int(after.removeprefix("offset:")) if after else 0
        page = self.cut(entries, self.in_order(entries, order), start, limit)
        return Page(data=page.data, has_more=page.has_more, after=f"offset:{start + limit}" if page.has_more else None)


@fault("test_pages_stay_whole_while_the_thread_changes")
class DeletedCursorStartsOver(MemoryStore):
    """When the cursor's item was deleted the pages start over."""

    def __init__(self) -> None:
        super().__init__()
        self.given: set[str] = set()

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        page = super().page(entries, None if after in self.given and after not in entries else after, limit, order)
        self.given |= {page.after} if page.after else set()
        return page


@fault("test_a_limit_of_nothing_does_not_loop")
class EndlessPage(MemoryStore):
    """A limit of -1 gives no data and has_more true, for ever."""

    def page(self, entries: Mapping[str, Any], after: str | None, limit: int, order: str) -> Page[Any]:
        if limit < 1:
            return Page(data=[], has_more=bool(entries), after=next(iter(entries), None))
        return super().page(entries, after, limit, order)


@fault("test_any_sequence_of_calls_agrees_with_the_model", "insertion behind the page's edge")
class NewestFirstForgets(MemoryStore):
    """Descending pages skip an item whose time is older than that of the item added before it."""

    def in_order(self, entries: Mapping[str, Any], order: str) -> list[str]:
        ids = super().in_order(entries, order)
        if order == "asc":
            return ids
        return [key for place, key in enumerate(ids) if place == 0 or instant(entries[key]) <= instant(entries[ids[0]])]
