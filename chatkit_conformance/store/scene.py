"""The stage of one contract test: an event loop, a store, and users nobody used before."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import uuid
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

from .finding import StoreFinding, shown
from .trace import Trace, outcome_of, script_of

if TYPE_CHECKING:
    from .contract import StoreContract

T = TypeVar("T")

METHODS = (
    "load_thread",
    "save_thread",
    "load_threads",
    "delete_thread",
    "load_thread_items",
    "add_thread_item",
    "save_item",
    "load_item",
    "delete_thread_item",
    "save_attachment",
    "load_attachment",
    "delete_attachment",
)
"""The twelve methods of `chatkit.store.Store`; every one takes the context last."""

_runs = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """How a call ended that may end in more than one way."""

    value: Any = None
    error: Exception | None = None

    @property
    def not_found(self) -> bool:
        return isinstance(self.error, NotFoundError)


async def settled(value: T | Awaitable[T]) -> T:
    """The value, awaited when it must be: a hook may be `def` or `async def`."""
    if inspect.isawaitable(value):
        return await value
    return value


class Scene:
    """Opens a store for one test, and closes it. `chapter()` starts afresh with unused users and ids.

    A store need not be empty when it is made: users and ids of each chapter are new.
    """

    def __init__(self, contract: StoreContract, rule: str) -> None:
        self.contract = contract
        self.rule = rule
        self.trace = Trace()
        self.seed: int | None = None
        self.serial = True
        self._open = False
        self._runner = asyncio.Runner()
        self._salt = ""
        self._users: dict[str, StoreUser] = {}

    def __enter__(self) -> Scene:
        try:
            self.store: Store[Any] = self.run(settled(self.contract.make_store()))
            self._open = True
        except BaseException:
            self._runner.close()
            raise
        self.chapter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            self.close()
        except Exception:
            if error is None:
                raise
        finally:
            self._runner.close()

    def close(self) -> None:
        """Close the store, if it is open."""
        if self._open:
            self._open = False
            self.run(settled(self.contract.close_store(self.store)))

    def reopen(self, address: str | None = None) -> None:
        """Close the store, and open a new one at the address, or where this one was."""
        where = address or self.contract.address(self.store)
        self.close()
        self.store = self.run(settled(self.contract.reopen(where)))
        self._open = True

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end on this scene's own event loop, or raise after the contract's `deadline_s`."""

        async def bounded() -> T:
            try:
                async with asyncio.timeout(self.contract.deadline_s):
                    return await work
            except TimeoutError as error:
                waited = f"no end after {self.contract.deadline_s:g} s (attribute deadline_s of the contract class)"
                raise StoreFinding(self.rule, f"The store hangs: {waited}.") from error

        return self._runner.run(bounded())

    def chapter(self) -> None:
        """Forget users, ids and calls so far; what the store holds stays, out of sight of the new users."""
        self._salt = f"{next(_runs):x}{uuid.uuid4().hex[:6]}"
        self._users = {}
        self.trace = Trace()

    def id(self, word: str) -> str:
        """An id that only this chapter uses."""
        return f"{word}_{self._salt}"

    async def user(self, name: str) -> StoreUser:
        """The user of that name, of this chapter alone."""
        if name not in self._users:
            full = f"{name}-{self._salt}"
            self._users[name] = StoreUser(self, full, await settled(self.contract.make_context(full)))
        return self._users[name]

    def fail(self, happened: str) -> StoreFinding:
        """The finding to raise."""
        return StoreFinding(self.rule, happened)

    def explained(self, finding: StoreFinding) -> StoreFinding:
        """The finding with the seed it was generated from, and with the calls that led to it as a script."""
        text = finding.happened
        if self.seed is not None:
            text += (
                f"\n\nGenerated with seed = {self.seed} (attribute of the contract class; the same seed repeats it)."
            )
        if not self.serial or not self.trace.calls:
            return StoreFinding(self.rule, text)
        script = script_of(self.contract, self.trace, str(finding))
        # Printed, not part of the message: pytest puts an E before every line of a message.
        print(f"# A script to paste and run: the calls that led to the finding.\n{script}")  # noqa: T201  # shown by pytest
        calls = len(self.trace.calls)
        text += f"\n\n{calls} calls led here; they are in the captured output, as a script to paste and run."
        return StoreFinding(self.rule, text, script)

    def require(self, claim: bool, happened: str) -> None:
        """Raise a finding unless the claim holds."""
        if not claim:
            raise self.fail(happened)


