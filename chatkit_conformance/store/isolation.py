"""Contract tests: two users, every method, each with the other's ids."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from chatkit.types import ThreadItem, ThreadMetadata

from . import samples
from .finding import error_text
from .ids import SEPARATORS
from .items import ids_in, items_in
from .ruled import rule
from .scene import Scene, StoreUser


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What a user has: one thread of three items."""

    thread: ThreadMetadata
    items: tuple[ThreadItem, ...]


async def settled_in(scene: Scene, user: StoreUser) -> Belongings:
    """Give the user a thread of three items."""
    thread = samples.thread(scene.id("thr"), title="private", metadata={"secret": 1})
    items = tuple(samples.message(scene.id(f"msg{n}"), thread.id, n, f"private {n}") for n in range(3))
    await user.save_thread(thread)
    for item in items:
        await user.add(item)
    return Belongings(thread=thread, items=items)


async def require_untouched(scene: Scene, owner: StoreUser, had: Belongings, after: str) -> None:
    """The owner still has exactly what they had."""
    loaded = await owner.attempt("load_thread", had.thread.id)
    scene.require(
        loaded.error is None, f"After {after} by another user, the owner's thread is gone: load_thread {loaded.told}."
    )
    found = scene.difference(had.thread, loaded.value)
    scene.require(found is None, f"{after} by another user changed the owner's thread. {found}")
    found = scene.difference(list(had.items), await items_in(owner, had.thread.id))
    scene.require(found is None, f"{after} by another user changed the owner's items. {found}")


OTHERS = 130
"""Users who write after the first one: more than the 128 entries that a cache of the standard library keeps."""

AT_ONCE = 5
"""Of them who write at once: as many connections as a pool has that nobody has set."""

ALIKE = {
    "sixty characters alike": ("auth0|{salt}" + "0" * 54 + "one", "auth0|{salt}" + "0" * 54 + "two"),
    "one name a beginning of the other": ("user{salt}1", "user{salt}12"),
    "an underscore, a wildcard of LIKE": ("an_a{salt}", "anXa{salt}"),
    **{f"a separator, {separator!r}": (f"{{salt}}{separator}a", "{salt}") for separator in SEPARATORS},
}
"""What is special -> two names of users as sign-in services and applications make them."""

EXACT = {
    "another case": ("Anna{salt}", "anna{salt}"),
    "a space at the end": ("anna{salt} ", "anna{salt}"),
    "an accent": ("Zo\u00eb{salt}", "Zoe{salt}"),
}
"""What is special -> two names that a database may take for one."""


