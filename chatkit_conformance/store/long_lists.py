"""Contract test: more threads and items than a forgotten LIMIT gives."""

from __future__ import annotations

import time

from . import samples
from .ruled import rule
from .scaling import fill
from .scene import Scene, StoreUser
from .walk import page_of

THREADS = 55
"""More than a list that was meant for a sidebar has."""

ITEMS = 520
"""More than 500, where some stores cut."""

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
        items = (samples.message(item_id, threads[0], number) for number, item_id in enumerate(ids))
        await fill(scene, alice, threads[0], items)
        for order in ("asc", "desc"):
            for limit in LIMITS:
                await self._is_whole(scene, alice, None, limit, order, threads)
                await self._is_whole(scene, alice, threads[0], limit, order, ids)

    async def _is_whole(
        self, scene: Scene, user: StoreUser, thread_id: str | None, limit: int, order: str, wanted: list[str]
    ) -> None:
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
