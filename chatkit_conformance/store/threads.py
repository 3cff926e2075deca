"""Contract tests: threads."""

from __future__ import annotations

from typing import Any

from chatkit.types import ActiveStatus, LockedStatus, Page, Thread, ThreadItem, ThreadMetadata

from . import samples
from .finding import shown
from .items import ids_in
from .ruled import rule
from .scene import Scene, StoreUser


async def thread_is_gone(scene: Scene, user: StoreUser, thread_id: str, after: str) -> None:
    """Neither loaded nor listed."""
    await user.is_not_found("load_thread", thread_id, why=f"no such thread after {after}")
    listed = [entry.id for entry in (await user.load_threads()).data]
    scene.require(thread_id not in listed, f"After {after}, load_threads still lists {thread_id!r}: {listed}.")


WITHOUT: dict[str, dict[str, Any]] = {
    "title": {"title": None},
    "a key of metadata": {"metadata": {"a": {"b": 1}}},
    "a key inside metadata": {"metadata": {"a": {}, "c": 2}},
    "metadata": {"metadata": {}},
    "reason of a lock": {"status": LockedStatus(reason=None)},
    "lock": {"status": ActiveStatus()},
}
"""What is left out -> the fields of the second save."""


class ThreadRules:
    """Threads are kept, changed and deleted as metadata, apart from their items."""

    @rule("thread.saved-is-loaded")
    async def test_a_saved_thread_is_loaded_in_every_field(self, scene: Scene) -> None:
        """A loaded thread equals the saved one in every field, for every status."""
        alice = await scene.user("alice")
        for number, status in enumerate(samples.STATUSES):
            title, metadata = None if number == 0 else f"Title {number}", {"last_response_id": f"resp_{number}"}
            saved = samples.thread(scene.id(f"thr{number}"), title=title, status=status, metadata=metadata)
            await self._is_kept(scene, alice, saved)

    @rule("thread.locked-is-written")
    async def test_an_answer_is_written_to_a_locked_thread(self, scene: Scene) -> None:
        """The SDK writes the rest of an answer into a thread that was locked or closed while it streamed."""
        alice = await scene.user("alice")
        for number, status in enumerate(samples.STATUSES[1:]):
            thread = samples.thread(scene.id(f"thr{number}"), status=status)
            await alice.save_thread(thread)
            answer = samples.of_type("assistant_message", scene.id(f"itm{number}"), thread.id, 1, {})
            for method in ("add_thread_item", "save_item"):
                written = await alice.attempt(method, thread.id, answer)
                said = f"{method} of an assistant's message in a {status.type} thread {written.told}."
                scene.require(written.error is None, said)
            listed = await ids_in(alice, thread.id)
            scene.require(listed == [answer.id], f"An answer was written into a {status.type} thread; it has {listed}.")

    @rule("thread.image-domains")
    async def test_allowed_image_domains_are_kept(self, scene: Scene) -> None:
        """`allowed_image_domains` comes back as None, as an empty list and as a list of domains."""
        alice = await scene.user("alice")
        for number, domains in enumerate((None, [], ["example.com", "*.example.org"])):
            await self._is_kept(scene, alice, samples.thread(scene.id(f"thr{number}"), allowed_image_domains=domains))

    async def _is_kept(self, scene: Scene, user: StoreUser, saved: ThreadMetadata) -> None:
        await user.save_thread(saved)
        found = scene.difference(saved, await user.load_thread(saved.id))
        scene.require(found is None, f"The loaded thread differs from the saved one. {found}")
        listed = [entry for entry in (await user.load_threads()).data if entry.id == saved.id]
        scene.require(len(listed) == 1, f"load_threads lists {saved.id!r} {len(listed)} times.")
        found = scene.difference(saved, listed[0])
        scene.require(found is None, f"The listed thread differs from the saved one. {found}")

    @rule("thread.second-save-updates")
    async def test_a_second_save_updates_the_thread(self, scene: Scene) -> None:
        """Saving a thread again replaces its metadata."""
        alice = await scene.user("alice")
        saved = samples.thread(scene.id("thr"), metadata={"a": 1, "b": 2})
        await alice.save_thread(saved)
        changed = saved.model_copy(update={"title": "Shopping", "metadata": {"a": 3}})
        await alice.save_thread(changed)
        found = scene.difference(changed, await alice.load_thread(saved.id))
        scene.require(found is None, f"The second save is not what is loaded. {found}")
        listed = [entry.id for entry in (await alice.load_threads()).data]
        scene.require(listed == [saved.id], f"One thread saved twice is listed as {listed}.")
        plain = samples.thread(scene.id("plain"))
        await alice.save_thread(plain)
        plain.metadata["last_response_id"] = "resp_1"  # as servers do with the thread that the SDK gives them
        await alice.save_thread(plain)
        found = scene.difference(plain, await alice.load_thread(plain.id))
        scene.require(found is None, f"A key was put into the metadata of a saved thread, and it was saved. {found}")

    @rule("thread.fields-can-be-emptied")
    async def test_what_a_second_save_leaves_out_is_gone(self, scene: Scene) -> None:
        """Title, keys of metadata, all of metadata and the reason of a lock can be taken away by a second save."""
        alice = await scene.user("alice")
        full: dict[str, Any] = {
            "title": "Shopping",
            "metadata": {"a": {"b": 1}, "c": 2},
            "status": LockedStatus(reason="spam"),
        }
        for number, (what, without) in enumerate(WITHOUT.items()):
            thread_id = scene.id(f"thr{number}")
            await alice.save_thread(samples.thread(thread_id, **full))
            second = samples.thread(thread_id, **{**full, **without})
            await alice.save_thread(second)
            loaded = await alice.load_thread(thread_id)
            kept = second.title is None and loaded.title == "Shopping"
            scene.require(
                not kept, "The second save has no title, and the loaded thread has the first one: 'Shopping'."
            )
            found = scene.difference(second, loaded)
            scene.require(found is None, f"A second save without {what} is not what is loaded. {found}")

    @rule("thread.save-keeps-items")
    async def test_saving_a_thread_keeps_its_items(self, scene: Scene) -> None:
        """Saving a thread again leaves its items alone."""
        alice = await scene.user("alice")
        saved = samples.thread(scene.id("thr"))
        await alice.save_thread(saved)
        for number in range(3):
            await alice.add(samples.message(scene.id(f"msg{number}"), saved.id, number))
        await alice.save_thread(saved.model_copy(update={"title": "Shopping"}))
        kept = await ids_in(alice, saved.id)
        wanted = [scene.id(f"msg{number}") for number in range(3)]
        scene.require(kept == wanted, f"Three items were in the thread; after its title was saved there are {kept}.")

    @rule("thread.of-the-stream")
    async def test_a_thread_with_items_is_saved_as_metadata(self, scene: Scene) -> None:
        """A `Thread` that carries items is saved as metadata; what is loaded has no field `items`."""
        alice = await scene.user("alice")
        page: Page[ThreadItem] = Page(data=[samples.message(scene.id("msg"), scene.id("thr"))])
        full = Thread(id=scene.id("thr"), created_at=samples.at(0), title="Shopping", items=page)
        await alice.save_thread(full)
        for loaded in (await alice.load_thread(full.id), *(await alice.load_threads()).data):
            fields = loaded.model_dump()
            scene.require("items" not in fields, f"The loaded thread has items: {shown(fields.get('items'))}.")
            scene.require(fields["title"] == "Shopping", f"The title is {fields['title']!r}, saved was 'Shopping'.")

    @rule("thread.unknown-is-not-found")
    async def test_an_unknown_thread_is_not_found(self, scene: Scene) -> None:
        """Loading a thread that does not exist raises `NotFoundError`."""
        alice = await scene.user("alice")
        await thread_is_gone(scene, alice, scene.id("thr"), "nothing was saved")

    @rule("thread.reading-creates-nothing")
    async def test_reading_an_unknown_thread_creates_nothing(self, scene: Scene) -> None:
        """Reading or deleting with an unknown thread id creates no thread, and pages of it are empty or not found."""
        alice = await scene.user("alice")
        unknown = scene.id("thr")
        for order in ("asc", "desc"):
            page = await alice.attempt("load_thread_items", unknown, None, 10, order)
            fine = page.empty_page or page.not_found
            scene.require(
                fine, f"load_thread_items of an unknown thread {page.told}; it must be empty or NotFoundError."
            )
        for method, arguments in (
            ("load_item", (unknown, scene.id("msg"))),
            ("delete_thread_item", (unknown, scene.id("msg"))),
            ("delete_thread", (unknown,)),
        ):
            await alice.attempt(method, *arguments)
            await thread_is_gone(scene, alice, unknown, f"{method} with an unknown thread id")

    @rule("thread.delete-takes-items")
    async def test_deleting_a_thread_deletes_its_items(self, scene: Scene) -> None:
        """Deleting a thread deletes its items; a new thread of that id starts empty; other threads stay."""
        alice = await scene.user("alice")
        doomed = samples.thread(scene.id("thr1"), title="doomed")
        other = samples.thread(scene.id("thr2"), 1, title="other")
        for entry in (doomed, other):
            await alice.save_thread(entry)
            await alice.add(samples.message(scene.id(f"in {entry.title}"), entry.id))
        await alice.delete_thread(doomed.id)
        await thread_is_gone(scene, alice, doomed.id, "delete_thread")
        await alice.is_not_found("load_item", doomed.id, scene.id("in doomed"), why="its thread was deleted")
        if scene.contract.capabilities.reuse_of_ids:
            await alice.save_thread(doomed)
            left = [entry.id for entry in (await alice.items(doomed.id)).data]
            scene.require(not left, f"A new thread with a deleted thread's id has the old items {left}.")
        kept = [entry.id for entry in (await alice.items(other.id)).data]
        scene.require(kept == [scene.id("in other")], f"Another thread's items after the deletion: {kept}.")

    @rule("thread.writing-does-not-resurrect")
    async def test_a_late_item_does_not_bring_a_thread_back(self, scene: Scene) -> None:
        """An item written to a deleted thread does not bring the thread back."""
        alice = await scene.user("alice")
        for method in ("add_thread_item", "save_item"):
            doomed = samples.thread(scene.id(f"thr_{method}"))
            await alice.save_thread(doomed)
            await alice.delete_thread(doomed.id)
            await alice.attempt(method, doomed.id, samples.message(scene.id("late"), doomed.id))
            await thread_is_gone(scene, alice, doomed.id, f"{method} on a deleted thread")
            if scene.contract.capabilities.reuse_of_ids:
                await alice.save_thread(doomed)
                left = await ids_in(alice, doomed.id)
                scene.require(
                    not left, f"{method} on a deleted thread was kept: a new thread of that id has the items {left}."
                )

    @rule("thread.delete-unknown")
    async def test_deleting_what_is_not_there_changes_nothing(self, scene: Scene) -> None:
        """Deleting a thread or item that does not exist is a no-op or `NotFoundError`."""
        alice = await scene.user("alice")
        kept = samples.thread(scene.id("thr"))
        await alice.save_thread(kept)
        await alice.add(samples.message(scene.id("msg"), kept.id))
        for method, arguments in (
            ("delete_thread", (scene.id("unknown"),)),
            ("delete_thread_item", (kept.id, scene.id("unknown"))),
        ):
            outcome = await alice.attempt(method, *arguments)
            quiet = outcome.error is None or outcome.not_found
            scene.require(
                quiet, f"{method} of an unknown id {outcome.told}; it must do nothing or raise NotFoundError."
            )
        left = [item.id for item in (await alice.items(kept.id)).data]
        scene.require(left == [scene.id("msg")], f"After deleting unknown ids the thread has {left}.")
