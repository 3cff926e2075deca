"""Contract tests: ids that are nearly alike, odd, or made by the store."""

from __future__ import annotations

import inspect
from typing import Any, get_args

from chatkit.store import StoreItemType

from . import samples
from .items import ids_in, new_thread
from .ruled import rule
from .scene import Scene, StoreUser

LIKELY = {
    "an underscore, a wildcard of LIKE": ("a_b", "aXb"),
    "a prefix": ("n1", "n10"),
    "sixty characters alike": ("x" * 60 + "one", "x" * 60 + "two"),
}
"""What is special -> two ids as the SDK, OpenAI and applications make them."""

ODD = {
    "a percent sign, a wildcard of LIKE": ("p%", "p12"),
    "a slash": ("s/a", "t/a"),
    "dots, as in a path": ("u/../v", "v"),
    "an encoded slash": ("w%2Fa", "w/a"),
    "a colon": ("k:a", "k"),
    "quotes": ("q'a", 'q"a'),
    "a backslash": ("b\\a", "ba"),
    "an asterisk, a wildcard of keys": ("g*", "g12"),
    "an accent": ("caf\u00e9", "cafe"),
}
"""What is special -> two ids that storage layers mix up."""

SEPARATORS = ":/#|-"
"""With which the ids of a user, a thread and an item are joined to one key."""

ITEM_KINDS = tuple(kind for kind in get_args(StoreItemType) if kind != "thread")
"""For which the SDK calls `generate_item_id`; ids of threads come from `generate_thread_id` (chatkit/agents.py)."""

MADE = 40
"""Ids that are made of each kind."""

USED = 5
"""Threads that are saved under an id that was made, with an item for each kind of id."""


def _items_of(thread_id: str, ids: list[str]) -> list[str]:
    """Two ids of items in a thread: as alike as its own id and the other's, and in no other thread."""
    return [f"m{ids.index(thread_id)}{entry_id}" for entry_id in ids]


