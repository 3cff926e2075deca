"""Contract tests: times."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from datetime import UTC, timedelta, timezone

from . import samples
from .items import ids_in, new_thread
from .ruled import rule
from .scene import Scene

ZONE = "America/St_Johns"
"""A zone that is no whole number of hours from any other, and not UTC at any time of the year."""


@contextlib.contextmanager
def local_time(zone: str) -> Iterator[None]:
    """This process in another time zone. Where the system cannot (Windows), nothing changes."""
    if not hasattr(time, "tzset"):
        yield
        return
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


class TimeRules:
    """An instant stays that instant."""

    @rule("time.zone")
    async def test_times_keep_or_lack_their_zone(self, scene: Scene) -> None:
        """A time with a zone comes back as the same instant with a zone, a time without one without."""
        alice = await scene.user("alice")
        naive = samples.START.replace(microsecond=0)
        for what, moment in {
            "without a zone": naive,
            "in UTC": naive.replace(tzinfo=UTC),
            "east": naive.replace(tzinfo=timezone(timedelta(hours=5, minutes=30))),
            "west": naive.replace(tzinfo=timezone(timedelta(hours=-8))),
        }.items():
            saved = samples.thread(scene.id(f"thr {what}"), created_at=moment)
            await alice.save_thread(saved)
            found = scene.difference(saved, await alice.load_thread(saved.id), area="time.")
            scene.require(found is None, f"A thread's time {what} comes back changed. {found}")
            item = samples.message(scene.id(f"msg {what}"), saved.id, created_at=moment)
            await alice.add(item)
            found = scene.difference(item, (await alice.items(saved.id)).data[0], area="time.")
            scene.require(found is None, f"An item's time {what} comes back changed. {found}")

    @rule("time.microseconds")
    async def test_times_keep_their_microseconds(self, scene: Scene) -> None:
        """Times keep their microseconds."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice)
        for number, microsecond in enumerate((0, 1, 999, 1_000, 500_000, 999_999)):
            item = samples.message(
                scene.id(f"msg{number}"), thread_id, created_at=samples.START.replace(microsecond=microsecond)
            )
            await alice.add(item)
            found = scene.difference(item, await alice.load_item(thread_id, item.id), area="time.")
            scene.require(found is None, f"A time with {microsecond} microseconds comes back changed. {found}")

    @rule("time.local")
    def test_local_time_stays_local_time(self, scene: Scene) -> None:
        """A time without a zone, as the SDK writes it, comes back the same where local time is not UTC."""

        async def look() -> None:
            alice = await scene.user("alice")
            saved = samples.thread(scene.id("thr"), created_at=samples.START.replace(microsecond=0))
            await alice.save_thread(saved)
            found = scene.difference(saved, await alice.load_thread(saved.id))
            scene.require(found is None, f"Where local time is {ZONE}, a thread's time comes back changed. {found}")
            item = samples.message(scene.id("msg"), saved.id, created_at=saved.created_at)
            await alice.add(item)
            found = scene.difference(item, await alice.load_item(saved.id, item.id))
            scene.require(found is None, f"Where local time is {ZONE}, an item's time comes back changed. {found}")

        scene.trace.serial = False  # the script would run where local time is another
        with local_time(ZONE):
            scene.fresh()
            scene.run(look())

    @rule("time.naive-beside-zoned")
    async def test_naive_and_zoned_times_stand_side_by_side(self, scene: Scene) -> None:
        """Times with and without a zone in one thread, and in one list of threads, are kept, paged and listed."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice)
        await alice.save_thread(samples.thread(scene.id("zoned"), created_at=samples.at(1, zone=True)))
        ids = [scene.id(f"msg{number}") for number in range(4)]
        for number, item_id in enumerate(ids):
            moment = samples.at(number, zone=number % 2 == 0)
            await alice.add(samples.message(item_id, thread_id, created_at=moment))
        for order in ("asc", "desc"):
            seen = await ids_in(alice, thread_id, order)
            scene.require(
                sorted(seen) == sorted(ids), f"Four items, naive and zoned in turn, are listed ({order}) as {seen}."
            )
            edge = await alice.items(thread_id, 2, None, order)
            if edge.has_more:
                await alice.items(thread_id, 2, edge.after, order)
            threads = sorted(entry.id for entry in (await alice.load_threads(10, None, order)).data)
            wanted = sorted((thread_id, scene.id("zoned")))
            scene.require(threads == wanted, f"A naive and a zoned thread are listed ({order}) as {threads}.")
