"""Contract tests: every read sees every write before it, whoever keeps a copy of what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chatkit.store import Store

from . import samples
from .ruled import rule
from .scene import Scene, StoreUser

Read = tuple[str, tuple[Any, ...]]
"""A method and its arguments, as they are given each time."""


@dataclass(slots=True)
class SimpleState:
    """What one user has: threads with titles, the items of the first thread with texts, files with names."""

    threads: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def expected(self, read: Read, first: str) -> object:
        """What a read must give."""
        method, arguments = read
        if method == "load_threads":
            return sorted(self.threads.items())
        if method == "load_thread":
            return self.threads.get(arguments[0])
        if method == "load_attachment":
            return self.files.get(arguments[0])
        if first not in self.threads:
            return None
        return sorted(self.items.items()) if method == "load_thread_items" else self.items.get(arguments[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWrite:
    """A write: the call, and what it does to the state."""

    method: str
    arguments: tuple[Any, ...]
    change: Callable[[SimpleState], object]


def _given(method: str, value: Any) -> object:
    """The part of an answer that is compared."""
    if method == "load_threads":
        return sorted((entry.id, entry.title) for entry in value.data)
    if method == "load_thread_items":
        return sorted((item.id, item.content[0].text) for item in value.data)
    if method == "load_thread":
        return value.title
    return value.name if method == "load_attachment" else value.content[0].text


class FreshnessRules:
    """Nothing that was read before hides what was written since."""

    @rule("read.sees-every-write")
    async def test_every_read_sees_every_write(self, scene: Scene) -> None:
        """After each kind of write, each kind of read that was made before it gives what is there now."""
        alice = await scene.user("alice")
        await self._hold_reads_to_known_writes(scene, alice, alice)

    @rule("read.sees-own-writes")
    async def test_one_request_sees_what_it_wrote(self, scene: Scene) -> None:
        """The same within one request: with one context, each read sees each write."""
        async with (await scene.user("alice")).one_request() as alice:
            await self._hold_reads_to_known_writes(scene, alice, alice)

    @rule("read.sees-other-workers")
    def test_a_second_worker_sees_every_write(self, scene: Scene) -> None:
        """The same through a second store on the same data, as another worker of the server has it."""
        second = scene.second()

        async def hold() -> None:
            alice = await scene.user("alice")
            await self._hold_reads_to_known_writes(scene, alice, alice, second)

        scene.trace.serial = False
        scene.run(hold())

    async def _hold_reads_to_known_writes(
        self, scene: Scene, writer: StoreUser, reader: StoreUser, store: Store[Any] | None = None
    ) -> None:
        state, first = SimpleState(), scene.id("thr")
        await self._write_known(writer, state, self._known_thread(first, "first"))
        before = {read: await self._read_known(reader, read, store) for read in self._known_reads(scene, first)}
        for write in self._known_writes(scene, first):
            await self._write_known(writer, state, write)
            for read, was in before.items():
                wanted, got = state.expected(read, first), await self._read_known(reader, read, store)
                before[read] = got
                # An answer that is neither the old nor the new one is another rule's business.
                gone = wanted is None and got == []  # a page of a thread that is not there may be empty
                stale = got != wanted and got == was and not gone
                scene.require(
                    not stale,
                    f"{read[0]} gives {got!r} after {write.method}, as before it; it should give {wanted!r}."
                    + (" It was read through a second store on the same data." if store is not None else ""),
                )

    async def _write_known(self, user: StoreUser, state: SimpleState, write: OneWrite) -> None:
        await user.call(write.method, *write.arguments)
        write.change(state)

    async def _read_known(self, user: StoreUser, read: Read, store: Store[Any] | None) -> object:
        method, arguments = read
        outcome = await user.attempt(method, *arguments, store=store)
        return _given(method, outcome.value) if outcome.error is None else None

    def _known_reads(self, scene: Scene, first: str) -> list[Read]:
        reads: list[Read] = [
            ("load_thread", (first,)),
            ("load_thread", (scene.id("thr2"),)),
            *(("load_threads", (scene.page_of(20), None, order)) for order in ("desc", "asc")),
            *(("load_thread_items", (first, None, scene.page_of(20), order)) for order in ("asc", "desc")),
            *(("load_item", (first, scene.id(word))) for word in ("msg1", "msg2")),
        ]
        if scene.contract.capabilities.attachments:
            reads.append(("load_attachment", (scene.id("atc"),)))
        return reads

    def _known_thread(self, thread_id: str, title: str) -> OneWrite:
        thread = samples.thread(thread_id, title=title)
        return OneWrite(
            method="save_thread", arguments=(thread,), change=lambda state: state.threads.update({thread_id: title})
        )

    def _known_item(self, method: str, thread_id: str, item_id: str, seconds: float, text: str) -> OneWrite:
        item = samples.message(item_id, thread_id, seconds, text)
        return OneWrite(
            method=method, arguments=(thread_id, item), change=lambda state: state.items.update({item_id: text})
        )

    def _known_file(self, file_id: str, name: str) -> OneWrite:
        file = samples.attachment(file_id, name=name)
        return OneWrite(
            method="save_attachment", arguments=(file,), change=lambda state: state.files.update({file_id: name})
        )

    def _known_writes(self, scene: Scene, first: str) -> list[OneWrite]:
        one, two, file, second = (scene.id(word) for word in ("msg1", "msg2", "atc", "thr2"))
        writes = [
            self._known_item("add_thread_item", first, one, 1, "one"),
            self._known_thread(first, "renamed"),
            self._known_thread(second, "second"),
            self._known_item("save_item", first, one, 1, "one, changed"),
            self._known_item("save_item", first, two, 2, "two"),
            OneWrite(
                method="delete_thread_item", arguments=(first, one), change=lambda state: state.items.pop(one, None)
            ),
            OneWrite(method="delete_thread", arguments=(second,), change=lambda state: state.threads.pop(second, None)),
            OneWrite(method="delete_thread", arguments=(first,), change=lambda state: state.threads.pop(first, None)),
        ]
        if scene.contract.capabilities.attachments and not scene.knows("attachment.save-replaces"):
            writes += [
                self._known_file(file, "plan.pdf"),
                self._known_file(file, "plan-2.pdf"),
                OneWrite(
                    method="delete_attachment", arguments=(file,), change=lambda state: state.files.pop(file, None)
                ),
            ]
        return writes
