"""Contract tests: calls that were cancelled, and what is left of them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from . import samples
from .items import ids_in, new_thread
from .ruled import rule
from .scene import Scene, StoreUser

TURNS = (0, 1, 2, 3, 5, 8, 13)
"""Turns of the event loop after which a write is cancelled."""

DELAYS_S = (0.0005, 0.002, 0.005)
"""Seconds after which it is, for what takes longer."""

USABLE_S = 10.0
"""What a call after a cancelled one may take; a lock that nobody holds takes for ever."""

SETTLE_S = 0.05
SETTLES = 20
"""A cancelled write in a thread may end later: so often, and so far apart, its result is looked at."""

OFTEN = 16
"""More than the connections of a pool: SQLAlchemy's has 15, asyncpg's 10."""


class InterruptedRules:
    """What did not go well leaves nothing behind."""

    @rule("write.cancelled")
    async def test_a_cancelled_write_leaves_the_store_usable(self, scene: Scene) -> None:
        """A write that is cancelled, at any moment and many times, keeps no lock, and is there whole or not at all."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=1)
        moments = [(turns, 0.0) for turns in TURNS] + [(0, delay) for delay in DELAYS_S]
        for method in ("add_thread_item", "save_item"):
            cut = (0, 0.0)  # the last moment that fell into the write
            for number, (turns, delay) in enumerate(moments):
                item = samples.message(scene.id(f"{method}{number}"), thread_id, number + 1)
                if await self._cancel(alice, method, item, turns, delay):
                    cut = turns, delay
                await self._require_usable(scene, alice, thread_id, item.id, f"a {method} was cancelled")
            for number in range(OFTEN):
                item = samples.message(scene.id(f"{method}_often{number}"), thread_id, number + 1)
                await self._cancel(alice, method, item, *cut)
            await self._require_usable(scene, alice, thread_id, item.id, f"{OFTEN} times {method} was cancelled")

    async def _cancel(self, user: StoreUser, method: str, item: Any, turns: int, delay: float) -> bool:
        """Begin the write, and cancel it; whether it was under way."""
        task = asyncio.create_task(user.attempt(method, item.thread_id, item))
        for _ in range(turns):
            await asyncio.sleep(0)
        if delay:
            await asyncio.sleep(delay)
        task.cancel()
        await asyncio.wait({task}, timeout=USABLE_S)
        user.scene.require(task.done(), f"{method} does not end {USABLE_S:g} s after it was cancelled.")
        with contextlib.suppress(asyncio.CancelledError):
            task.result()
        return task.cancelled()

    async def _require_usable(self, scene: Scene, user: StoreUser, thread_id: str, item_id: str, after: str) -> None:
        """Reads and writes work, and the item is in its thread's pages exactly when it can be loaded."""
        try:
            async with asyncio.timeout(USABLE_S):
                await user.load_thread(thread_id)
                # What an answer that was stopped leaves is written next.
                await user.add(samples.message(scene.id(f"next {item_id}"), thread_id, 1_000))
                for _ in range(SETTLES):
                    listed, loaded = await self._looked_up(user, thread_id, item_id)
                    if listed == loaded:
                        return
                    await asyncio.sleep(SETTLE_S)
        except TimeoutError as error:
            calls = ", ".join(call.method for call in scene.trace.unended[-3:])
            raise scene.fail(f"After {after}, the store does not answer within {USABLE_S:g} s ({calls}).") from error
        said = "is listed and cannot be loaded" if listed else "can be loaded and is not listed"
        raise scene.fail(f"After {after}, item {item_id!r} {said}: half of the write is there.")

    async def _looked_up(self, user: StoreUser, thread_id: str, item_id: str) -> tuple[bool, bool]:
        listed = item_id in await ids_in(user, thread_id)
        return listed, (await user.attempt("load_item", thread_id, item_id)).error is None
