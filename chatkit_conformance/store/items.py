"""Contract tests: items of a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatkit.types import ThreadItem, UserMessageTextContent

from . import samples
from .ruled import rule
from .scene import Scene, StoreUser

MOST_PAGES = 500
"""Pages of a thread that are read; more than these go round in circles."""


async def items_in(user: StoreUser, thread_id: str, order: str = "asc", limit: int = 100) -> list[ThreadItem]:
    """All items of a thread, from as many pages as the store makes of them."""
    found: list[ThreadItem] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = await user.items(thread_id, limit, after, order)
        found += page.data
        if not page.has_more or not page.data:
            return found
        after = page.after
    raise user.scene.fail(f"The pages of {thread_id!r} ({order}, limit {limit}) do not end after {MOST_PAGES} pages.")


async def ids_in(user: StoreUser, thread_id: str, order: str = "asc") -> list[str]:
    """Ids of all of a thread's items, from as many pages as the store makes of them."""
    return [item.id for item in await items_in(user, thread_id, order)]


async def new_thread(scene: Scene, user: StoreUser, word: str = "thr", items: int = 0, *, named: str = "msg") -> str:
    """A saved thread with so many messages `msg0`, `msg1`, ... a second apart.

    Args:
        named: how its messages are named in place of `msg`: a store may refuse an id that another thread has.
    """
    thread_id = scene.id(word)
    await user.save_thread(samples.thread(thread_id))
    for number in range(items):
        await user.add(samples.message(scene.id(f"{named}{number}"), thread_id, number, f"text {number}"))
    return thread_id


def _message(**fields: Any) -> Callable[[str, str], ThreadItem]:
    return lambda item_id, thread_id: samples.message(item_id, thread_id, **fields)


def _call(**fields: Any) -> Callable[[str, str], ThreadItem]:
    return lambda item_id, thread_id: samples.tool_call(item_id, thread_id, 1, **fields)


PARTS = [UserMessageTextContent(text=text) for text in ("first part", "second part", "third part")]

REPLACEMENTS: dict[str, tuple[Callable[[str, str], ThreadItem], ...]] = {
    "other text": (_message(seconds=1, text="changed", quoted_text="new"),),
    "nothing quoted": (_message(seconds=1, quoted_text="new"), _message(seconds=1)),
    "another time": (_message(seconds=1.5),),
    "fewer parts": (_message(seconds=1, content=PARTS), _message(seconds=1, content=PARTS[:1])),
    "another type": (_call(output={"done": True}),),
    "no output": (_call(output={"done": True}), _call()),
}
"""What the last save of an item brings -> the saves of it, one after the other."""


