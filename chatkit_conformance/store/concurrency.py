"""Contract tests: many tasks at once."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine
from typing import Any

from . import samples
from .history import History, StoreEvent, list_anomaly, read_anomaly, value_anomaly
from .items import ids_in, items_in, new_thread
from .loop_watch import LoopWatch
from .ruled import rule
from .scene import Scene, StoreUser
from .walk import walk

EACH = 4
"""Writes of each task, one after the other, so that real time orders some of them."""

SMALL_PAGE = 7
"""Entries on the pages in which the items of many writers are read once more."""

MOST_READS = 60
"""Reads of each reader; it stops when the writers are done."""

BLOCKED_S = 0.05
"""A person sees text stutter at about this length; far above what a local database or JSON costs."""

READS_S = 30.0
"""In which many reads at once have to end; a pool whose connections all wait for another one takes for ever."""

REPEATS = 5
"""The shortest of so many measurements counts: the machine may be busy with something else."""


class Clock:
    """Creation times that rise with every call, so that time and insertion agree wherever real time is certain."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def tick(self) -> float:
        return next(self._count) / 1000


class ConcurrencyRules:
    """Tasks that run at once lose nothing, repeat nothing and block nobody."""

    async def _write(self, user: StoreUser, thread_id: str, task: int, clock: Clock, history: History) -> None:
        for number in range(EACH):
            item = samples.message(user.scene.id(f"w{task}_{number}"), thread_id, clock.tick())
            began = time.perf_counter()
            await user.add(item)
            history.events.append(StoreEvent(task=task, began=began, ended=time.perf_counter(), wrote=item.id))

    @rule("concurrency.one-thread")
    async def test_writers_on_one_thread_lose_nothing(self, scene: Scene) -> None:
        """Every acknowledged item of many writers on one thread is there once, in an order a serial run explains."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        thread_id, history, clock = await new_thread(scene, alice), History(), Clock()
        tasks = (self._write(alice, thread_id, task, clock, history) for task in range(scene.contract.writers))
        await asyncio.gather(*tasks)
        listed = await ids_in(alice, thread_id)
        anomaly = list_anomaly(history, listed)
        scene.require(anomaly is None, f"{scene.contract.writers} writers on one thread: {anomaly}.")
        # Two that took the same place are in one page together, and at the edge of two pages they are not.
        walked = [item.id for item in await items_in(alice, thread_id, limit=SMALL_PAGE)]
        missing = [entry for entry in listed if entry not in walked]
        scene.require(
            walked == listed,
            f"{len(listed)} items of {scene.contract.writers} writers; pages of {SMALL_PAGE} give {len(walked)}, "
            f"without {missing[:3]}.",
        )

    @rule("concurrency.many-threads")
    async def test_writers_on_many_threads_lose_nothing(self, scene: Scene) -> None:
        """Writers of two users on different threads, which they make themselves, lose nothing to each other."""
        scene.trace.serial = False
        names, clock = ("alice", "bob" if scene.contract.capabilities.users else "alice"), Clock()
        users = [await scene.user(name) for name in names]
        histories = [History() for _ in range(scene.contract.writers)]

        async def one(task: int) -> None:
            user, thread_id = users[task % 2], scene.id(f"thr{task}")
            await user.save_thread(samples.thread(thread_id, clock.tick()))
            await self._write(user, thread_id, task, clock, histories[task])

        await asyncio.gather(*(one(task) for task in range(scene.contract.writers)))
        for number, user in enumerate(users):
            if names[0] == names[1] and number:
                break
            own = {scene.id(f"thr{task}"): task for task in range(scene.contract.writers) if users[task % 2] is user}
            wanted = own.keys()
            if not scene.knows("paging.threads"):
                listed = set(await walk(scene, user, None, 100, "desc"))
                scene.require(listed == wanted, f"Threads lost: {wanted - listed}; not theirs: {listed - wanted}.")
            for thread_id, task in own.items():
                anomaly = list_anomaly(histories[task], await ids_in(user, thread_id))
                scene.require(anomaly is None, f"Writers on {scene.contract.writers} threads: {anomaly}.")

    @rule("concurrency.reads-see-writes")
    async def test_reads_see_what_was_acknowledged(self, scene: Scene) -> None:
        """A read that begins after a write was acknowledged sees it, and no later read forgets it."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        thread_id, history, clock = await new_thread(scene, alice), History(), Clock()
        writers = max(2, scene.contract.writers // 5)

        async def read(task: int) -> None:
            for _ in range(MOST_READS):
                began = time.perf_counter()
                saw = tuple(await ids_in(alice, thread_id))
                history.events.append(StoreEvent(task=task, began=began, ended=time.perf_counter(), saw=saw))
                if len(history.writes) == writers * EACH:
                    return
                await asyncio.sleep(0)

        work = [self._write(alice, thread_id, task, clock, history) for task in range(writers)]
        await asyncio.gather(*work, *(read(100 + task) for task in range(5)))
        anomaly = read_anomaly(history)
        scene.require(anomaly is None, f"{writers} writers and 5 readers on one thread: {anomaly}.")

    @rule("concurrency.reads-at-once")
    async def test_many_reads_at_once_all_end(self, scene: Scene) -> None:
        """As many reads at once as there are writers, of each kind, all give what is there."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=3)
        reads: dict[str, tuple[Any, ...]] = {
            "load_thread_items": (thread_id, None, scene.page_of(20), "asc"),
            "load_thread": (thread_id,),
            "load_item": (thread_id, scene.id("msg0")),
        }
        if not scene.knows("paging.threads"):
            reads["load_threads"] = (scene.page_of(20), None, "desc")
        try:
            async with asyncio.timeout(READS_S):
                for method, arguments in reads.items():
                    calls = (alice.call(method, *arguments) for _ in range(scene.contract.writers))
                    for given in await asyncio.gather(*calls):
                        entries = getattr(given, "data", [given])
                        wanted = 3 if method == "load_thread_items" else 1
                        scene.require(len(entries) == wanted, f"{method}, at once with others, gives {len(entries)}.")
        except TimeoutError as error:
            waiting = len(scene.trace.unended)
            raise scene.fail(
                f"{scene.contract.writers} calls of {method} at once do not end within {READS_S:g} s; {waiting} wait. "
                "A call that takes a second connection of a pool while it holds one waits for itself."
            ) from error

    @rule("concurrency.thread-metadata")
    async def test_the_last_save_of_a_thread_wins_whole(self, scene: Scene) -> None:
        """Of concurrent saves of a thread the last acknowledged wins whole; an earlier one never comes back."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        thread_id, history, savers = scene.id("thr"), History(), max(2, scene.contract.writers // 2)
        await alice.save_thread(samples.thread(thread_id, title="first", metadata={"title": "first"}))

        async def save(task: int) -> None:
            for number in range(EACH):
                title = f"title {task}.{number}"
                changed = samples.thread(thread_id, title=title, metadata={"title": title})
                began = time.perf_counter()
                await alice.save_thread(changed)
                history.events.append(StoreEvent(task=task, began=began, ended=time.perf_counter(), wrote=title))

        async def load(task: int) -> None:
            for _ in range(MOST_READS):
                began = time.perf_counter()
                loaded = await alice.load_thread(thread_id)
                title = str(loaded.title)
                torn = f"title {title!r}, metadata {loaded.metadata}"
                scene.require(loaded.metadata == {"title": title}, f"Half of one save, half of another: {torn}.")
                history.events.append(StoreEvent(task=task, began=began, ended=time.perf_counter(), saw=(title,)))
                if len(history.writes) == savers * EACH:
                    return
                await asyncio.sleep(0)

        await asyncio.gather(*(save(task) for task in range(savers)), *(load(100 + task) for task in range(5)))
        await load(200)
        anomaly = value_anomaly(history, "first")
        scene.require(anomaly is None, f"{savers} tasks save one thread: {anomaly}.")

    @rule("concurrency.save-thread-keeps-items")
    async def test_saving_a_thread_loses_no_item_added_meanwhile(self, scene: Scene) -> None:
        """Items that are added while the thread is saved are kept."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        thread_id, history, clock = await new_thread(scene, alice), History(), Clock()

        async def rename(task: int) -> None:
            for number in range(EACH):
                await alice.save_thread(samples.thread(thread_id, title=f"title {task}.{number}"))

        half = max(2, scene.contract.writers // 2)
        writes = [self._write(alice, thread_id, task, clock, history) for task in range(half)]
        await asyncio.gather(*(work for pair in zip(writes, map(rename, range(half)), strict=True) for work in pair))
        anomaly = list_anomaly(history, await ids_in(alice, thread_id))
        scene.require(anomaly is None, f"{half} writers while {half} tasks save the thread: {anomaly}.")

    @rule("concurrency.loop-stays-free")
    async def test_no_call_blocks_the_event_loop(self, scene: Scene) -> None:
        """No call keeps the event loop for more than 50 ms."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice)
        for number in range(20):
            await alice.add(samples.message(scene.id(f"msg{number}"), thread_id, number, "word " * 400))
        worst, blamed = 0.0, ""
        for name, work in self._every_method(scene, alice, thread_id):
            blocked = []
            for attempt in range(REPEATS):
                async with LoopWatch() as watch:
                    await work(attempt)
                blocked.append(watch.longest_s)
                if watch.longest_s <= BLOCKED_S:
                    break
            if min(blocked) > worst:
                worst, blamed = min(blocked), name
        scene.contract.measured("longest the event loop stood still", worst * 1000, "ms")
        scene.require(
            worst <= BLOCKED_S,
            f"{blamed} kept the event loop for {worst * 1000:.0f} ms in each of {REPEATS} calls; "
            f"{BLOCKED_S * 1000:.0f} ms are allowed. Nothing else runs in that time. "
            "Await the database, or use asyncio.to_thread.",
        )

    def _every_method(
        self, scene: Scene, user: StoreUser, thread_id: str
    ) -> list[tuple[str, Callable[[int], Coroutine[Any, Any, object]]]]:
        def fresh(number: int) -> Any:
            return samples.message(scene.id(f"fresh{number}"), thread_id, 100 + number)

        work: list[tuple[str, Callable[[int], Coroutine[Any, Any, object]]]] = [
            ("save_thread", lambda n: user.save_thread(samples.thread(thread_id, title=f"{n}"))),
            ("load_thread", lambda n: user.load_thread(thread_id)),
            ("load_threads", lambda n: user.load_threads(20)),
            ("add_thread_item", lambda n: user.add(fresh(n))),
            ("save_item", lambda n: user.save_item(fresh(n))),
            ("load_item", lambda n: user.load_item(thread_id, scene.id("msg0"))),
            ("load_thread_items", lambda n: user.items(thread_id, 20, None, "desc")),
            ("delete_thread_item", lambda n: user.attempt("delete_thread_item", thread_id, scene.id(f"fresh{n}"))),
            ("delete_thread", lambda n: user.attempt("delete_thread", scene.id(f"never{n}"))),
        ]
        if scene.contract.capabilities.attachments:
            file = samples.attachment(scene.id("atc"))
            work += [
                ("save_attachment", lambda n: user.save_attachment(file)),
                ("load_attachment", lambda n: user.load_attachment(file.id)),
                ("delete_attachment", lambda n: user.attempt("delete_attachment", file.id)),
            ]
        return work
