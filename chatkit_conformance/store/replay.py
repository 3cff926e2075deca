"""Makes recorded calls again on a new store, and says whether they end as they did. Scripts of failures use it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from .one_call import called, context_for, settled
from .outcome import CallOutcome
from .scene_loop import CLOSE_S, SceneLoop
from .trace import outcome_of

if TYPE_CHECKING:
    from .under_test import StoreUnderTest

Step = Callable[..., Awaitable[Any]]


class EndedOtherwise(Exception):
    """A call did not end as it did then."""


def replay(contract: StoreUnderTest, calls: Callable[[Step], Awaitable[None]], finding: str) -> NoReturn:
    """Make the calls, print each with how it ended, and exit: 1 with the finding, or 0 when the fault is gone."""
    said = repeated(contract, calls, say=print)
    if said is None:
        sys.exit(f"Still so: {finding}")
    print(f"It is no longer so: {said}")  # noqa: T201  # the script's answer
    sys.exit(0)


def repeated(
    contract: StoreUnderTest,
    calls: Callable[[Step], Awaitable[None]],
    *,
    seconds: float = 60.0,
    say: Callable[[str], None] = lambda _: None,
) -> str | None:
    """Make the calls on a new store. None when each ends as it did then, else the first that does not."""
    loop = SceneLoop(seconds)
    try:
        store = loop.run(settled(contract.make_store()))
        try:
            loop.run(_all(contract, store, calls, say))
        finally:
            with contextlib.suppress(Exception):
                loop.run(settled(contract.close_store(store)), at_least_s=CLOSE_S)
    except EndedOtherwise as other:
        return str(other)
    finally:
        loop.close()
    return None


async def _all(
    contract: StoreUnderTest, store: Any, calls: Callable[[Step], Awaitable[None]], say: Callable[[str], None]
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        held: dict[int, Any] = {}

        async def step(user: str, method: str, *arguments: Any, ended: str, request: int = 0) -> Any:
            if request and request not in held:
                held[request] = await stack.enter_async_context(context_for(contract, user))
            outcome = await _one(contract, store, user, method, arguments, held.get(request))
            now = outcome_of(outcome.value, outcome.error)
            say(f"{method}: {now if outcome.error is None else outcome.told}")
            if now != ended:
                raise EndedOtherwise(f"{method} of {user} ended with {now!r}; then it was {ended!r}.")
            return outcome.value

        await calls(step)


async def _one(
    contract: StoreUnderTest, store: Any, user: str, method: str, arguments: Sequence[Any], held: Any
) -> CallOutcome:
    try:
        if held is not None:
            return CallOutcome(value=await called(store, method, tuple(arguments), held))
        async with context_for(contract, user) as context:
            return CallOutcome(value=await called(store, method, tuple(arguments), context))
    except Exception as error:
        return CallOutcome(error=error)
