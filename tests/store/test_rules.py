"""The table of rules, the contract's tests and the documentation say the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from pydantic import BaseModel

from chatkit_conformance.store import CONTRACT_TESTS, RULES, StoreContract
from chatkit_conformance.store.generate import attachments_of_type, items_of_type
from chatkit_conformance.store.loop_watch import LoopWatch
from chatkit_conformance.store.rules_table import rules_table
from chatkit_conformance.store.scene import METHODS
from chatkit_conformance.store.sdk_types import ATTACHMENT_TYPES, ITEM_TYPES
from chatkit_conformance.store.signature import CALLS

DOCS = Path(__file__).parents[2] / "docs" / "testing-your-store.md"


def test_every_rule_has_one_test_and_every_test_one_rule() -> None:
    """Nothing is asked that is not written down, and nothing is written down that is not asked."""
    assert sorted(CONTRACT_TESTS.values()) == sorted(RULES)


def test_every_contract_test_states_its_requirement() -> None:
    """A docstring of one sentence or more, ending in a full stop."""
    assert [name for name in CONTRACT_TESTS if not (getattr(StoreContract, name).__doc__ or "").endswith(".")] == []


def test_the_documentation_has_the_table_of_rules() -> None:
    """docs/testing-your-store.md has the table as `python -m chatkit_conformance.store.rules_table` prints it."""
    assert rules_table() in DOCS.read_text("utf-8")


def test_all_abstract_methods_of_the_sdk_are_called() -> None:
    """The twelve methods are the SDK's twelve; a new one turns this red."""
    from chatkit.store import Store

    assert set(METHODS) == Store.__abstractmethods__ == {method for method, _, _ in CALLS}


@pytest.mark.parametrize(
    ("kind", "strategy"),
    [*((name, items_of_type) for name in ITEM_TYPES), *((name, attachments_of_type) for name in ATTACHMENT_TYPES)],
)
def test_values_of_every_type_of_the_sdk_are_generated(kind: str, strategy: Callable[[str], Any]) -> None:
    """Each item and attachment type gives examples that are of that type and not all alike."""
    seen: list[str] = []

    @seed(1)
    @settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy(kind))
    def example(value: BaseModel) -> None:
        assert value.model_dump()["type"] == kind
        seen.append(value.model_dump_json())

    example()
    assert len(set(seen)) > 1


async def test_the_loop_watch_sees_a_block_and_no_wait() -> None:
    """Time in which the loop stands still is measured; time in which it waits is not."""
    async with LoopWatch() as blocked:
        time.sleep(0.1)  # noqa: ASYNC251  # what is measured
    assert blocked.longest_s >= 0.09
    quiet = []
    for _ in range(5):
        async with LoopWatch() as watch:
            await asyncio.to_thread(time.sleep, 0.1)
        quiet.append(watch.longest_s)
    assert min(quiet) < 0.05
