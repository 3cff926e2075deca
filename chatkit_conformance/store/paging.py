"""Contract tests: pages."""

from __future__ import annotations

from datetime import timedelta, timezone

from . import samples
from .items import ids_in, new_thread
from .ruled import rule
from .scene import Scene, StoreUser
from .walk import out_of_order, page_fault, walk

SHUFFLED = (7, 2, 9, 0, 5, 3, 8, 1, 6, 4)
"""Suffixes of ids in the order of insertion: neither rising nor falling, as random ids are."""

LIMITS = (1, 2, 3, 7, 10, 11)


async def tied_thread(scene: Scene, user: StoreUser, word: str = "tie") -> tuple[str, list[str]]:
    """A thread of ten items with one and the same time, and their ids as added."""
    thread_id = scene.id(word)
    await user.save_thread(samples.thread(thread_id))
    ids = [scene.id(f"{word}_m{suffix}") for suffix in SHUFFLED]
    for item_id in ids:
        await user.add(samples.message(item_id, thread_id, 0))
    return thread_id, ids


class PagingRules:
    """Pages are a partition of one order."""

    @rule("paging.cursor-is-exclusive")
    async def test_a_page_starts_behind_its_cursor(self, scene: Scene) -> None:
        """A page starts behind its cursor, with the very next item."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice)
        for number in range(5):  # ids of several lengths: cursors are made of them, some with padding
            await alice.add(samples.message(scene.id("m" + "x" * number), thread_id, number))
        for order in ("asc", "desc"):
            wanted = await ids_in(alice, thread_id, order)
            after = None
            for item_id in wanted[:-1]:  # how a walk ends is another rule's
                page = await alice.items(thread_id, 1, after, order)
                got, after = [item.id for item in page.data], page.after
                scene.require(
                    got == [item_id], f"A page of 1 ({order}) has {got}; in a page of all {item_id!r} is next."
                )
            first = await alice.items(thread_id, 2, None, order)
            second = await alice.items(thread_id, 2, first.after, order)
            got = [item.id for item in second.data]
            scene.require(got == wanted[2:4], f"Behind {wanted[:2]} ({order}) come {wanted[2:4]}, the page has {got}.")

    @rule("paging.has-more")
    async def test_has_more_is_exact(self, scene: Scene) -> None:
        """`has_more` is true exactly when items follow; then `after` is given and the page is full."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=5)
        # What is counted beside the items: an item that is saved again is none more, one deleted twice is one less.
        await alice.save_item(samples.message(scene.id("msg0"), thread_id, 0, "text 0"))
        for _ in range(2):
            await alice.attempt("delete_thread_item", thread_id, scene.id("msg4"))
        for order in ("asc", "desc"):
            for limit in (1, 2, 3, 4, 5):
                left, after = 4, None
                while left > 0:
                    page = await alice.items(thread_id, limit, after, order)
                    fault = page_fault(page, scene.page_of(limit))
                    scene.require(fault is None, f"Page of {limit}, {order}: {fault}.")
                    left -= len(page.data)
                    scene.require(
                        page.has_more == (left > 0),
                        f"Page of {limit}, {order}: {left} of 4 items are left, has_more is {page.has_more}.",
                    )
                    scene.require(bool(page.data), f"Page of {limit}, {order}: empty with {left} of 4 items left.")
                    after = page.after

    @rule("paging.every-item-once")
    async def test_every_item_is_in_one_page_when_times_are_equal(self, scene: Scene) -> None:
        """Walking all pages gives every item exactly once, also when items have equal times."""
        alice = await scene.user("alice")
        thread_id, ids = await tied_thread(scene, alice)
        for order in ("asc", "desc"):
            for limit in LIMITS:
                seen = await walk(scene, alice, thread_id, limit, order)
                missing = sorted(set(ids) - set(seen))
                scene.require(not missing, f"Pages of {limit}, {order}, of ten items with equal times miss {missing}.")
                scene.require(
                    len(seen) == len(ids), f"Pages of {limit}, {order}, have {len(seen)} of {len(ids)} items."
                )

    @rule("paging.orders-mirror")
    async def test_descending_is_the_reverse_of_ascending(self, scene: Scene) -> None:
        """Descending is the reverse of ascending for every page size, ties and backward-running times included."""
        alice = await scene.user("alice")
        tied, _ = await tied_thread(scene, alice)
        backwards = scene.id("back")
        await alice.save_thread(samples.thread(backwards))
        for index, suffix in enumerate(SHUFFLED):
            await alice.add(samples.message(scene.id(f"back_m{suffix}"), backwards, -(index // 2)))
        for thread_id in (tied, backwards):
            ascending = await walk(scene, alice, thread_id, 100, "asc")
            for limit in LIMITS:
                again = await walk(scene, alice, thread_id, limit, "asc")
                scene.require(again == ascending, f"Ascending by {limit}: {again}; in one page: {ascending}.")
                descending = await walk(scene, alice, thread_id, limit, "desc")
                scene.require(
                    descending == ascending[::-1],
                    f"Descending by {limit} is {descending}, not the reverse of ascending, {ascending[::-1]}.",
                )

    @rule("paging.in-time-order")
    async def test_later_items_come_later(self, scene: Scene) -> None:
        """Items added later with a later time are listed later, whatever their zones and fractions of a second."""
        alice = await scene.user("alice")
        east, west = timezone(timedelta(hours=9)), timezone(timedelta(hours=-9))
        start = samples.at(0, zone=True).replace(microsecond=0)
        zoned = [
            start.astimezone(east),
            (start + timedelta(microseconds=1)).astimezone(west),
            start + timedelta(microseconds=500_000),
            (start + timedelta(seconds=1)).astimezone(east),
            (start + timedelta(minutes=5)).astimezone(west),
            start + timedelta(hours=1),
            start + timedelta(days=300),
        ]
        naive = [moment.astimezone(start.tzinfo).replace(tzinfo=None) for moment in zoned]
        for word, moments in (("zoned", zoned), ("naive", naive)):
            thread_id = scene.id(word)
            await alice.save_thread(samples.thread(thread_id))
            ids = [scene.id(f"{word}{SHUFFLED[index]}") for index in range(len(moments))]
            for item_id, moment in zip(ids, moments, strict=True):
                await alice.add(samples.message(item_id, thread_id, created_at=moment))
            listed = await ids_in(alice, thread_id)
            fault = out_of_order(listed, ids, dict(zip(ids, moments, strict=True)))
            scene.require(fault is None, f"Items are out of order: {fault}.")
            newest = (await alice.items(thread_id, limit=1, order="desc")).data
            scene.require(
                [item.id for item in newest] == [ids[-1]], f"The newest item is {ids[-1]!r}, listed: {newest}."
            )

    @rule("paging.unknown-cursor")
    async def test_an_unknown_cursor_does_not_start_over(self, scene: Scene) -> None:
        """A cursor that is unknown, or another thread's, gives an error or an empty last page."""
        alice = await scene.user("alice")
        home, other = await new_thread(scene, alice, "thr1", 3), scene.id("thr2")
        await alice.save_thread(samples.thread(other, 1))
        for number in range(3):
            await alice.add(samples.message(scene.id(f"other{number}"), other, number + 0.5))
        for order in ("asc", "desc"):
            foreign = (await alice.items(other, 1, None, order)).after
            for what, cursor in (("unknown", scene.id("never")), ("of another thread", foreign)):
                page = await alice.attempt("load_thread_items", home, cursor, 10, order)
                got = [] if page.error else [item.id for item in page.value.data]
                scene.require(not got, f"A cursor {what} ({cursor!r}, {order}) gives the items {got}.")
                loops = page.error is None and page.value.has_more
                scene.require(
                    not loops, f"A cursor {what} ({cursor!r}, {order}) gives an empty page with has_more true."
                )
            threads = await alice.attempt("load_threads", 10, scene.id("never"), order)
            got = [] if threads.error else [thread.id for thread in threads.value.data]
            scene.require(not got, f"An unknown cursor for threads ({order}) gives the threads {got}.")

    @rule("paging.while-changing")
    async def test_pages_stay_whole_while_the_thread_changes(self, scene: Scene) -> None:
        """Items added or deleted while someone pages: what stays is seen once, what was deleted before is not."""
        for order in ("asc", "desc"):
            scene.chapter()
            alice = await scene.user("alice")
            thread_id, _ = await tied_thread(scene, alice)
            line = await ids_in(alice, thread_id, order)
            first = await alice.items(thread_id, 3, None, order)
            await alice.delete_item(thread_id, line[0])
            await alice.delete_item(thread_id, line[5])
            for number in range(3):
                await alice.add(samples.message(scene.id(f"new{number}"), thread_id, 1 + number))
            seen, after, more = list(line[:3]), first.after, first.has_more
            for _ in range(20):
                if not more:
                    break
                page = await alice.items(thread_id, 3, after, order)
                seen += [item.id for item in page.data]
                after, more = page.after, page.has_more
            stayed = [entry for entry in line if entry not in (line[0], line[5])]
            got = [entry for entry in seen if entry in stayed]
            scene.require(
                got == stayed, f"While the thread changed ({order}) the pages gave {got}; all of {stayed} stayed."
            )
            scene.require(
                line[5] not in seen, f"{line[5]!r} was deleted before its page ({order}), and is in the pages."
            )
            twice = [entry for entry in seen if seen.count(entry) > 1]
            scene.require(not twice, f"While the thread changed ({order}), seen twice: {twice}.")
            await self._cursor_deleted(scene, alice, thread_id, order)

    async def _cursor_deleted(self, scene: Scene, user: StoreUser, thread_id: str, order: str) -> None:
        line = await ids_in(user, thread_id, order)
        first = await user.items(thread_id, 3, None, order)
        await user.delete_item(thread_id, line[2])
        page = await user.attempt("load_thread_items", thread_id, first.after, 3, order)
        got = [] if page.error else [item.id for item in page.value.data]
        again = [entry for entry in got if entry in line[:3]]
        scene.require(
            not again, f"The cursor's item was deleted, and the next page ({order}) starts over with {again}."
        )

    @rule("paging.limit-not-positive")
    async def test_a_limit_of_nothing_does_not_loop(self, scene: Scene) -> None:
        """A limit of 0 or below never gives `has_more` with no data."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=3)
        for limit in (0, -1, -5):
            for method, arguments in (
                ("load_thread_items", (thread_id, None, limit, "asc")),
                ("load_threads", (limit, None, "asc")),
            ):
                page = await alice.attempt(method, *arguments)
                loops = page.error is None and page.value.has_more and not page.value.data
                scene.require(not loops, f"{method} with limit {limit}: no data, and has_more is true.")

    @rule("paging.threads")
    async def test_threads_are_paged_like_items(self, scene: Scene) -> None:
        """Threads are paged completely, in one order both ways, newest last, ties included."""
        for spread in (1, 0):
            scene.chapter()
            alice = await scene.user("alice")
            ids = [scene.id(f"thr{suffix}") for suffix in SHUFFLED]
            times = {thread_id: samples.at(index * spread) for index, thread_id in enumerate(ids)}
            for thread_id in ids:
                await alice.save_thread(samples.thread(thread_id, created_at=times[thread_id]))
                for number in range(3 * spread):  # a list that is joined with them names the thread three times
                    await alice.add(
                        samples.message(scene.id(f"{thread_id} {number}"), thread_id, created_at=times[thread_id])
                    )
            ascending = await walk(scene, alice, None, 100, "asc")
            scene.require(sorted(ascending) == sorted(ids), f"Ten threads were saved, listed are {ascending}.")
            fault = out_of_order(ascending, ids, times)
            scene.require(fault is None, f"Threads are out of order: {fault}.")
            for limit in LIMITS:
                for order, wanted in (("asc", ascending), ("desc", ascending[::-1])):
                    seen = await walk(scene, alice, None, limit, order)
                    scene.require(seen == wanted, f"Threads by {limit}, {order}: {seen}; expected {wanted}.")
            exact = await alice.load_threads(10, None, "desc")
            more = exact.has_more and len(exact.data) == 10
            scene.require(not more, "Ten threads in a page of ten, and has_more is true.")
            for thread_id in ids:
                await alice.attempt("delete_thread", thread_id)
