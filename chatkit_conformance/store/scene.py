"""The stage of one contract test: an event loop, a store, and users nobody used before."""

from __future__ import annotations

import contextlib
import itertools
import uuid
from collections.abc import Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from chatkit.store import Store

from . import samples
from .cleaning import Written
from .compare import differences
from .finding import StoreFinding, StoreHangs, error_text
from .id_form import id_form_of
from .ladder import is_told, verdicts_of
from .one_call import context_for, settled
from .replay import repeated
from .scene_loop import CLOSE_S, Overdue, SceneLoop
from .script import LONGEST, made_again, script_of
from .trace import Trace
from .user import METHODS, StoreUser
from .watchdog import NOTICE_S, LoopBlocked, interrupted_after

if TYPE_CHECKING:
    from .under_test import StoreUnderTest

__all__ = ["METHODS", "Scene", "StoreUser", "context_for", "settled"]

T = TypeVar("T")

CLEAN_S = 30.0
"""What deleting what a test saved may take; a store that needs longer once is not asked again."""

_runs = itertools.count(1)


class Scene:
    """Opens a store for one test, and closes it. `chapter()` starts afresh with unused users and ids.

    A store need not be empty when it is made: users and ids of each chapter are new, and what was saved is deleted.
    """

    def __init__(self, contract: StoreUnderTest, rule: str) -> None:
        self.contract = contract
        self.rule = rule
        self.trace = Trace()
        self.seed: int | None = None
        self.unjudged: list[str] = []
        self.loop = SceneLoop(verdicts_of(contract).deadline_s(contract))
        self.store: Store[Any]
        self._open: list[Store[Any]] = []
        self._written = Written()
        self._users: dict[str, StoreUser] = {}

    def __enter__(self) -> Scene:
        try:
            self.open(self._hook("make_store"))
        except BaseException:
            self.loop.close()
            raise
        self.chapter()
        self._ask_for_the_form_of_ids()
        self.chapter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if not isinstance(error, StoreHangs):
                self.clean()
            self.close()
        except StoreFinding:
            if error is None:
                raise
        finally:
            self.loop.close()
            hangs = self._let_go()
            if hangs is not None and error is None:
                raise hangs

    def _let_go(self) -> StoreHangs | None:
        """Drop the store here, where what it does when it is collected has to end too."""
        seconds = max(self.loop.left_s, CLOSE_S)
        with contextlib.suppress(LoopBlocked), interrupted_after(seconds, "The store keeps its __del__.") as fired:
            self._open.clear()
            del self.store
        said = f"The store hangs: no end after {self.waited} (its __del__ does not end)."
        return StoreHangs(self.rule, said) if fired.is_set() else None

    def _hook(self, name: str, *given: Any) -> Any:
        """What a method of the contract class gives. Raises StoreFinding when it raises."""
        try:
            return self.run(
                settled_hook(self.contract, name, given),
                at_least_s=CLOSE_S if name == "close_store" else 0,
                during=f"{type(self.contract).__name__}.{name}",
            )
        except StoreFinding:
            raise
        except Exception as error:
            what = f"{type(self.contract).__name__}.{name}"
            raise self.fail(f"{what} raised {error_text(error)}.") from error

    def open(self, store: Store[Any]) -> None:
        """Use this store from now on."""
        self.store = store
        if not any(known is store for known in self._open):
            self._open.append(store)

    def close(self) -> None:
        """Close the stores that are open."""
        while self._open:
            store = self._open.pop()
            try:
                self._hook("close_store", store)
            except StoreFinding:
                # Of the first of many stores the folder or the database may have made way for the next.
                if store is self.store:
                    raise

    def fresh(self) -> None:
        """A new store, unless `make_store` gives the same one again, and a new chapter.

        The store before it is closed first; but for the first time, when nobody knows yet whether they are the same.
        """
        self.clean()
        first = len(self._open) == 1 and not self._renewed
        if not first and self._makes_new:
            self._hook("close_store", self._open.pop())
        before = self.store
        self.open(self._hook("make_store"))
        if first:
            self._renewed, self._makes_new = True, self.store is not before
        self.chapter()

    _renewed = False
    _makes_new = False

    def reopen(self, address: str | None = None) -> None:
        """Close the store, and open a new one at the address, or where this one was."""
        where = address or self._hook("address", self.store)
        self.close()
        self.open(self._hook("reopen", where))

    def second(self) -> Store[Any]:
        """One more store on the same data, as another worker has; it is closed with the first."""
        store: Store[Any] = self._hook("reopen", self._hook("address", self.store))
        self._open.insert(0, store)
        return store

    def run(self, work: Coroutine[Any, Any, T], *, at_least_s: float = 0.0, during: str = "") -> T:
        """Run to the end on this scene's own event loop. `during` is what is run, where it is no call of the store.

        Raises:
            StoreHangs: the contract's `deadline_s`, counted from the beginning of the test, passed first.
        """
        try:
            return self.loop.run(work, at_least_s=at_least_s, waits_for=lambda: self._so_far(during))
        except Overdue as error:
            raise StoreHangs(
                self.rule,
                f"The store hangs: no end after {self.waited} ({error}). "
                + (f"Under way: {during}." if during else self._under_way()),
                method="" if during or not self.trace.unended else self.trace.unended[0].method,
            ) from error

    def _so_far(self, during: str) -> str:
        """What is said while a test takes long."""
        what = f"Under way: {during}." if during else f"So far {len(self.trace.calls)} calls."
        if not during and self.trace.unended:
            what = self._under_way()
        return f"{self.rule} has taken {NOTICE_S:g} s. {what} It is called a hang after {self.waited}."

    @property
    def waited(self) -> str:
        return f"{self.loop.deadline_s:g} s (attribute deadline_s of the contract class)"

    def _under_way(self) -> str:
        waiting = self.trace.unended
        if not waiting:
            return f"All {len(self.trace.calls)} calls had ended."
        more = f", and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        return f"Under way: {waiting[0]} of {waiting[0].user}{more}; {len(self.trace.calls)} calls were made."

    def chapter(self) -> None:
        """Forget users, ids and calls so far; what the store holds stays, out of sight of the new users."""
        self._users = {}
        self.trace = Trace(salt=f"{next(_runs):x}{uuid.uuid4().hex[:6]}")

    def id(self, word: str) -> str:
        """An id that only this chapter uses; of the form of the store's own ids where it takes no other."""
        form = verdicts_of(self.contract).id_form
        return form(word, self.trace.salt) if form else f"{word}_{self.trace.salt}"

    def _ask_for_the_form_of_ids(self) -> None:
        """Once for each store: one that makes UUIDs, and refuses a thread of another id, gets UUIDs."""
        verdicts = verdicts_of(self.contract)
        if verdicts.asked_for_ids:
            return
        verdicts.asked_for_ids, form = True, id_form_of(self.store)
        if form is None:
            return

        async def refused() -> bool:
            written = await (await self.user("alice")).attempt("save_thread", samples.thread(self.id("thr")))
            return written.error is not None

        if self.run(refused()):
            verdicts.id_form = form

    def needs_any_id(self) -> None:
        """Skip a test of ids that a store of UUIDs never meets: no thread of it has another id than it made."""
        if verdicts_of(self.contract).id_form:
            pytest.skip("the store makes ids of one form, and takes no others")

    async def user(self, name: str) -> StoreUser:
        """The user of that name, of this chapter alone."""
        return self._users.setdefault(name, StoreUser(self, f"{name}-{self.trace.salt}"))

    def wrote(self, user: str, method: str, arguments: tuple[Any, ...]) -> None:
        """Remember what will have to be deleted."""
        self._written.note(user, method, arguments)

    def clean(self) -> None:
        """Delete the threads and attachments that were saved, as far as the store lets us and time allows."""
        verdicts, written = verdicts_of(self.contract), self._written
        self._written = Written()
        if not verdicts.cleans:
            return
        try:
            self.loop.run(written.delete(self.contract, self.store), at_most_s=CLEAN_S)
        except Overdue:
            verdicts.cleans = False  # deleting is judged by tests of its own; waiting for it again tells nothing
        except Exception:
            return

    def page_of(self, limit: int) -> int:
        """How many entries a page of this limit has when there are enough: `largest_page` may be declared."""
        return min(limit, self.contract.capabilities.largest_page or limit)

    def fail(self, happened: str) -> StoreFinding:
        """The finding to raise."""
        return StoreFinding(self.rule, happened)

    def require(self, claim: bool, happened: str) -> None:
        """Raise a finding unless the claim holds."""
        if not claim:
            raise self.fail(happened)

    def knows(self, *rules: str) -> bool:
        """Whether one of these rules is told to be broken already. The rule of this test never is."""
        return any(rule.split("[")[0] != self.rule and is_told(self.contract, rule) for rule in rules)

    def difference(self, saved: object, loaded: object, *, area: str = "") -> str | None:
        """The first difference that no other rule has told, or None; with `area`, of causes in that area alone."""
        found = [one for one in differences(saved, loaded) if one.cause.startswith(area)]
        new = [one for one in found if not self.knows(one.cause)]
        if found and not new and any("[" in one.cause or one.cause == "thread.saved-is-loaded" for one in found):
            self.unjudged.append(found[0].cause)
        return new[0].said if new else None

    def explained(self, finding: StoreFinding) -> StoreFinding:
        """The finding with the seed it was generated from, and with the calls that led to it as a script."""
        text = finding.happened
        if self.seed is not None:
            text += f"\n\nGenerated with seed {self.seed}: `pytest --hypothesis-seed={self.seed}` repeats it."
        if isinstance(finding, StoreHangs):
            return StoreHangs(self.rule, text, method=finding.method)
        script = script_of(self.contract, self.trace, finding)
        if not script:
            if self.trace.serial and len(self.trace.calls) > LONGEST:
                text += f"\n\n{len(self.trace.calls)} calls led here, more than a person reads: there is no script."
            return StoreFinding(finding.rule, text)
        other = self._repeated()
        if other is not None:
            text += f"\n\nThe same calls on a new store end otherwise, so there is no script: {other}"
            return StoreFinding(finding.rule, text)
        # Printed, not part of the message: pytest puts an E before every line of a message.
        print(f"# A script to paste into a file and run: it fails as long as the store does this.\n{script}")  # noqa: T201  # shown by pytest
        count = len(self.trace.calls)
        text += f"\n\n{count} calls led here; they are in the captured output, as a script to paste and run."
        return StoreFinding(finding.rule, text, script)

    def _repeated(self) -> str | None:
        try:
            return repeated(self.contract, made_again(self.trace), seconds=max(CLOSE_S, self.loop.left_s / 4))
        except Exception as error:
            return f"{error_text(error)}."


async def settled_hook(contract: StoreUnderTest, name: str, given: tuple[Any, ...]) -> Any:
    """Call a method of the contract class on the loop, and await it where it is `async def`."""
    return await settled(getattr(contract, name)(*given))
