"""Contract test: what a page costs in threads of different length."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable
from itertools import islice, pairwise

from chatkit.types import ThreadItem

from . import samples
from .finding import error_text
from .ruled import rule
from .scene import Scene, StoreUser, settled

PAGE = 20
"""Entries of the measured page: the SDK's default page size."""

ROUNDS = 9
"""Pages measured of each kind, of which the quickest counts: what makes the others slower is the machine, not the
store. Sizes take turns, so that a busy moment hits all of them."""

ATTEMPTS = 4
"""A finding must show this often: a machine that is busy once is not a slow store."""

NOTICEABLE_S = 0.005
"""Growth below this is not felt, and is within what measuring costs."""

LINEAR = 0.5
"""Cost ~ length ** e; an index gives e near 0, reading everything gives 1. Half way is the border."""

BATCH = 20
"""Items that are added at once."""


async def fill(scene: Scene, user: StoreUser, thread_id: str, items: Iterable[ThreadItem]) -> None:
    """Put many items into a thread: by the contract's `bulk_load` where it has one, else through the store itself."""
    from .under_test import StoreUnderTest

    contract, left = scene.contract, iter(items)
    if type(contract).bulk_load is not StoreUnderTest.bulk_load:
        async with user.context() as context:
            try:
                await settled(contract.bulk_load(scene.store, thread_id, left, context))
            except Exception as error:
                raise scene.fail(f"{type(contract).__name__}.bulk_load raised {error_text(error)}.") from error
        return

    async def add(item: ThreadItem) -> None:
        async with user.context() as context:
            await scene.store.add_thread_item(thread_id, item, context)

    while batch := list(islice(left, BATCH)):
        await asyncio.gather(*(add(item) for item in batch))


class ScalingRules:
    """Long conversations stay as quick as short ones."""

    @rule("scaling.page-cost")
    async def test_a_page_costs_the_same_in_a_long_thread(self, scene: Scene) -> None:
        """The cost of a page, newest, oldest or in the middle, does not grow with the length of the thread."""
        scene.trace.serial = False
        contract, alice = scene.contract, await scene.user("alice")
        sizes = sorted({*contract.scaling_sizes, contract.scaling_limit_from})
        places: dict[int, dict[str, tuple[str | None, str]]] = {}
        for size in sizes:
            await self._seed(scene, alice, size)
            places[size] = await self._places(scene, alice, size)
        for attempt in range(ATTEMPTS):
            costs = await self._costs(scene, alice, places)
            fault = self._fault(scene, costs)
            if fault is None or attempt == ATTEMPTS - 1:
                break
        for place in ("newest", "oldest", "middle"):
            for size in sizes:
                contract.measured(f"{place} page at {size:,} items", costs[place][size] * 1000, "ms")
            ratio = costs[place][sizes[-1]] / costs[place][contract.scaling_limit_from]
            name = f"{place} page at {sizes[-1]:,} items, in pages at {contract.scaling_limit_from:,}"
            contract.measured(name, ratio, "times")
        scene.require(fault is None, str(fault))

    async def _seed(self, scene: Scene, user: StoreUser, size: int) -> None:
        thread_id = scene.id(f"thr{size}")
        await user.save_thread(samples.thread(thread_id))
        items = (
            samples.message(scene.id(f"m{size}.{n}"), thread_id, n, "some words of a message") for n in range(size)
        )
        await fill(scene, user, thread_id, items)

    async def _places(self, scene: Scene, user: StoreUser, size: int) -> dict[str, tuple[str | None, str]]:
        """Cursor and order of the pages that are measured."""
        thread_id = scene.id(f"thr{size}")
        first = await user.items(thread_id, 1, None, "asc")
        middle = first.after
        if size > PAGE * 2 and first.after == first.data[0].id:
            middle = scene.id(f"m{size}.{size // 2}")
        elif size > PAGE * 2:
            middle = (await user.items(thread_id, size // 2, None, "asc")).after
        return {"newest": (None, "desc"), "oldest": (None, "asc"), "middle": (middle, "asc")}

    async def _costs(
        self, scene: Scene, user: StoreUser, places: dict[int, dict[str, tuple[str | None, str]]]
    ) -> dict[str, dict[int, float]]:
        taken: dict[tuple[str, int], list[float]] = {}
        for _ in range(ROUNDS):
            for size, where in places.items():
                for place, (after, order) in where.items():
                    async with user.context() as context:
                        began = time.perf_counter()
                        page = await scene.store.load_thread_items(scene.id(f"thr{size}"), after, PAGE, order, context)
                        taken.setdefault((place, size), []).append(time.perf_counter() - began)
                    wanted = scene.page_of(min(PAGE, size if place != "middle" else size // 2 - 1))
                    enough = len(page.data) >= wanted
                    scene.require(enough, f"The {place} page of {size:,} items has {len(page.data)}, not {wanted}.")
        found: dict[str, dict[int, float]] = {}
        for (place, size), seconds in taken.items():
            found.setdefault(place, {})[size] = min(seconds)
        return found

    def _fault(self, scene: Scene, costs: dict[str, dict[int, float]]) -> str | None:
        contract = scene.contract
        for place, by_size in costs.items():
            sizes = [size for size in sorted(by_size) if size >= PAGE * 2]
            for small, large in pairwise(sizes):
                growth = by_size[large] - by_size[small]
                exponent = math.log(by_size[large] / by_size[small]) / math.log(large / small)
                if exponent > LINEAR and growth > NOTICEABLE_S:
                    return (
                        f"The {place} page costs {by_size[small] * 1000:.2f} ms at {small:,} items and "
                        f"{by_size[large] * 1000:.2f} ms at {large:,}: it grows with the thread (exponent "
                        f"{exponent:.2f}; {LINEAR} is the border). Read a page through an index, not the whole thread."
                    )
            limit, start = contract.scaling_limit, contract.scaling_limit_from
            ratio = by_size[sizes[-1]] / by_size[start]
            if limit is not None and ratio > limit:
                return (
                    f"The {place} page at {sizes[-1]:,} items costs {ratio:.2f} times that at {start:,}; limit {limit}."
                )
        return None