class StoreUser:
    """One user of the store: each method as the SDK calls it, with this user's context, and written down."""

    def __init__(self, scene: Scene, name: str, context: object) -> None:
        self.scene, self.name, self.context = scene, name, context

    async def attempt(self, method: str, *arguments: Any) -> CallOutcome:
        """Call, and give back how it ended, errors included."""
        kept = tuple(
            argument.model_copy(deep=True) if hasattr(argument, "model_copy") else argument for argument in arguments
        )
        position = len(self.scene.trace.calls)
        self.scene.trace.add(self.name, method, kept, "did not return")
        try:
            outcome = CallOutcome(value=await called(self.scene.store, method, arguments, self.context))
        except Exception as error:
            outcome = CallOutcome(error=error)
        ended = f"raised {error_text(outcome.error)}" if outcome.error else outcome_of(outcome.value)
        self.scene.trace.calls[position] = type(self.scene.trace.calls[position])(
            user=self.name, method=method, arguments=kept, outcome=ended.replace("\n", " ")
        )
        return outcome

    async def call(self, method: str, *arguments: Any) -> Any:
        """Call; an error is a finding, since nothing is wrong with the call."""
        outcome = await self.attempt(method, *arguments)
        if outcome.error is not None:
            said = (
                f"{method}({', '.join(shown(argument) for argument in arguments)}) raised {error_text(outcome.error)}."
            )
            raise self.scene.fail(said) from outcome.error
        return outcome.value

    async def load_thread(self, thread_id: str) -> ThreadMetadata:
        return await self.call("load_thread", thread_id)  # type: ignore[no-any-return]

    async def save_thread(self, thread: ThreadMetadata) -> None:
        await self.call("save_thread", thread)

    async def load_threads(
        self, limit: int = 100, after: str | None = None, order: str = "desc"
    ) -> Page[ThreadMetadata]:
        return await self.call("load_threads", limit, after, order)  # type: ignore[no-any-return]

    async def delete_thread(self, thread_id: str) -> None:
        await self.call("delete_thread", thread_id)

    async def items(
        self, thread_id: str, limit: int = 100, after: str | None = None, order: str = "asc"
    ) -> Page[ThreadItem]:
        return await self.call("load_thread_items", thread_id, after, limit, order)  # type: ignore[no-any-return]

    async def add(self, item: ThreadItem) -> None:
        await self.call("add_thread_item", item.thread_id, item)

    async def save_item(self, item: ThreadItem) -> None:
        await self.call("save_item", item.thread_id, item)

    async def load_item(self, thread_id: str, item_id: str) -> ThreadItem:
        return await self.call("load_item", thread_id, item_id)  # type: ignore[no-any-return]

    async def delete_item(self, thread_id: str, item_id: str) -> None:
        await self.call("delete_thread_item", thread_id, item_id)

    async def save_attachment(self, attachment: Attachment) -> None:
        await self.call("save_attachment", attachment)

    async def load_attachment(self, attachment_id: str) -> Attachment:
        return await self.call("load_attachment", attachment_id)  # type: ignore[no-any-return]

    async def delete_attachment(self, attachment_id: str) -> None:
        await self.call("delete_attachment", attachment_id)


def called(store: Store[Any], method: str, arguments: tuple[Any, ...], context: object) -> Awaitable[Any]:
    """Call as the SDK does: pages of threads by name, the context of most methods by name."""
    bound: Awaitable[Any]
    if method == "load_threads":
        limit, after, order = arguments
        bound = store.load_threads(limit=limit, after=after, order=order, context=context)
    elif method == "load_thread_items":
        thread_id, after, limit, order = arguments
        bound = store.load_thread_items(thread_id, after, limit, order, context)
    else:
        bound = getattr(store, method)(*arguments, context=context)
    return bound


def error_text(error: BaseException | None) -> str:
    """An error as `Kind('message')`, cut to a line's length."""
    return f"{type(error).__name__}({shown(str(error))})"