class IsolationRules:
    """An id of somebody else is worth nothing."""

    @rule("isolation.reads")
    async def test_nothing_of_one_user_is_read_by_another(self, scene: Scene) -> None:
        """Nothing of one user is loaded, listed or paged for another."""
        alice, bob = await scene.user("alice"), await scene.user("bob")
        had = await settled_in(scene, alice)
        for order in ("asc", "desc"):  # first by their owner: a cache may not give them to others
            await alice.items(had.thread.id, 10, None, order)
            await alice.load_threads(10, None, order)
        for method, arguments in (
            ("load_thread", (had.thread.id,)),
            ("load_item", (had.thread.id, had.items[0].id)),
        ):
            await alice.call(method, *arguments)
            await bob.is_not_found(method, *arguments, why="it is another user's")
        for order in ("asc", "desc"):
            page = await bob.attempt("load_thread_items", had.thread.id, None, 10, order)
            fine = page.empty_page or page.not_found
            scene.require(
                fine, f"load_thread_items of another user's thread {page.told}; it must be empty or NotFoundError."
            )
            listed = [entry.id for entry in (await bob.load_threads(10, None, order)).data]
            others = [entry for entry in listed if entry not in (scene.id("own_asc"), scene.id("own_desc"))]
            scene.require(not others, f"A user without threads is listed {others}.")
            own = scene.id(f"own_{order}")
            await bob.save_thread(samples.thread(own, 5))
            cursor = (await alice.items(had.thread.id, 1, None, order)).after
            crossed = await bob.attempt("load_thread_items", had.thread.id, cursor, 10, order)
            got = [] if crossed.error else [item.id for item in crossed.value.data]
            scene.require(not got, f"With another user's thread and cursor the page has {got}.")
            await bob.delete_thread(own)

    @rule("isolation.pages")
    async def test_threads_of_others_take_no_place_on_a_page(self, scene: Scene) -> None:
        """A page of threads is as full, and says as truly whether more follow, as if nobody else had threads."""
        alice, bob = await scene.user("alice"), await scene.user("bob")
        for number in range(6):
            await (bob if number in (2, 3) else alice).save_thread(samples.thread(scene.id(f"thr{number}"), number))
        for order in ("asc", "desc"):
            for limit in (1, 2):
                seen, after = [], None
                for _ in range(2 // limit):
                    page = await bob.load_threads(limit, after, order)
                    seen += [entry.id for entry in page.data]
                    after = page.after
                scene.require(
                    sorted(seen) == [scene.id("thr2"), scene.id("thr3")],
                    f"Of six threads two are a user's. Pages of {limit} ({order}) should give both; they give {seen}: "
                    "choose the user's threads first, then cut to the limit.",
                )
                scene.require(
                    not page.has_more,
                    f"Of six threads two are a user's; both were on pages of {limit} ({order}), and has_more is true.",
                )

    @rule("isolation.writes")
    async def test_nothing_of_one_user_is_changed_by_another(self, scene: Scene) -> None:
        """No method called by one user with the other's ids changes what the other has."""
        alice, bob = await scene.user("alice"), await scene.user("bob")
        had = await settled_in(scene, alice)
        thread_id, item_id = had.thread.id, had.items[1].id
        forged = samples.message(item_id, thread_id, 1, "forged")
        late = samples.message(scene.id("forged"), thread_id, 9, "forged")
        calls: list[tuple[str, tuple[Any, ...]]] = [
            ("add_thread_item", (thread_id, late)),
            ("add_thread_item", (thread_id, forged)),
            ("save_item", (thread_id, forged)),
            ("delete_thread_item", (thread_id, item_id)),
            ("delete_thread", (thread_id,)),
            ("save_thread", (samples.thread(thread_id, title="forged"),)),
            ("save_item", (thread_id, forged)),
            ("add_thread_item", (thread_id, late)),
            ("delete_thread_item", (thread_id, item_id)),
            ("delete_thread", (thread_id,)),
        ]
        for method, arguments in calls:
            await bob.attempt(method, *arguments)
            await require_untouched(scene, alice, had, method)

    @rule("isolation.ids-never-block")
    async def test_ids_of_one_user_never_block_another(self, scene: Scene) -> None:
        """A user can use an id that another user has, for threads, items and attachments."""
        alice, bob = await scene.user("alice"), await scene.user("bob")
        had = await settled_in(scene, alice)
        thread = samples.thread(had.thread.id, title="bob's own")
        items = [samples.message(item.id, thread.id, n, f"bob {n}") for n, item in enumerate(had.items)]
        await bob.save_thread(thread)
        for number, item in enumerate(items):
            await (bob.add(item) if number else bob.save_item(item))
        found = scene.difference(thread, await bob.load_thread(thread.id))
        scene.require(found is None, f"A user saved a thread under an id that another has, and loads another. {found}")
        found = scene.difference(items, await items_in(bob, thread.id))
        scene.require(found is None, f"A user's items under ids that another has come back changed. {found}")
        await require_untouched(scene, alice, had, "saving equal ids")
        if scene.contract.capabilities.attachments:
            await alice.save_attachment(samples.attachment(scene.id("atc"), name="alice.pdf"))
            await bob.save_attachment(samples.attachment(scene.id("atc"), name="bob.pdf"))
            for user, name in ((alice, "alice.pdf"), (bob, "bob.pdf")):
                loaded = await user.load_attachment(scene.id("atc"))
                scene.require(loaded.name == name, f"{user.name} saved {name!r} and loads {loaded.name!r}.")
        await bob.delete_thread(thread.id)
        await require_untouched(scene, alice, had, "deleting equal ids")
        scene.require(
            await ids_in(alice, had.thread.id) == [item.id for item in had.items], "The owner's items changed."
        )

    @rule("isolation.users-alike")
    async def test_users_with_names_alike_are_two(self, scene: Scene) -> None:
        """Users whose names begin alike, or are nearly alike, read and change nothing of each other."""
        await self._users_apart(scene, ALIKE)

    @rule("isolation.users-exact")
    async def test_users_are_compared_exactly(self, scene: Scene) -> None:
        """Users whose names differ in case, an accent or a space at the end read nothing of each other."""
        await self._users_apart(scene, EXACT)

    async def _users_apart(self, scene: Scene, pairs: dict[str, tuple[str, str]]) -> None:
        for what, names in pairs.items():
            scene.chapter()
            one, two = (StoreUser(scene, name.format(salt=scene.trace.salt)) for name in names)
            if await self._are_one(one, two):
                continue
            had = await settled_in(scene, one)
            said = f"Users with {what} ({one.name!r}, {two.name!r})"
            listed = [entry.id for entry in (await two.load_threads()).data]
            scene.require(not listed, f"{said}: the threads of the one are listed for the other, {listed}.")
            read = await two.attempt("load_thread", had.thread.id)
            scene.require(read.not_found, f"{said}: load_thread of the other's thread {read.told}.")
            if one.name.startswith(two.name):
                await self._no_joined_key_reads(scene, two, one.name.removeprefix(two.name), had)
            await two.attempt("delete_thread", had.thread.id)
            await require_untouched(scene, one, had, f"{said}: delete_thread")

    async def _no_joined_key_reads(self, scene: Scene, user: StoreUser, rest: str, had: Belongings) -> None:
        """A user asks for a thread whose id begins with the rest of the other's name, as in keys joined of both."""
        joined = f"{rest[1:]}{rest[0]}{had.thread.id}"
        for method, arguments in (("load_thread", (joined,)), ("load_item", (joined, had.items[0].id))):
            read = await user.attempt(method, *arguments)
            scene.require(
                read.error is not None,
                f"{method} of thread {joined!r} by {user.name!r} gives what {user.name + rest!r} has in "
                f"{had.thread.id!r}: the name of a user and an id are joined to one key. Keep them in two columns.",
            )

    @rule("isolation.many-users")
    async def test_many_users_later_everything_is_there(self, scene: Scene) -> None:
        """What a user has is there after 130 others have written."""
        scene.trace.serial = False
        alice = await scene.user("alice")
        had = await settled_in(scene, alice)
        file = samples.attachment(scene.id("atc"))
        files = scene.contract.capabilities.attachments
        if files:
            await alice.save_attachment(file)

        async def write(number: int) -> None:
            other = await scene.user(f"other{number}")
            thread = samples.thread(scene.id(f"thr{number}"), number)
            await other.save_thread(thread)
            await other.add(samples.message(scene.id(f"m{number}"), thread.id, number))
            if files:
                await other.save_attachment(samples.attachment(scene.id(f"atc{number}")))

        for first in range(0, OTHERS, AT_ONCE):
            await asyncio.gather(*(write(number) for number in range(first, min(first + AT_ONCE, OTHERS))))
        await require_untouched(scene, alice, had, f"writing of {OTHERS} users")
        if files:
            kept = await alice.attempt("load_attachment", file.id)
            scene.require(kept.error is None, f"{OTHERS} users have written since, and load_attachment {kept.told}.")

    async def _are_one(self, one: StoreUser, two: StoreUser) -> bool:
        """Whether `make_context` makes one user of the two names."""
        async with one.context() as first, two.context() as second:
            fields = getattr(first, "__dict__", None)
            return bool(first == second or (fields and fields == getattr(second, "__dict__", None)))

    @rule("isolation.nobody")
    async def test_a_user_without_a_name_is_nobody_else(self, scene: Scene) -> None:
        """A context of the user None, where there can be one, reads nothing of anybody."""
        alice, nobody = await scene.user("alice"), StoreUser(scene, None)  # type: ignore[arg-type]  # None is the point
        had = await settled_in(scene, alice)
        try:
            async with nobody.context():
                pass
        except Exception as error:
            pytest.skip(f"make_context(None) raised {error_text(error)}: there is no user without a name")
        for method, arguments in (
            ("load_thread", (had.thread.id,)),
            ("load_item", (had.thread.id, had.items[0].id)),
            ("load_thread_items", (had.thread.id, None, 10, "asc")),
            ("load_threads", (100, None, "desc")),
        ):
            outcome = await nobody.attempt(method, *arguments)
            if method in ("load_thread_items", "load_threads"):
                got = sorted({*outcome.ids} & {had.thread.id, *(item.id for item in had.items)})
                scene.require(not got, f"{method} of the user None gives {got}, which is another user's.")
            else:
                scene.require(outcome.error is not None, f"{method} of the user None {outcome.told}: another user's.")

    @rule("isolation.attachments")
    async def test_attachments_are_their_owners_alone(self, scene: Scene) -> None:
        """An attachment is loaded, changed and deleted by its owner alone."""
        alice, bob = await scene.user("alice"), await scene.user("bob")
        file = samples.attachment(scene.id("atc"))
        await alice.save_attachment(file)
        await bob.is_not_found("load_attachment", file.id, why="it is another user's")
        for method, argument in (
            ("delete_attachment", file.id),
            ("save_attachment", file.model_copy(update={"name": "forged.pdf"})),
            ("delete_attachment", file.id),
        ):
            await bob.attempt(method, argument)
            loaded = await alice.attempt("load_attachment", file.id)
            scene.require(
                loaded.error is None, f"{method} by another user took the file away: load_attachment {loaded.told}."
            )
            found = scene.difference(file, loaded.value)
            scene.require(found is None, f"{method} by another user changed the file. {found}")