class IdRules:
    """Two ids are two things."""

    @rule("id.likely")
    async def test_ids_that_are_nearly_alike_are_two(self, scene: Scene) -> None:
        """Ids of one prefix, with an underscore, or long: what is done to one is not done to the other."""
        scene.needs_any_id()
        await self._kept_apart(scene, LIKELY, may_refuse=False)
        await self._keys_apart(scene, "_")

    @rule("id.odd")
    async def test_ids_with_odd_characters_are_ids(self, scene: Scene) -> None:
        """Ids with `%`, `*`, `/`, `..`, `:`, quotes, backslashes and accents are kept apart, or refused."""
        scene.needs_any_id()
        await self._kept_apart(scene, ODD, may_refuse=True)
        for separator in SEPARATORS:
            await self._keys_apart(scene, separator)

    async def _kept_apart(self, scene: Scene, pairs: dict[str, tuple[str, str]], *, may_refuse: bool) -> None:
        alice = await scene.user("alice")
        for number, (what, (one, two)) in enumerate(pairs.items()):
            ids = [f"{scene.id(f'i{number}')}{ending}" for ending in (one, two)]
            if await self._saved(alice, ids, may_refuse=may_refuse):
                await self._items_apart(scene, alice, ids, what)
                await self._threads_apart(scene, alice, ids, what)

    async def _keys_apart(self, scene: Scene, separator: str) -> None:
        """Item b-c of thread a, and item c of thread a-b, are two, whatever joins their ids."""
        alice, ids = await scene.user("alice"), [scene.id(f"j{ord(separator)}"), "b", "c"]
        keys = [(ids[0], separator.join(ids[1:])), (separator.join(ids[:2]), ids[2])]
        for thread_id, item_id in keys:
            item = samples.message(item_id, thread_id, 1, f"{item_id} of {thread_id}")
            calls: list[tuple[str, tuple[Any, ...]]] = [
                ("save_thread", (samples.thread(thread_id),)),
                ("add_thread_item", (thread_id, item)),
            ]
            for method, arguments in calls:
                outcome = await alice.attempt(method, *arguments)
                if outcome.error is not None and separator != "_":
                    return
                scene.require(outcome.error is None, f"{method} of {arguments[-1].id!r} {outcome.told}.")
        for thread_id, item_id in keys:
            loaded: Any = await alice.load_item(thread_id, item_id)
            text = loaded.content[0].text
            same = text == f"{item_id} of {thread_id}"
            scene.require(same, f"Item {item_id!r} of thread {thread_id!r} is loaded as {text!r}.")

    async def _saved(self, user: StoreUser, ids: list[str], *, may_refuse: bool) -> bool:
        """A thread of each id, with an item of each id."""
        for thread_id in ids:
            calls: list[tuple[str, tuple[Any, ...]]] = [
                ("save_thread", (samples.thread(thread_id, title=f"title of {thread_id}"),)),
            ]
            for place, item_id in enumerate(_items_of(thread_id, ids)):
                item = samples.message(item_id, thread_id, place, f"{thread_id} {item_id}")
                calls.append(("add_thread_item", (thread_id, item)))
            for method, arguments in calls:
                if may_refuse and (await user.attempt(method, *arguments)).error is not None:
                    return False
                if not may_refuse:
                    await user.call(method, *arguments)
        return True

    async def _items_apart(self, scene: Scene, user: StoreUser, ids: list[str], what: str) -> None:
        one, two = ids
        for thread_id in ids:
            for item_id in _items_of(thread_id, ids):
                loaded: Any = await user.load_item(thread_id, item_id)
                text, wanted = loaded.content[0].text, f"{thread_id} {item_id}"
                scene.require(text == wanted, f"Ids with {what}: item {item_id!r} of {thread_id!r} is {text!r}.")
        gone, stays = _items_of(one, ids)
        await user.delete_item(one, gone)
        left = await ids_in(user, one)
        scene.require(left == [stays], f"Ids with {what}: deleting item {gone!r} left {left}, not {[stays]}.")
        left = await ids_in(user, two)
        kept = _items_of(two, ids)
        scene.require(left == kept, f"Ids with {what}: deleting an item of {one!r} left {left} in thread {two!r}.")

    async def _threads_apart(self, scene: Scene, user: StoreUser, ids: list[str], what: str) -> None:
        one, two = ids
        title = (await user.load_thread(one)).title
        scene.require(title == f"title of {one}", f"Ids with {what}: thread {one!r} has the title {title!r}.")
        await user.delete_thread(one)
        kept = await user.attempt("load_thread", two)
        scene.require(kept.error is None, f"Ids with {what}: after deleting {one!r}, load_thread({two!r}) {kept.told}.")
        left = await ids_in(user, two)
        whole = left == _items_of(two, ids)
        scene.require(whole, f"Ids with {what}: deleting thread {one!r} left {left} in thread {two!r}.")

    @rule("id.of-the-model")
    async def test_an_id_that_the_model_made_is_an_id(self, scene: Scene) -> None:
        """An item is kept under the id that the model's API gave it, which the SDK takes for its own."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice)
        for prefix in ("msg", "call"):
            answer = f"{prefix}_{scene.trace.salt}".ljust(54, "0")
            item = samples.of_type("assistant_message", answer, thread_id, 1, {})
            written = await alice.attempt("add_thread_item", thread_id, item)
            scene.require(
                written.error is None,
                f"An assistant's message of the id {answer!r}, as the model's API makes it: add_thread_item "
                f"{written.told}. Let the column of an item's id hold any text.",
            )
            found = scene.difference(item, await alice.load_item(thread_id, answer))
            scene.require(found is None, f"An item of the id {answer!r} comes back changed. {found}")

    @rule("id.generated")
    async def test_generated_ids_are_new_each_time(self, scene: Scene) -> None:
        """`generate_thread_id` and `generate_item_id` give text, and another one each time, in every thread."""
        alice = await scene.user("alice")
        threads = [samples.thread(scene.id(f"thr{number}")) for number in range(2)]
        async with alice.context() as context:
            self._all_new(scene, "generate_thread_id", [scene.store.generate_thread_id(context) for _ in range(MADE)])
            for kind in ITEM_KINDS:
                made = [scene.store.generate_item_id(kind, threads[n % 2], context) for n in range(MADE)]
                self._all_new(scene, f"generate_item_id({kind!r})", made)

    @rule("id.generated-after-reopening")
    def test_ids_are_new_after_reopening(self, scene: Scene) -> None:
        """A store that was opened again generates no id of a thread or an item that is there."""
        scene.trace.serial = False
        used: set[str] = set()

        async def use() -> None:
            alice = await scene.user("alice")
            for number in range(USED):
                async with alice.context() as context:
                    thread = samples.thread(scene.store.generate_thread_id(context), number)
                    made = [scene.store.generate_item_id(kind, thread, context) for kind in ITEM_KINDS]
                await alice.save_thread(thread)
                for item_id in made:
                    await alice.add(samples.message(item_id, thread.id, number))
                used.update((thread.id, *made))

        async def require_new() -> None:
            async with (await scene.user("alice")).context() as context:
                for _ in range(MADE):
                    thread = samples.thread(scene.store.generate_thread_id(context))
                    made = [scene.store.generate_item_id(kind, thread, context) for kind in ITEM_KINDS]
                    again = next((entry_id for entry_id in (thread.id, *made) if entry_id in used), None)
                    scene.require(again is None, f"Opened again, the store generates {again!r}, an id that is in use.")

        scene.run(use())
        scene.reopen()
        scene.run(require_new())

    def _all_new(self, scene: Scene, method: str, made: list[Any]) -> None:
        for value in made:
            if inspect.iscoroutine(value):
                value.close()
        wrong = next((value for value in made if not isinstance(value, str) or not value), None)
        scene.require(wrong is None, f"{method} returned {wrong!r}, not a text; the SDK does not await it.")
        again = next((value for value in made if made.count(value) > 1), None)
        times = made.count(again)
        scene.require(again is None, f"{method} was called {len(made)} times, and gave {again!r} {times} times.")
