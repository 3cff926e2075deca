"""A user of the store: each method as the SDK calls it, with a context of that user, and written down."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from chatkit.store import Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata

from .finding import shown
from .one_call import called, context_for
from .outcome import CallOutcome, wrong_shape
from .trace import CallMade

if TYPE_CHECKING:
    from .scene import Scene

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


UNKEPT = " If the store keeps no files, say so: capabilities = Capabilities(attachments=False)."
"""What to type where the methods for attachments are not there."""


class StoreUser:
    """One user. Every call has a context of its own, as each request of the SDK's server has.

    `one_request()` gives the same user with one context for several calls.
    """

    def __init__(self, scene: Scene, name: str, held: tuple[Any, ...] = ()) -> None:
        self.scene, self.name, self._held = scene, name, held

    @contextlib.asynccontextmanager
    async def context(self) -> AsyncIterator[Any]:
        """The context of the next call."""
        if self._held:
            yield self._held[0]
        else:
            async with context_for(self.scene.contract, self.name) as context:
                yield context

    @contextlib.asynccontextmanager
    async def one_request(self) -> AsyncIterator[StoreUser]:
        """This user with one context for all calls in the block."""
        async with self.context() as context:
            yield StoreUser(self.scene, self.name, (context,))

    async def attempt(self, method: str, *arguments: Any, store: Store[Any] | None = None) -> CallOutcome:
        """Call, and give back how it ended, errors included. `store` is another one than the scene's."""
        kept = tuple(
            argument.model_copy(deep=True) if hasattr(argument, "model_copy") else argument for argument in arguments
        )
        self.scene.wrote(self.name, method, arguments)
        calls = self.scene.trace.calls
        position = len(calls)
        made = CallMade(user=self.name, method=method, arguments=kept, request=id(self._held[0]) if self._held else 0)
        calls.append(made)
        try:
            async with self.context() as context:
                outcome = CallOutcome(value=await called(store or self.scene.store, method, arguments, context))
        except Exception as error:
            outcome = CallOutcome(error=error)
        calls[position] = made.ended(outcome.value, outcome.error)
        fault = wrong_shape(method, outcome.value) if outcome.error is None and outcome.value is not None else None
        if fault is not None:
            raise self.scene.fail(f"{fault}.")
        return outcome

    async def call(self, method: str, *arguments: Any, store: Store[Any] | None = None) -> Any:
        """Call; an error is a finding, since nothing is wrong with the call."""
        outcome = await self.attempt(method, *arguments, store=store)
        said = f"{method}({', '.join(shown(argument) for argument in arguments)})"
        if outcome.error is not None:
            unkept = isinstance(outcome.error, NotImplementedError) and method.endswith("_attachment")
            raise self.scene.fail(f"{said} {outcome.told}.{UNKEPT * unkept}") from outcome.error
        fault = wrong_shape(method, outcome.value)
        if fault is not None:
            raise self.scene.fail(f"{fault}.")
        return outcome.value

    async def is_not_found(self, method: str, *arguments: Any, why: str) -> None:
        """The call must raise `NotFoundError`; `why` says why nothing is there."""
        outcome = await self.attempt(method, *arguments)
        said = (
            f"{method}({', '.join(shown(argument) for argument in arguments)}) must raise chatkit.store.NotFoundError"
        )
        self.scene.require(outcome.not_found, f"{said}: {why}. It {outcome.told}.")

    async def load_thread(self, thread_id: str) -> ThreadMetadata:
        return await self.call("load_thread", thread_id)  # type: ignore[no-any-return]

    async def save_thread(self, thread: ThreadMetadata) -> None:
        await self.call("save_thread", thread)

    async def load_threads(
        self, limit: int = 100, after: str | None = None, order: str = "desc"
    ) -> Page[ThreadMetadata]:
        return await self._page("load_threads", limit, lambda most: (most, after, order))

    async def delete_thread(self, thread_id: str) -> None:
        await self.call("delete_thread", thread_id)

    async def items(
        self, thread_id: str, limit: int = 100, after: str | None = None, order: str = "asc"
    ) -> Page[ThreadItem]:
        return await self._page("load_thread_items", limit, lambda most: (thread_id, after, most, order))

    async def _page(self, method: str, limit: int, arguments: Callable[[int], tuple[Any, ...]]) -> Page[Any]:
        """A page; a store that declares its largest one may cut a larger one, or refuse it."""
        most = self.scene.page_of(limit)
        if most < limit:
            larger = await self.attempt(method, *arguments(limit))
            if larger.error is None:
                return larger.value  # type: ignore[no-any-return]
        return await self.call(method, *arguments(most))  # type: ignore[no-any-return]

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
