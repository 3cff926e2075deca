"""The Store contract for a store class of this room, and running its tests one by one without pytest."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from chatkit.store import Store

from chatkit_conformance.store import CONTRACT_TESTS, Capabilities, StoreContract
from mutants.stores.json_file import JsonFileStore

SECONDS_EACH = {
    "test_any_sequence_of_calls_agrees_with_the_model",
    "test_a_page_costs_the_same_in_a_long_thread",
    "test_no_call_blocks_the_event_loop",
    "test_a_cancelled_write_leaves_the_store_usable",
    "test_long_threads_and_lists_are_whole",
    "test_acknowledged_writes_survive_a_kill",
}
"""Contract tests that take seconds to fail: shrinking, measuring again, starting processes."""


HANGING = ("mutants.stores.faults_of_calls", "mutants.stores.faults_of_connections")
"""Where stores are of which some hang."""


class MemoryContract(StoreContract):
    """For stores made without arguments. Fewer tasks: a faulty store is caught by few."""

    store_class: ClassVar[type[Any]]
    strict = True
    examples = 100
    writers = 12
    scaling_sizes = (10, 1_000)

    def make_store(self) -> Store[Any]:
        store: Store[Any] = self.store_class()
        return store

    def make_context(self, user: str) -> Any:
        return self.store_class.request_of(user)

    def measured(self, name: str, value: float, unit: str) -> None:
        """Figures of these stores interest nobody."""


class JsonFileContract(MemoryContract):
    """For stores over a file; at the top level of this file, so that another process finds it."""

    store_class = JsonFileStore
    capabilities = JsonFileStore.claims
    scaling_sizes = (10, 100)

    def make_store(self) -> Store[Any]:
        self.folder = tempfile.TemporaryDirectory()
        return self.reopen(str(Path(self.folder.name) / "store.json"))

    def address(self, store: Store[Any]) -> str:
        assert isinstance(store, JsonFileStore)
        return str(store.path)

    def reopen(self, address: str) -> Store[Any]:
        store: Store[Any] = self.store_class(address)
        return store


def contract_for(store_class: type[Any]) -> type[StoreContract]:
    """The contract class that tests the store class."""
    if store_class is JsonFileStore:
        return JsonFileContract
    given: dict[str, Any] = {
        "store_class": store_class,
        "capabilities": getattr(store_class, "claims", Capabilities()),
    }
    if store_class.__module__ in HANGING:
        given["deadline_s"] = 5.0
    base = JsonFileContract if issubclass(store_class, JsonFileStore) else MemoryContract
    return type(f"{store_class.__name__}Contract", (base,), given)


def __getattr__(name: str) -> type[StoreContract]:
    """The contract class of a faulty store, by name: scripts of failures import it."""
    from mutants.stores.faults import FAULTS

    store = name.removesuffix("Contract")
    if store == name or store not in FAULTS:
        raise AttributeError(name)
    return contract_for(FAULTS[store].store)


def in_pytests_order() -> list[str]:
    """Names of the contract tests as pytest runs them: the last base first, each as it is written."""
    return [name for kind in reversed(StoreContract.__mro__) for name in vars(kind) if name in CONTRACT_TESTS]


def red_tests(store_class: type[Any]) -> dict[str, str]:
    """Every contract test that is red when all run on one class, in pytest's order, with what it says."""
    made, reds = contract_for(store_class), {}
    for name, arguments in contract_tests():
        failure = _failure(made(), name, arguments)
        if failure is not None:
            reds[name] = failure
    return reds


def _failure(contract: StoreContract, shown_name: str, arguments: dict[str, Any]) -> str | None:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            getattr(contract, shown_name.split("[")[0])(**arguments)
    except pytest.skip.Exception:
        return None
    except Exception as failure:
        return f"{type(failure).__name__}: {failure}"
    return None


def contract_tests() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every contract test as (name as pytest shows it, arguments), in pytest's order."""
    for name in in_pytests_order():
        marks = [mark for mark in getattr(getattr(StoreContract, name), "pytestmark", []) if mark.name == "parametrize"]
        if not marks:
            yield name, {}
        for mark in marks:
            argument, values = mark.args
            for value in values:
                yield f"{name}[{value}]", {argument: value}


def failure_of(store_class: type[Any], shown_name: str, examples: int | None = None) -> str | None:
    """What the contract test of that name says about the store; `examples` replaces the contract's."""
    contract = contract_for(store_class)()
    if examples is not None:
        contract.examples = examples  # type: ignore[misc]  # of this instance alone
    return failure_of_contract(contract, shown_name)


def failure_of_contract(contract: StoreContract, shown_name: str) -> str | None:
    """What the contract test of that name says, or None when it passes or does not apply.

    A name without its parameter stands for all of them; the first failure is given.
    """
    for name, arguments in contract_tests():
        if name != shown_name and name.split("[")[0] != shown_name:
            continue
        failure = _failure(contract, name, arguments)
        if failure is not None:
            return failure
    return None
