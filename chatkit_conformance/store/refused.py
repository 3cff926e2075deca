"""Contract tests: calls that were refused, and what they leave behind."""

from __future__ import annotations

from typing import Any

from . import samples
from .items import ids_in, new_thread
from .ruled import rule
from .scene import Scene

REFUSALS = 12
"""More than a small pool has connections."""


class RefusalRules:
    """What was not there, or not to be done, changes nothing for what comes next."""

    @rule("read.after-not-found")
    async def test_what_was_not_found_is_found_once_it_is_saved(self, scene: Scene) -> None:
        """A thread, an item and a file that were asked for before they were saved are found after it."""
        alice, thread_id = await scene.user("alice"), scene.id("thr")
        saved: list[tuple[str, tuple[Any, ...], str, tuple[Any, ...]]] = [
            ("load_thread", (thread_id,), "save_thread", (samples.thread(thread_id),)),
            (
                "load_item",
                (thread_id, scene.id("msg")),
                "add_thread_item",
                (thread_id, samples.message(scene.id("msg"), thread_id)),
            ),
        ]
        if scene.contract.capabilities.attachments:
            file = samples.attachment(scene.id("atc"))
            saved.append(("load_attachment", (file.id,), "save_attachment", (file,)))
        for read, asked, write, given in saved:
            await alice.attempt(read, *asked)
            await alice.call(write, *given)
            found = await alice.attempt(read, *asked)
            scene.require(
                found.error is None,
                f"{read} of {asked[-1]!r} came before {write}, and after it {read} {found.told}: the answer of before "
                "is cached, or a transaction that began then is still open.",
            )

    @rule("write.refused")
    async def test_a_refused_call_leaves_the_store_usable(self, scene: Scene) -> None:
        """After calls that are refused, a dozen of each kind, the store answers as before."""
        alice = await scene.user("alice")
        thread_id = await new_thread(scene, alice, items=1)
        unknown, known = scene.id("unknown"), scene.id("msg0")
        refused: list[tuple[str, tuple[Any, ...]]] = [
            ("load_thread", (unknown,)),
            ("load_item", (thread_id, unknown)),
            ("add_thread_item", (thread_id, samples.message(known, thread_id, 0, "text 0"))),
            ("add_thread_item", (unknown, samples.message(scene.id("late"), unknown))),
            ("load_thread_items", (thread_id, unknown, 20, "asc")),
            ("load_threads", (20, unknown, "desc")),
            ("delete_thread_item", (thread_id, unknown)),
            ("delete_thread", (unknown,)),
        ]
        if scene.contract.capabilities.attachments:
            file = samples.attachment(scene.id("atc"))
            await alice.save_attachment(file)
            refused += [("load_attachment", (unknown,)), ("delete_attachment", (unknown,))]
        for number, (method, arguments) in enumerate(refused):
            for _ in range(REFUSALS):
                await alice.attempt(method, *arguments)
            await alice.load_thread(thread_id)
            await alice.save_thread(samples.thread(scene.id(f"after{number}"), 1))
            listed = await ids_in(alice, thread_id)
            scene.require(listed == [known], f"After {REFUSALS} refused calls of {method} the thread has {listed}.")
            if method.endswith("_attachment"):
                kept = await alice.attempt("load_attachment", file.id)
                said = f"After {REFUSALS} calls of {method} of an unknown file, load_attachment of another {kept.told}."
                scene.require(kept.error is None, said)
