"""Every faulty store is killed by the contract test that names it; every odd but right one passes everything."""

from __future__ import annotations

from typing import Any

import pytest

from chatkit_conformance.store import CONTRACT_TESTS
from mutants.stores.contracts import SECONDS_EACH, failure_of
from mutants.stores.faults import FAULTS
from mutants.stores.json_file import JsonFileStore
from mutants.stores.memory import MemoryStore
from mutants.stores.near_misses import NEAR_MISSES

WAITING = ("LocksCross", "TwoConnectionsEach", "DeletingBlocks", "DeletingCannotBeCancelled", "LockOfTheDeleted")
"""Stores whose search ends by its deadline; of those where a thread that is deleted hangs, one is left."""


def _named(name: str) -> Any:
    slow = FAULTS[name].killed_by in SECONDS_EACH or name in WAITING
    return pytest.param(name, marks=[pytest.mark.store_full] if slow else [])


@pytest.mark.parametrize("name", [_named(name) for name in FAULTS])
def test_a_faulty_store_is_killed_by_the_test_that_names_it(name: str) -> None:
    """The contract test named in the fault fails on it, for its own rule and not for another."""
    fault = FAULTS[name]
    failure = failure_of(fault.store, fault.killed_by)
    assert failure is not None, f"{name} ({fault.lie}) passes {fault.killed_by}"
    rule = CONTRACT_TESTS[fault.killed_by.split("[")[0]]
    assert failure.startswith((f"StoreFinding: [{rule}] ", f"StoreHangs: [{rule}] ")), failure


def test_there_are_faults_enough_and_each_contract_test_kills() -> None:
    """At least thirty faulty stores, and no contract test without one that it kills."""
    assert len(FAULTS) >= 30
    proved = {fault.killed_by.split("[")[0] for fault in FAULTS.values()}
    assert proved == set(CONTRACT_TESTS)


def test_every_fault_says_its_lie_and_where_it_was_seen() -> None:
    """A fault without a sentence teaches nothing."""
    assert [name for name, fault in FAULTS.items() if not (fault.lie.endswith(".") and fault.seen)] == []


@pytest.mark.store_full
@pytest.mark.parametrize("store", [MemoryStore])
def test_the_correct_memory_store_passes_everything(store: type[Any]) -> None:
    """What the faulty stores are made from passes, so each fails for its one fault."""
    assert {name: failure_of(store, name) for name in CONTRACT_TESTS} == dict.fromkeys(CONTRACT_TESTS)


@pytest.mark.store_full
@pytest.mark.parametrize("store", [*NEAR_MISSES[1:], JsonFileStore])
def test_an_odd_but_right_store_passes_everything(store: type[Any]) -> None:
    """A choice that the rules leave open is no finding."""
    assert {name: failure_of(store, name, examples=40) for name in CONTRACT_TESTS} == dict.fromkeys(CONTRACT_TESTS)
