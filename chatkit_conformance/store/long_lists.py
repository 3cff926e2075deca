"""Contract test: more threads and items than a forgotten LIMIT gives."""

from __future__ import annotations

import time
from itertools import pairwise

from . import samples
from .ruled import rule
from .scaling import BATCH, fill
from .scene import Scene, StoreUser
from .walk import page_of

THREADS = 55
"""More than a list that was meant for a sidebar has."""

ITEMS = 520
"""More than 500, where some stores cut."""

GONE = 5
"""Items that are deleted before the others are added: what makes its state anew now and then may bring them back."""

LIMITS = (150, 20)
"""Above the hundred at which some stores stop, and what the SDK's server asks for."""

FILL_S = 20.0
"""Seconds after which no more is written: what is there then is judged."""


class LongListRules:
    """Nothing has an end that is not said."""

    @rule("paging.long")
    async def test_long_threads_and_lists_are_whole(self, scene: Scene) -> None:
        """More than fifty threads and five hundred items: following `after` gives all of them, with any limit."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        ends = time.monotonic() + FILL_S
        threads = []
        for number in range(THREADS):
            thread = samples.thread(scene.id(f"thr{number}"), number)
            await alice.save_thread(thread)
            threads.append(thread.id)
            if time.monotonic() > ends:
                break
        ids = [scene.id(f"m{number}") for number in range(ITEMS)]
        gone = [scene.id(f"gone{number}") for number in range(GONE)]
        for number, item_id in enumerate(gone):
            await alice.add(samples.message(item_id, threads[0], number - GONE))
        for item_id in gone:
            await alice.delete_item(threads[0], item_id)
        items = (samples.message(item_id, threads[0], number) for number, item_id in enumerate(ids))
        await fill(scene, alice, threads[0], items)
        for order in ("asc", "desc"):
            for limit in LIMITS:
                if not scene.knows("paging.threads"):
                    await self._is_whole(scene, alice, None, limit, order, threads)
                await self._is_whole(scene, alice, threads[0], limit, order, ids)
        for item_id in (ids[0], ids[ITEMS // 2], ids[-1]):
            found = await alice.attempt("load_item", threads[0], item_id)
            said = f"One of {ITEMS} items of a thread, {item_id!r}: load_item {found.told}."
            scene.require(found.error is None and found.value is not None, said)

    async def _is_whole(
        self, scene: Scene, user: StoreUser, thread_id: str | None, limit: int, order: str, wanted: list[str]
    ) -> None:
        at_once = 1 if thread_id is None else BATCH
        seen: list[str] = []
        after: str | None = None
        for _ in range(len(wanted) + 1):
            page = await page_of(user, thread_id, limit, after, order)
            seen += [entry.id for entry in page.data]
            if not page.has_more:
                break
            after = page.after
        missing = [entry for entry in wanted if entry not in set(seen)]
        what = "threads" if thread_id is None else "items of a thread"
        scene.require(
            not missing,
            f"{len(wanted)} {what} were saved; pages of {limit} ({order}) give {len(set(seen))} of them, "
            f"without {missing[:3]}, and then has_more is false.",
        )
        extra = [entry for entry in seen if entry not in set(wanted)]
        scene.require(not extra, f"{len(wanted)} {what} are there; pages of {limit} ({order}) give {extra[:3]} too.")
        ascending = seen if order == "asc" else seen[::-1]
        # The first thread was written into: a list by last use has it at its end.
        came = {entry: number // at_once for number, entry in enumerate(wanted) if thread_id or number}
        listed = [entry for entry in ascending if entry in came]
        wrong = next(((a, b) for a, b in pairwise(listed) if came[a] > came[b]), None)
        scene.require(
            wrong is None,
            f"Pages of {limit} ({order}) of {len(wanted)} {what} list {wrong}, of which the second came before.",
        )
