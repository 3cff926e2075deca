"""`StoreContract`: the class to subclass."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from chatkit.store import Store
from chatkit.types import ThreadItem

from .attachments import AttachmentRules
from .concurrency import ConcurrencyRules
from .durability import DurabilityRules
from .isolation import IsolationRules
from .items import ItemRules
from .overrides import refuse_silent_overrides
from .paging import PagingRules
from .rules import RULES
from .scaling import ScalingRules
from .stateful import StatefulRules
from .threads import ThreadRules
from .values import ValueRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the store does not claim to do. Everything is claimed unless you say otherwise; what is claimed is tested.

    Args:
        attachments: `save_attachment`, `load_attachment` and `delete_attachment` work.
        nul_text: text may hold U+0000 (PostgreSQL's `text` and `jsonb` refuse it).
    """

    attachments: bool = True
    nul_text: bool = True


class StoreContract(
    ThreadRules,
    ItemRules,
    ValueRules,
    PagingRules,
    AttachmentRules,
    IsolationRules,
    StatefulRules,
    ConcurrencyRules,
    DurabilityRules,
    ScalingRules,
):
    """Property tests of a ChatKit `Store`. Subclass it, and give two methods, `def` or `async def`:

        class TestMyStore(StoreContract):
            def make_store(self):
                return MyStore()

            def make_context(self, user):
                return RequestContext(user_id=user)

    Run with plain pytest; no asyncio plugin or setting is needed. A store need not be empty: every test uses users
    and ids that nobody used before.

    Attributes:
        capabilities: what the store does not do.
        deadline_s: seconds after which a test calls the store hung.
        examples: generated programs and values per property test.
        seed: of the generated examples; printed when one fails. The same seed gives the same run.
        writers: tasks that write at once in the concurrency tests.
        scaling_sizes: items in the threads whose page cost is compared.
        scaling_limit: most that a page of the longest thread may cost, in costs of a page at `scaling_limit_from`
            items. None asks only that the growth is not linear.
    """

    capabilities: ClassVar[Capabilities] = Capabilities()
    deadline_s: ClassVar[float] = 120.0
    examples: ClassVar[int] = 100
    seed: ClassVar[int] = 20_251_006
    writers: ClassVar[int] = 50
    scaling_sizes: ClassVar[tuple[int, ...]] = (10, 100, 1_000)
    scaling_limit: ClassVar[float | None] = None
    scaling_limit_from: ClassVar[int] = 100

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        refuse_silent_overrides(cls, StoreContract)
        if cls.reopen is not StoreContract.reopen and cls.address is StoreContract.address:
            raise TypeError(
                f"{cls.__name__} overrides reopen() and not address(). Write `def address(self, store)` too: it "
                "returns the text, a path or a URL, that reopen(address) opens again, here or in another process."
            )

    def make_store(self) -> Store[Any] | Awaitable[Store[Any]]:
        """A store that is ready to use."""
        raise TypeError(
            f"{type(self).__name__} does not say how to make the store. Write `def make_store(self): return MyStore()`."
        )

    def make_context(self, user: str) -> object | Awaitable[object]:
        """The context that your server passes to the store for this user."""
        raise TypeError(
            f"{type(self).__name__} does not say who a user is. "
            "Write `def make_context(self, user): return MyContext(user_id=user)`."
        )

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
        """Put many items into a thread quickly, for the scaling test only. The default uses `add_thread_item`."""
        from .scaling import add_in_batches

        return add_in_batches(store, thread_id, items, context)

    def measured(self, name: str, value: float, unit: str) -> None:
        """Called with each figure that was measured; prints it (pytest shows it with -rP)."""
        print(f"{type(self).__name__}: {name} = {value:.3g} {unit}")  # noqa: T201  # shown by pytest's report

    def needs(self, rule: str) -> None:
        """Skip a test whose capability this store's owner declared absent."""
        need = RULES[rule].needs
        if need == "reopen" and type(self).reopen is StoreContract.reopen:
            pytest.skip("durability: reopen() and address() are not given")
        if need and not getattr(self.capabilities, need, True):
            pytest.skip(f"the store does not claim {need}")


CONTRACT_TESTS: dict[str, str] = {
    name: body.contract_rule
    for name, body in inspect.getmembers(StoreContract, inspect.isfunction)
    if hasattr(body, "contract_rule")
}
"""Contract test name -> id of its rule."""
