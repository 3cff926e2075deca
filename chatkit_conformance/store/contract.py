"""`StoreContract`: the class to subclass."""

from __future__ import annotations

from typing import Any

from .attachments import AttachmentRules
from .capabilities import refuse_near_names
from .concurrency import ConcurrencyRules
from .durability import DurabilityRules
from .first import FirstRules
from .freshness import FreshnessRules
from .ids import IdRules
from .interrupted import InterruptedRules
from .isolation import IsolationRules
from .items import ItemRules
from .kept import GeneratedRules
from .known import refuse_unknown_failures
from .long_lists import LongListRules
from .overrides import refuse_silent_overrides
from .paging import PagingRules
from .race import RaceRules
from .refused import RefusalRules
from .scaling import ScalingRules
from .stateful import StatefulRules
from .threads import ThreadRules
from .times import TimeRules
from .under_test import StoreUnderTest, tests_of
from .values import ValueRules


# pytest runs the tests of the last base first: the quick ones come before those that take seconds.
class StoreContract(
    ScalingRules,
    DurabilityRules,
    LongListRules,
    RaceRules,
    ConcurrencyRules,
    StatefulRules,
    GeneratedRules,
    InterruptedRules,
    IsolationRules,
    IdRules,
    FreshnessRules,
    AttachmentRules,
    PagingRules,
    ItemRules,
    ThreadRules,
    RefusalRules,
    ValueRules,
    TimeRules,
    FirstRules,
    StoreUnderTest,
):
    """Property tests of a ChatKit `Store`. Subclass it, and give two methods, `def` or `async def`:

        class TestMyStore(StoreContract):
            def make_store(self):
                return MyStore()

            def make_context(self, user):
                return RequestContext(user_id=user)

    Run with plain pytest; no asyncio plugin or setting is needed. A store need not be empty: every test uses users
    and ids that nobody used before, and deletes what it saved.

    What may be set, and what else may be given, stands in `StoreUnderTest`.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        refuse_silent_overrides(cls, StoreContract)
        refuse_near_names(cls, [name for name in dir(StoreContract) if not name.startswith("_")])
        refuse_unknown_failures(cls.__name__, cls.known_failures, CONTRACT_TESTS)
        if cls.reopen is not StoreContract.reopen and cls.address is StoreContract.address:
            raise TypeError(
                f"{cls.__name__} overrides reopen() and not address(). Write `def address(self, store)` too: it "
                "returns the text, a path or a URL, that reopen(address) opens again, here or in another process."
            )


CONTRACT_TESTS = tests_of(StoreContract)
"""Contract test name -> id of its rule."""
