"""`StoreUnderTest`: what the author of a store gives the contract, and how a rule's verdict becomes a test's."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, ClassVar

import pytest
from chatkit.store import Store
from chatkit.types import ThreadItem

from ..check import SHOULD
from .capabilities import Capabilities
from .finding import StoreFinding, StoreHangs
from .known import FLAKY, known_reason
from .rules import RULES


def tests_of(contract: type) -> dict[str, str]:
    """The contract tests of a class: name -> id of its rule."""
    members = inspect.getmembers(contract, inspect.isfunction)
    return {name: body.contract_rule for name, body in members if hasattr(body, "contract_rule")}


class StoreUnderTest:
    """A store, its users and what its author claims. The rules see no more of it than this.

    Attributes:
        capabilities: what the store does not do.
        known_failures: id of a rule, with its parameter where it has one (`item.saved-is-loaded[widget]`), or the name
            of its test -> why it fails, and where that is tracked. It still runs, and is red when it passes, unless
            the reason begins with `flaky:`.
        strict: whether a SHOULD that does not hold turns its test red. Without it the test is xfailed.
        deadline_s: seconds after which a test calls the store hung.
        examples: generated programs and values per property test.
        budget_s: seconds after which a property test generates no more of them.
        seed: of the generated examples; printed when one fails. None for a fixed one, and in CI one of the commit's.
        writers: tasks that write at once in the concurrency tests.
        scaling_sizes: items in the threads whose page cost is compared.
        scaling_limit: most that a page of the longest thread may cost, in costs of a page at `scaling_limit_from`
            items. None asks only that the growth is not linear.
    """

    capabilities: ClassVar[Capabilities] = Capabilities()
    known_failures: ClassVar[Mapping[str, str]] = {}
    strict: ClassVar[bool] = False
    deadline_s: ClassVar[float] = 120.0
    examples: ClassVar[int] = 100
    budget_s: ClassVar[float] = 10.0
    seed: ClassVar[int | None] = None
    writers: ClassVar[int] = 50
    scaling_sizes: ClassVar[tuple[int, ...]] = (10, 100, 1_000)
    scaling_limit: ClassVar[float | None] = None
    scaling_limit_from: ClassVar[int] = 100

    def make_store(self) -> Store[Any] | Awaitable[Store[Any]]:
        """A store that is ready to use. Called for each test, and for each generated example."""
        raise TypeError(
            f"{type(self).__name__} does not say how to make the store. Write `def make_store(self): return MyStore()`."
        )

    def make_context(self, user: str) -> object | Awaitable[object]:
        """The context that your server passes to the store for one request of this user. It may `yield` it:

        async def make_context(self, user):
            async with Session() as session, session.begin():
                yield RequestContext(user, session)
        """
        raise TypeError(
            f"{type(self).__name__} does not say who a user is. "
            "Write `def make_context(self, user): return MyContext(user_id=user)`."
        )

    def close_context(self, context: Any) -> Awaitable[None] | None:
        """End the request that a context was made for; calls its `aclose()` or `close()` when it has one."""
        close = getattr(context, "aclose", None) or getattr(context, "close", None)
        return close() if callable(close) else None

    def close_store(self, store: Store[Any]) -> Awaitable[None] | None:
        """Free what the store holds; calls its `aclose()` or `close()` when it has one."""
        close = getattr(store, "aclose", None) or getattr(store, "close", None)
        return close() if callable(close) else None

    def address(self, store: Store[Any]) -> str:
        """Where the store's data is, as text that `reopen` understands: a path, a URL."""
        raise TypeError(f"{type(self).__name__} has no address(); needed together with reopen().")

    def reopen(self, address: str) -> Store[Any] | Awaitable[Store[Any]]:
        """A new store on the data at `address`. Also called in another process, on an instance no fixture touched."""
        raise TypeError(f"{type(self).__name__} has no reopen(); durability was not to be tested.")

    def bulk_load(
        self, store: Store[Any], thread_id: str, items: Iterable[ThreadItem], context: Any
    ) -> Awaitable[None] | None:
        """Put many items into a thread quickly, for tests of long threads. The default uses `add_thread_item`."""
        return None

    def measured(self, name: str, value: float, unit: str) -> None:
        """Called with each figure that was measured; prints it (pytest shows it with -rP)."""
        print(f"{type(self).__name__}: {name} = {value:.3g} {unit}")  # noqa: T201  # shown by pytest's report

    def why_not_claimed(self, rule: str) -> str:
        """Why the rule does not apply to this store, "" where it does."""
        for need in RULES[rule].needs.split():
            if need == "reopen" and type(self).reopen is StoreUnderTest.reopen:
                return "durability: reopen() and address() are not given"
            if need != "reopen" and not getattr(self.capabilities, need):
                return f"the store does not claim {need}"
        return ""

    def needs(self, rule: str) -> None:
        """Skip a test whose capability this store's owner declared absent."""
        if reason := self.why_not_claimed(rule):
            pytest.skip(reason)

    def conclude(self, name: str, finding: StoreFinding | None) -> None:
        """Let a test end as its rule, with parameter, was judged: pass, xfail, or raise the finding."""
        __tracebackhide__ = True
        rule = name.split("[")[0]
        reason = known_reason(self.known_failures, name, tests_of(type(self)))
        if finding is None:
            if reason and not reason.startswith(FLAKY):
                pytest.fail(f"[{rule}] holds now: remove {name!r} from known_failures of {type(self).__name__}.", False)
            return
        if reason:
            pytest.xfail(reason)
        if RULES[rule].level == SHOULD and not self.strict and not isinstance(finding, StoreHangs):
            print(finding)  # noqa: T201  # shown by pytest with -rX
            pytest.xfail(f"SHOULD: {str(finding).splitlines()[0]}")
        raise finding