class ItemRules:
    """Items are kept whole, replaced in place and deleted one by one."""

    @rule("item.hidden-are-kept")
    async def test_hidden_items_are_kept(self, scene: Scene) -> None:
        """Items of every type, the hidden ones too, are in the pages and can be loaded."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice)
        added = samples.one_of_each(thread_id, scene.id)
        for item in added:
            await alice.add(item)
        paged = {*await ids_in(alice, thread_id)}
        missing = [f"{item.type} {item.id}" for item in added if item.id not in paged]
        scene.require(not missing, f"Added, and in no page: {missing}.")
        for item in added:
            found = scene.difference(item, await alice.load_item(thread_id, item.id))
            scene.require(found is None, f"The loaded {item.type} differs from the saved one. {found}")

    @rule("item.save-inserts")
    async def test_saving_an_unknown_item_inserts_it(self, scene: Scene) -> None:
        """`save_item` with an id that the thread does not have inserts the item."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=1)
        fresh = samples.message(scene.id("fresh"), thread_id, 5)
        await alice.save_item(fresh)
        outcome = await alice.attempt("load_item", thread_id, fresh.id)
        scene.require(outcome.error is None, f"save_item returned, and the item is lost: load_item {outcome.told}.")
        listed = await ids_in(alice, thread_id)
        scene.require(listed == [scene.id("msg0"), fresh.id], f"After save_item of a new item the thread has {listed}.")

    @rule("item.save-replaces")
    async def test_saving_a_known_item_replaces_it(self, scene: Scene) -> None:
        """`save_item` with a known id replaces that item once, in its thread; the others stay as they are."""
        alice = await scene.user("alice")
        for number, (what, versions) in enumerate(REPLACEMENTS.items()):
            thread_id = await new_thread(scene, alice, f"thr{number}", 3, named=f"m{number}")
            for made in versions:  # nothing is read between the saves: whether a read is fresh is another rule's
                changed = made(scene.id(f"m{number}1"), thread_id)
                await alice.save_item(changed)
            found = scene.difference(changed, await alice.load_item(thread_id, changed.id))
            scene.require(found is None, f"The item replaced by one with {what} is not what is loaded. {found}")
            paged = sorted(await items_in(alice, thread_id), key=lambda item: item.id)
            wanted: list[ThreadItem] = [
                samples.message(scene.id(f"m{number}{n}"), thread_id, n, f"text {n}") for n in (0, 2)
            ]
            wanted = sorted([*wanted, changed], key=lambda item: item.id)
            found = scene.difference(wanted, paged)
            ids = [item.id for item in paged]
            scene.require(found is None, f"The thread after one item was replaced, {what}: {found}; ids {ids}.")

    @rule("item.save-keeps-its-place")
    async def test_a_replaced_item_keeps_its_place(self, scene: Scene) -> None:
        """A replaced item keeps its place in both orders when its time is unchanged, ties included."""
        alice = await scene.user("alice")
        for spread in (1, 0):
            thread_id = scene.id(f"thr{spread}")
            await alice.save_thread(samples.thread(thread_id))
            for number in range(4):
                await alice.add(samples.message(scene.id(f"msg{spread}{number}"), thread_id, number * spread))
            before = await ids_in(alice, thread_id)
            for number, made in ((1, samples.message), (2, samples.tool_call)):
                await alice.save_item(made(scene.id(f"msg{spread}{number}"), thread_id, number * spread))
            after = await ids_in(alice, thread_id)
            scene.require(after == before, f"Replacing two items moved them: before {before}, after {after}.")
            mirror = await ids_in(alice, thread_id, "desc")
            scene.require(mirror == before[::-1], f"Descending after the replacement: {mirror}, not {before[::-1]}.")

    @rule("item.second-add")
    async def test_a_second_add_is_neither_lost_nor_doubled(self, scene: Scene) -> None:
        """Adding an id again raises and keeps the first, or keeps the second; the id exists once."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=2)
        second = samples.message(scene.id("msg0"), thread_id, 0, "second")
        outcome = await alice.attempt("add_thread_item", thread_id, second)
        listed = await ids_in(alice, thread_id)
        scene.require(listed.count(second.id) == 1, f"One id added twice is listed as {listed}.")
        first = samples.message(scene.id("msg0"), thread_id, 0, "text 0")
        expected = first if outcome.error else second
        found = scene.difference(expected, await alice.load_item(thread_id, second.id))
        said = "raised" if outcome.error else "returned"
        scene.require(found is None, f"The second add {said}, so the item should be as then. {found}")

    @rule("item.id-in-two-threads")
    async def test_one_id_in_two_threads_harms_neither(self, scene: Scene) -> None:
        """An item id that exists in another thread never changes or moves that other item."""
        alice = await scene.user("alice")
        first, second = await new_thread(scene, alice, "thr1"), await new_thread(scene, alice, "thr2")
        for method in ("add_thread_item", "save_item"):
            shared = scene.id(f"fake_{method}")
            original = samples.message(shared, first, 0, "original")
            await alice.add(original)
            other = samples.message(shared, second, 1, "other")
            outcome = await alice.attempt(method, second, other)
            kept = await alice.attempt("load_item", first, shared)
            scene.require(kept.error is None, f"{method} in another thread took the item away: load_item {kept.told}.")
            found = scene.difference(original, kept.value)
            scene.require(found is None, f"{method} of the same id in another thread changed the first item. {found}")
            listed = await ids_in(alice, first)
            scene.require(shared in listed, f"The first thread no longer lists {shared!r}: {listed}.")
            if outcome.error is None:
                found = scene.difference(other, await alice.load_item(second, shared))
                scene.require(found is None, f"{method} returned, and the second item is missing. {found}")

    @rule("item.unknown-is-not-found")
    async def test_an_unknown_item_is_not_found(self, scene: Scene) -> None:
        """Loading an item that does not exist raises `NotFoundError`."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=1)
        await alice.is_not_found("load_item", thread_id, scene.id("unknown"), why="there is no such item")

    @rule("item.delete-takes-one")
    async def test_deleting_an_item_takes_that_one(self, scene: Scene) -> None:
        """Deleting an item removes it from its thread, and nothing else."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=4)
        await alice.delete_item(thread_id, scene.id("msg1"))
        listed = await ids_in(alice, thread_id)
        wanted = [scene.id(f"msg{number}") for number in (0, 2, 3)]
        scene.require(listed == wanted, f"After deleting msg1 the thread has {listed}.")
        await alice.is_not_found("load_item", thread_id, scene.id("msg1"), why="it was deleted")
        if not scene.knows("item.save-replaces"):
            await alice.save_item(samples.message(scene.id("msg2"), thread_id, 2, "saved again"))
        await alice.delete_item(thread_id, scene.id("msg2"))
        listed = await ids_in(alice, thread_id)
        wanted = [scene.id(f"msg{number}") for number in (0, 3)]
        scene.require(listed == wanted, f"msg2 was saved again and deleted at once; the thread has {listed}.")
        for number in (0, 3):
            await alice.delete_item(thread_id, scene.id(f"msg{number}"))
        kept = await alice.attempt("load_thread", thread_id)
        scene.require(kept.error is None, f"After the last item was deleted, load_thread {kept.told}.")

    @rule("item.added-again")
    async def test_an_item_added_again_is_there(self, scene: Scene) -> None:
        """An item that was deleted and is added again is there, as it was added."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=2)
        await alice.delete_item(thread_id, scene.id("msg0"))
        again = samples.message(scene.id("msg0"), thread_id, 5, "again")
        await alice.add(again)
        outcome = await alice.attempt("load_item", thread_id, again.id)
        scene.require(outcome.error is None, f"Deleted, added again, and load_item {outcome.told}.")
        found = scene.difference(again, outcome.value)
        scene.require(found is None, f"An item that was deleted and added again is not as it was added. {found}")
        listed = await ids_in(alice, thread_id)
        scene.require(listed.count(again.id) == 1, f"Deleted, added again, and the thread has {listed}.")

    @rule("item.belongs-to-its-thread")
    async def test_an_item_is_not_reached_through_another_thread(self, scene: Scene) -> None:
        """An item cannot be loaded, or deleted, through another thread's id."""
        alice = await scene.user("alice")
        home, other = await new_thread(scene, alice, "thr1", 1), await new_thread(scene, alice, "thr2")
        item_id = scene.id("msg0")
        await alice.is_not_found("load_item", other, item_id, why="it is in another thread")
        await alice.attempt("delete_thread_item", other, item_id)
        left = await ids_in(alice, home)
        scene.require(left == [item_id], f"delete_thread_item through another thread left {left}.")

    @rule("item.ids-are-exact")
    async def test_ids_are_compared_exactly(self, scene: Scene) -> None:
        """Ids that differ only in case or in spaces at the end are different ids."""
        scene.needs_any_id()
        alice = await scene.user("alice")
        for word in ("Thr", "thr", "thr "):
            await alice.save_thread(samples.thread(scene.id("") + word, title=word))
        for word in ("Thr", "thr", "thr "):
            loaded = await alice.load_thread(scene.id("") + word)
            scene.require(loaded.title == word, f"Thread {word!r} was loaded as {loaded.title!r}.")
        thread_id = await new_thread(scene, alice, "exact")
        ids = [scene.id("") + word for word in ("msg_aB", "msg_Ab", "msg_ab", "msg_ab ")]
        for number, item_id in enumerate(ids):
            await alice.add(samples.message(item_id, thread_id, number, item_id))
        listed = await ids_in(alice, thread_id)
        scene.require(listed == ids, f"Four ids {ids} are listed as {listed}.")
        await alice.delete_item(thread_id, ids[0])
        left = await ids_in(alice, thread_id)
        scene.require(left == ids[1:], f"Deleting {ids[0]!r} left {left}.")
