"""Runs one program on the store and on the model, and compares them after every step."""

from __future__ import annotations

from dataclasses import dataclass, field

from .finding import difference, shown
from .model import ModelLine, UserData
from .program import ATTACHMENTS, THREADS, USERS, ProgramStep
from .scene import Scene, StoreUser
from .walk import page_fault, walk


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
        for step in program:
            user, data = await self.scene.user(step.user), self.by_user[step.user]
            await getattr(self, step.verb)(step, user, data)
        for name in USERS:
            await self._require_all(await self.scene.user(name), self.by_user[name])

    def _thread(self, step: ProgramStep) -> str:
        return self.scene.id(f"thr{step.thread}")

    def _item(self, step: ProgramStep) -> str:
        return self.scene.id(f"itm{step.item}")

    def _attachment(self, number: int) -> str:
        return self.scene.id(f"atc{number % ATTACHMENTS}")

    async def save_thread(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        thread = step.thread_for(self._thread(step))
        if thread.id in data.ghosts:
            return
        await user.save_thread(thread.model_copy(deep=True))
        data.save_thread(thread)
        await self.load_thread(step, user, data)

    async def load_thread(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        wanted = data.threads.entries.get(self._thread(step))
        outcome = await user.attempt("load_thread", self._thread(step))
        self._require_same("load_thread", wanted, outcome.value, missing=outcome.not_found)

    async def delete_thread(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        thread_id = self._thread(step)
        await self._delete(user, "delete_thread", (thread_id,), thread_id in data.threads.entries)
        data.delete_thread(thread_id)
        if user.name in self.walks and self.walks[user.name].thread_id == thread_id:
            del self.walks[user.name]

    async def add_thread_item(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        await self._write(step, user, data, may_refuse_known=True)

    async def save_item(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        await self._write(step, user, data, may_refuse_known=False)

    async def _write(self, step: ProgramStep, user: StoreUser, data: UserData, *, may_refuse_known: bool) -> None:
        thread_id, item_id = self._thread(step), self._item(step)
        item = step.item_for(item_id, thread_id)
        outcome = await user.attempt(step.verb, thread_id, item.model_copy(deep=True))
        if thread_id not in data.threads.entries:
            if outcome.error is None:
                data.ghosts.add(thread_id)
            await self.load_thread(step, user, data)
            return
        known = item_id in data.items[thread_id].entries
        may_refuse = may_refuse_known if known else data.elsewhere(thread_id, item_id) or bool(data.ghosts)
        self.scene.require(
            outcome.error is None or may_refuse, f"{step.verb} of item {item_id!r} was refused: {outcome.error!r}."
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
        self._require_same("load_item", line.entries.get(item_id), outcome.value, missing=outcome.not_found)

    async def delete_thread_item(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        thread_id, item_id = self._thread(step), self._item(step)
        known = thread_id in data.items and item_id in data.items[thread_id].entries
        await self._delete(user, "delete_thread_item", (thread_id, item_id), known)
        if known:
            data.delete_item(thread_id, item_id)
            self._disturb(user, thread_id, item_id, changed=True)
        await self.load_item(step, user, data)

    async def walk_items(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        thread_id = self._thread(step)
        if thread_id in data.threads.entries:
            await self._require_items(user, data, thread_id, step.limit, step.order)
            return
        page = await user.attempt("load_thread_items", thread_id, None, step.limit, step.order)
        empty = page.error is None and not page.value.data and not page.value.has_more
        fine = empty or page.not_found or thread_id in data.ghosts
        self.scene.require(fine, f"A page of a thread that does not exist: {page.error or shown(page.value)}.")

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
            self.scene.require(not got, f"{method} with a cursor that never was gives {[entry.id for entry in got]}.")

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
        fault = page_fault(page, state.limit)
        ids = [entry.id for entry in page.data]
        self.scene.require(fault is None, f"A walk interrupted by changes: {fault}.")
        again = [entry for entry in ids if entry in state.seen]
        self.scene.require(not again, f"A walk interrupted by changes gives {again} twice; before: {state.seen}.")
        gone = [entry for entry in ids if entry not in data.items[state.thread_id].entries]
        self.scene.require(not gone, f"A walk interrupted by changes gives {gone}, deleted before.")
        state.seen += ids
        state.after = page.after
        if not page.has_more:
            del self.walks[user.name]
            missed = sorted(state.owed - set(state.seen))
            self.scene.require(not missed, f"A walk interrupted by changes misses {missed}; it gave {state.seen}.")

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
        await user.save_attachment(file.model_copy(deep=True))
        data.attachments[file.id] = file
        await self.load_attachment(step, user, data)

    async def load_attachment(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        file_id = self._attachment(step.item)
        outcome = await user.attempt("load_attachment", file_id)
        self._require_same("load_attachment", data.attachments.get(file_id), outcome.value, missing=outcome.not_found)

    async def delete_attachment(self, step: ProgramStep, user: StoreUser, data: UserData) -> None:
        file_id = self._attachment(step.item)
        await self._delete(user, "delete_attachment", (file_id,), file_id in data.attachments)
        data.attachments.pop(file_id, None)
        await self.load_attachment(step, user, data)

    async def _delete(self, user: StoreUser, method: str, arguments: tuple[str, ...], known: bool) -> None:
        outcome = await user.attempt(method, *arguments)
        quiet = outcome.error is None or (outcome.not_found and not known)
        what = "that exists" if known else "that does not exist"
        self.scene.require(quiet, f"{method}{arguments} of something {what} raised {outcome.error!r}.")

    def _require_same(self, method: str, wanted: object, got: object, *, missing: bool) -> None:
        if wanted is None:
            self.scene.require(missing, f"{method}: nothing with that id exists, the store returns {shown(got)}.")
            return
        self.scene.require(got is not None, f"{method}: the store does not find {shown(wanted)}.")
        found = difference(wanted, got)
        self.scene.require(found is None, f"{method} differs from what was saved. {found}")

    async def _require_items(self, user: StoreUser, data: UserData, thread_id: str, limit: int, order: str) -> None:
        line = data.items[thread_id]
        listed = await walk(self.scene, user, thread_id, limit, order)
        ascending = listed if order == "asc" else listed[::-1]
        fault = line.order_fault(ascending, by_use=False)
        self.scene.require(fault is None, f"Items of {thread_id!r} ({order}): {fault}.")

    async def _require_threads(self, user: StoreUser, data: UserData, limit: int, order: str) -> None:
        listed = await walk(self.scene, user, None, limit, order)
        ascending = listed if order == "asc" else listed[::-1]
        fault = data.threads.order_fault(ascending, by_use=True)
        self.scene.require(fault is None, f"Threads ({order}): {fault}.")

    async def _require_all(self, user: StoreUser, data: UserData) -> None:
        for order in ("asc", "desc"):
            await self._require_threads(user, data, 2, order)
            for thread_id in data.threads.entries:
                await self._require_items(user, data, thread_id, 2, order)
        for thread_id, line in data.items.items():
            page = (await user.items(thread_id)).data
            for item in page:
                self._require_same("load_thread_items", line.entries.get(item.id), item, missing=False)
        for number in range(ATTACHMENTS if self.scene.contract.capabilities.attachments else 0):
            step = ProgramStep(verb="load_attachment", user=USERS[0], item=number)
            await self.load_attachment(step, user, data)
        for number in range(THREADS):
            await self.load_thread(ProgramStep(verb="load_thread", user=USERS[0], thread=number), user, data)
