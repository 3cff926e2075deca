"""Contract tests: two calls at once that want opposite things, or the same."""

from __future__ import annotations

import asyncio

from . import samples
from .items import ids_in, new_thread
from .ruled import rule
from .scene import Scene
from .threads import thread_is_gone

ROUNDS = 5
"""So often two calls are started at once: which comes first is chance."""

WRITERS = 6
"""Writes that are under way when the thread is deleted."""


class RaceRules:
    """Whoever wins, nothing is left half."""

    @rule("concurrency.delete-while-writing")
    async def test_a_thread_deleted_while_it_is_written_stays_deleted(self, scene: Scene) -> None:
        """A thread that is deleted while items are written to it is gone afterwards, with its items."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        for number in range(ROUNDS):
            thread_id = await new_thread(scene, alice, f"thr{number}")
            items = [samples.message(scene.id(f"w{number}_{n}"), thread_id, n) for n in range(WRITERS)]
            writes = [alice.attempt("add_thread_item", thread_id, item) for item in items]
            half = WRITERS // 2
            tasks = [asyncio.create_task(write) for write in writes[:half]]
            for _ in range(number):
                await asyncio.sleep(0)
            tasks.append(asyncio.create_task(alice.attempt("delete_thread", thread_id)))
            tasks += [asyncio.create_task(write) for write in writes[half:]]
            await asyncio.gather(*tasks)
            deleted = tasks[half].result()
            if deleted.error is not None:  # a transaction that lost: the SDK's client asks again
                await alice.call("delete_thread", thread_id)
            await thread_is_gone(scene, alice, thread_id, "delete_thread while items were added")
            if scene.contract.capabilities.reuse_of_ids:
                await alice.save_thread(samples.thread(thread_id))
                left = await ids_in(alice, thread_id)
                scene.require(not left, f"A thread deleted while items were added; made again, it has {left}.")

    @rule("concurrency.same-thing-twice")
    async def test_the_same_thing_saved_at_once_is_saved_once(self, scene: Scene) -> None:
        """One new thread, and one new item, saved by several tasks at once: no save fails, and it is there once."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        for number in range(ROUNDS):
            thread = samples.thread(scene.id(f"thr{number}"), number)
            await asyncio.gather(*(alice.save_thread(thread) for _ in range(WRITERS)))
            item = samples.message(scene.id(f"msg{number}"), thread.id)
            await asyncio.gather(*(alice.save_item(item) for _ in range(WRITERS)))
            listed = await ids_in(alice, thread.id)
            scene.require(listed == [item.id], f"One item saved {WRITERS} times at once is listed as {listed}.")
            threads = [entry.id for entry in (await alice.load_threads()).data].count(thread.id)
            scene.require(threads == 1, f"One thread saved {WRITERS} times at once is listed {threads} times.")
