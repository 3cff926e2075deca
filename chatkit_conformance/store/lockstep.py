"""Runs one program on the store and on the model, and compares them after every step.

It goes on behind known faults: where a rule has told why the two disagree, the model takes over what the store has, or
the program ends there if that cannot be known.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import dataclass, field

from .finding import StoreFinding, shown
from .model import ModelLine, UserData
from .outcome import CallOutcome
from .program import ATTACHMENTS, THREADS, USERS, ProgramStep
from .scene import Scene, StoreUser
from .walk import page_fault, walk

NOT_GONE = (
    "thread.unknown-is-not-found",
    "thread.delete-takes-items",
    "thread.writing-does-not-resurrect",
    "thread.reading-creates-nothing",
    "item.unknown-is-not-found",
    "item.belongs-to-its-thread",
    "item.delete-takes-one",
    "isolation.reads",
    "read.sees-every-write",
)
"""Rules about what is there and should not be."""

TAKEN_AWAY = (
    "item.save-replaces",
    "item.id-in-two-threads",
    "item.save-inserts",
    "item.delete-takes-one",
    "item.belongs-to-its-thread",
    "thread.save-keeps-items",
    "thread.delete-unknown",
    "id.exact",
    "isolation.writes",
    "isolation.ids-never-block",
    "isolation.attachments",
    "attachment.stays",
    "read.after-not-found",
    "read.sees-every-write",
    "write.refused",
)
"""Rules about what is not there and should be."""

REPLACED = (
    "thread.second-save-updates",
    "thread.fields-can-be-emptied",
    "item.save-replaces",
    "item.second-add",
    "item.id-in-two-threads",
    "isolation.writes",
    "isolation.ids-never-block",
    "read.sees-every-write",
    "attachment.save-replaces",
    "write.refused",
)
"""Rules about what a second write does to the first."""

PAGED = (
    "item.listed-in-order",
    "paging.has-more",
    "isolation.pages",
    "paging.cursor-is-exclusive",
    "paging.every-item-once",
    "paging.threads",
    "paging.while-changing",
    "time.naive-beside-zoned",
)
"""Rules about pages."""

ORDERED = (
    "item.listed-in-order",
    "paging.orders-mirror",
    "paging.in-time-order",
    "item.save-keeps-its-place",
    "paging.threads",
)
"""Rules about the order of pages."""


class KnownFault(Exception):
    """The program met a fault that a rule has told, behind which nothing is known."""


@dataclass(slots=True)
class OpenWalk:
    """A walk through a thread's pages that other steps interrupt."""

    thread_id: str
    order: str
    limit: int
    owed: set[str]
    after: str | None = None
    seen: list[str] = field(default_factory=list)


