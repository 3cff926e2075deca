"""One call of the store: a context made for it, the method called with it, and the context closed."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable
from typing import TYPE_CHECKING, Any, TypeVar

from chatkit.store import Store

if TYPE_CHECKING:
    from .under_test import StoreUnderTest

T = TypeVar("T")


async def settled(value: T | Awaitable[T]) -> T:
    """The value, awaited when it must be: a hook may be `def` or `async def`."""
    if inspect.isawaitable(value):
        return await value
    return value


@contextlib.asynccontextmanager
async def context_for(contract: StoreUnderTest, user: str) -> AsyncIterator[Any]:
    """A context made for one request, and closed after it. `make_context` may return it, or yield it."""
    made: Any = contract.make_context(user)
    if inspect.isasyncgen(made):
        async with contextlib.asynccontextmanager(lambda: made)() as context:
            yield context
    elif inspect.isgenerator(made):
        with contextlib.contextmanager(lambda: made)() as context:
            yield context
    else:
        context = await settled(made)
        try:
            yield context
        finally:
            await settled(contract.close_context(context))


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
