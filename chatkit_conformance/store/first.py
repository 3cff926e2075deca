"""Contract tests: what everything else stands on."""

from __future__ import annotations

from . import samples
from .items import ids_in, new_thread
from .ruled import rule
from .scene import Scene
from .signature import sdk_style_calls


class FirstRules:
    """The methods can be called, and what is given is there."""

    @rule("signature.as-the-sdk-calls")
    async def test_methods_take_the_sdks_arguments(self, scene: Scene) -> None:
        """Every method can be called positionally and by name, as the SDK does both."""
        for described, problem in sdk_style_calls(type(scene.store)):
            scene.require(
                problem is None, f"The SDK calls {described}, and the store's method does not take it: {problem}"
            )

    @rule("store.keeps-what-it-is-given")
    async def test_a_thread_and_an_item_are_kept(self, scene: Scene) -> None:
        """A thread that was saved is loaded and listed, and an item that was added is loaded and in a page."""
        alice = await scene.user("alice")
        thread = samples.thread(scene.id("thr"), title="Shopping")
        await alice.save_thread(thread)
        loaded = await alice.load_thread(thread.id)
        scene.require(loaded.id == thread.id, f"Thread {thread.id!r} was saved, load_thread returned {loaded.id!r}.")
        listed = [entry.id for entry in (await alice.load_threads()).data]
        scene.require(listed == [thread.id], f"Thread {thread.id!r} was saved, load_threads lists {listed}.")
        item = samples.message(scene.id("msg"), thread.id, 1)
        await alice.add(item)
        got = await alice.load_item(thread.id, item.id)
        scene.require(got.id == item.id, f"Item {item.id!r} was added, load_item returned {got.id!r}.")
        for order in ("asc", "desc"):
            ids = [entry.id for entry in (await alice.items(thread.id, 20, None, order)).data]
            scene.require(ids == [item.id], f"Item {item.id!r} was added, load_thread_items ({order}) gives {ids}.")

    @rule("item.listed-in-order")
    async def test_items_are_listed_in_the_order_they_came(self, scene: Scene) -> None:
        """Items added one after the other, with rising times, are listed in that order, or in reverse."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice)
        wanted = [scene.id(f"m{suffix}") for suffix in (7, 2, 9, 0)]  # as random ids, neither rising nor falling
        for number, item_id in enumerate(wanted):
            await alice.add(samples.message(item_id, thread_id, number, "yes"))  # people say the same thing twice
        for order, expected in (("asc", wanted), ("desc", wanted[::-1])):
            listed = await ids_in(alice, thread_id, order)
            scene.require(listed == expected, f"Four items were added; listed ({order}) are {listed}, not {expected}.")