class Lockstep:
    """The store and the model of one program."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.by_user = {name: UserData() for name in USERS}
        self.walks: dict[str, OpenWalk] = {}

    async def run(self, program: list[ProgramStep]) -> None:
        """All steps, then everything that every user has."""
        with contextlib.suppress(KnownFault):
            for step in program:
                user, data = await self.scene.user(step.user), self.by_user[step.user]
                await getattr(self, step.verb)(step, user, data)
            for name in USERS if self.scene.contract.capabilities.users else USERS[:1]:
                await self._require_all(await self.scene.user(name), self.by_user[name])

    def _agree(self, claim: bool, happened: str, *rules: str) -> bool:
        """Whether the claim holds. Where it does not, one of the rules has told so, or a finding is raised."""
        if not claim and not self.scene.knows(*rules):
            raise self.scene.fail(happened)
        return claim

    def _need(self, claim: bool, happened: str, *rules: str) -> None:
        """Raise unless the claim holds: a finding, or `KnownFault` where one of the rules has told so."""
        if not self._agree(claim, happened, *rules):
            raise KnownFault

    def _may_use(self, data: UserData, entry_id: str) -> bool:
        return self.scene.contract.capabilities.reuse_of_ids or entry_id not in data.deleted

    def _thread(self, step: ProgramStep) -> str:
        return self.scene.id(f"thr{step.thread}")

    def _item(self, step: ProgramStep) -> str:
        return self.scene.id(f"itm{step.item}")

    def _attachment(self, number: int) -> str:
        return self.scene.id(f"atc{number % ATTACHMENTS}")

    async def save_thread(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        thread = step.thread_for(self._thread(step))
        if thread.id in data.ghosts or not self._may_use(data, thread.id):
            return
        outcome = await user.attempt("save_thread", thread.model_copy(deep=True))
        known = thread.id in data.threads.entries
        rule = "thread.second-save-updates" if known else "isolation.ids-never-block"
        if not self._agree(
            outcome.error is None, f"save_thread of {thread.id!r} {outcome.told}.", rule, "write.refused"
        ):
            return
        data.save_thread(thread)
        await self.load_thread(step, user, data)

    async def load_thread(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        wanted = data.threads.entries.get(self._thread(step))
        outcome = await user.attempt("load_thread", self._thread(step))
        if self._differs("load_thread", wanted, outcome):
            data.threads.entries[outcome.value.id] = outcome.value

    async def delete_thread(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        thread_id = self._thread(step)
        await self._delete(user, "delete_thread", (thread_id,), thread_id in data.threads.entries)
        data.delete_thread(thread_id)
        data.deleted.add(thread_id)
        if user.name in self.walks and self.walks[user.name].thread_id == thread_id:
            del self.walks[user.name]

    async def add_thread_item(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        await self._write(step, user, data, may_refuse_known=True)

    async def save_item(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        await self._write(step, user, data, may_refuse_known=False)

    async def _write(self, step: ProgramStep, user: StoreUser, data: UserData, *, may_refuse_known: bool) -> None:
        thread_id, item_id = self._thread(step), self._item(step)
        if not self._may_use(data, item_id):
            return
        item = step.item_for(item_id, thread_id)
        outcome = await user.attempt(step.verb, thread_id, item.model_copy(deep=True))
        if thread_id not in data.threads.entries:
            if outcome.error is None:
                data.ghosts.add(thread_id)
            await self.load_thread(step, user, data)
            return
        known = item_id in data.items[thread_id].entries
        may_refuse = may_refuse_known if known else data.elsewhere(thread_id, item_id) or bool(data.ghosts)
        self._agree(
            outcome.error is None or may_refuse,
            f"{step.verb} of item {item_id!r} {outcome.told}.",
            *TAKEN_AWAY,
        )
        if outcome.error is None:
            data.put_item(item)
            self._disturb(user, thread_id, item_id, changed=known)
        await self.load_item(step, user, data)

    async def load_item(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        thread_id, item_id = self._thread(step), self._item(step)
        if thread_id in data.ghosts:
            return
        line = data.items.get(thread_id, ModelLine())
        outcome = await user.attempt("load_item", thread_id, item_id)
        if self._differs("load_item", line.entries.get(item_id), outcome):
            line.entries[item_id] = outcome.value

    async def delete_thread_item(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        thread_id, item_id = self._thread(step), self._item(step)
        known = thread_id in data.items and item_id in data.items[thread_id].entries
        await self._delete(user, "delete_thread_item", (thread_id, item_id), known)
        if known:
            data.delete_item(thread_id, item_id)
            data.deleted.add(item_id)
            self._disturb(user, thread_id, item_id, changed=True)
        await self.load_item(step, user, data)

    async def walk_items(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        thread_id = self._thread(step)
        if thread_id in data.threads.entries:
            await self._require_items(user, data, thread_id, step.limit, step.order)
            return
        page = await user.attempt("load_thread_items", thread_id, None, step.limit, step.order)
        fine = page.empty_page or page.not_found or thread_id in data.ghosts
        self._agree(fine, f"load_thread_items of a thread that does not exist {page.told}.", *NOT_GONE)

    async def walk_threads(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        await self._require_threads(user, data, step.limit, step.order)

    async def unknown_cursor(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        never = self.scene.id("never")
        for method, arguments in (
            ("load_thread_items", (self._thread(step), never, step.limit, step.order)),
            ("load_threads", (step.limit, never, step.order)),
        ):
            page = await user.attempt(method, *arguments)
            got = [] if page.error else page.value.data
            ids = [entry.id for entry in got]
            self._agree(not got, f"{method} with a cursor that never was gives {ids}.", "paging.unknown-cursor")

    async def turn_page(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        """One more page of the walk that this user has open, or the first of a new one."""
        state = self.walks.get(user.name)
        if state is None:
            thread_id = self._thread(step)
            if thread_id not in data.items:
                return
            owed = set(data.items[thread_id].entries)
            state = self.walks[user.name] = OpenWalk(thread_id=thread_id, order=step.order, limit=step.limit, owed=owed)
        page = await user.items(state.thread_id, state.limit, state.after, state.order)
        fault = page_fault(page, user.scene.page_of(state.limit))
        ids = [entry.id for entry in page.data]
        again = [entry for entry in ids if entry in state.seen]
        gone = [entry for entry in ids if entry not in data.items[state.thread_id].entries]
        fine = (
            self._agree(fault is None, f"A walk interrupted by changes: {fault}.", *PAGED)
            and self._agree(
                not again, f"A walk interrupted by changes gives {again} twice; before: {state.seen}.", *PAGED
            )
            and self._agree(not gone, f"A walk interrupted by changes gives {gone}, deleted before.", *PAGED, *NOT_GONE)
        )
        if not fine:
            del self.walks[user.name]
            return
        state.seen += ids
        state.after = page.after
        if not page.has_more:
            del self.walks[user.name]
            missed = sorted(state.owed - set(state.seen))
            said = f"A walk interrupted by changes misses {missed}; it gave {state.seen}."
            self._agree(not missed, said, *PAGED, *TAKEN_AWAY)

    def _disturb(self, user: StoreUser, thread_id: str, item_id: str, *, changed: bool) -> None:
        """An open walk asks no more of a changed item; without the item at its edge its cursor may be void."""
        state = self.walks.get(user.name)
        if state is None or state.thread_id != thread_id or not changed:
            return
        state.owed.discard(item_id)
        if state.seen and (state.seen[-1] == item_id or item_id in state.seen):
            del self.walks[user.name]

    async def save_attachment(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        file = step.attachment_for(self._attachment(step.item))
        outcome = await user.attempt("save_attachment", file.model_copy(deep=True))
        self._need(outcome.error is None, f"save_attachment {outcome.told}.", *REPLACED, "isolation.ids-never-block")
        data.attachments[file.id] = file
        await self.load_attachment(step, user, data)

    async def load_attachment(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        file_id = self._attachment(step.item)
        outcome = await user.attempt("load_attachment", file_id)
        if self._differs("load_attachment", data.attachments.get(file_id), outcome):
            data.attachments[file_id] = outcome.value

    async def delete_attachment(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        file_id = self._attachment(step.item)
        await self._delete(user, "delete_attachment", (file_id,), file_id in data.attachments)
        data.attachments.pop(file_id, None)
        await self.load_attachment(step, user, data)

    async def _delete(self, user: StoreUser, method: str, arguments: tuple[str, ...], known: bool) -> None:
        outcome = await user.attempt(method, *arguments)
        quiet = outcome.error is None or (outcome.not_found and not known)
        what = "that exists" if known else "that does not exist"
        self._agree(
            quiet,
            f"{method}{arguments} of something {what} {outcome.told}.",
            "thread.delete-unknown",
            "attachment.delete",
            "write.refused",
        )

    def _differs(self, method: str, wanted: object, outcome: CallOutcome) -> bool:
        """Whether what was loaded is not what was saved, as a rule has told. Anything else is a finding."""
        rules = ("attachment.delete",) if method == "load_attachment" else ()
        said = f"{method}: nothing with that id exists, and it must raise NotFoundError; it {outcome.told}."
        if wanted is None:
            self._need(outcome.not_found, said, *NOT_GONE, *rules)
            return False
        missing = f"{method}: {shown(wanted)} was saved; it {outcome.told}."
        self._need(outcome.error is None and outcome.value is not None, missing, *TAKEN_AWAY, *rules)
        found = self.scene.difference(wanted, outcome.value)
        return not self._agree(found is None, f"{method} differs from what was saved. {found}", *REPLACED)

    async def _walk(self, user: StoreUser, thread_id: str | None, limit: int, order: str) -> list[str] | None:
        """The ids in ascending order, or None where a rule has told that pages are broken."""
        try:
            listed = await walk(self.scene, user, thread_id, limit, order)
        except StoreFinding:
            if self.scene.knows(*PAGED):
                return None
            raise
        return listed if order == "asc" else listed[::-1]

    def _content(self, wanted: Collection[str], ascending: list[str], what: str) -> None:
        missing = [entry for entry in wanted if entry not in ascending]
        extra = [entry for entry in ascending if entry not in wanted]
        self._need(not missing, f"{what}: missing {missing}; listed: {ascending}.", *TAKEN_AWAY, *PAGED)
        self._need(not extra, f"{what}: there though they should not be: {extra}; listed: {ascending}.", *NOT_GONE)

    async def _require_items(self, user: StoreUser, data: UserData, thread_id: str, limit: int, order: str) -> None:
        ascending = await self._walk(user, thread_id, limit, order)
        if ascending is not None:
            line, what = data.items[thread_id], f"Items of {thread_id!r} ({order})"
            self._content(line.entries, ascending, what)
            fault = line.order_fault(ascending, by_use=False)
            self._agree(fault is None, f"{what}: {fault}.", *ORDERED)

    async def _require_threads(self, user: StoreUser, data: UserData, limit: int, order: str) -> None:
        ascending = await self._walk(user, None, limit, order)
        if ascending is not None:
            self._content(data.threads.entries, ascending, f"Threads ({order})")
            fault = data.threads.order_fault(ascending, by_use=True)
            self._agree(fault is None, f"Threads ({order}): {fault}.", *ORDERED)

    async def _require_all(self, user: StoreUser, data: UserData) -> None:
        for order in ("asc", "desc"):
            await self._require_threads(user, data, 2, order)
            for thread_id in data.threads.entries:
                await self._require_items(user, data, thread_id, 2, order)
        for thread_id, line in data.items.items():
            page = (await user.items(thread_id)).data
            for item in page:
                self._differs("load_thread_items", line.entries.get(item.id), CallOutcome(value=item))
        for number in range(ATTACHMENTS if self.scene.contract.capabilities.attachments else 0):
            step = ProgramStep(verb="load_attachment", user=USERS[0], item=number)
            await self.load_attachment(step, user, data)
        for number in range(THREADS):
            await self.load_thread(ProgramStep(verb="load_thread", user=USERS[0], thread=number), user, data)
