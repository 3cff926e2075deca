"""The Store contract on stores of a real PostgreSQL: faults that only a server brings are killed, odd choices pass."""

from __future__ import annotations

from typing import Any

import pytest
from chatkit.store import Store

from chatkit_conformance.store import CONTRACT_TESTS, StoreContract
from mutants.stores.contracts import MemoryContract, failure_of_contract
from mutants.stores.postgres_rows import POSTGRES_FAULTS, POSTGRES_ODD, PostgresStore

pytestmark = pytest.mark.store_full


def _contract(store_class: type[PostgresStore], address: str) -> StoreContract:
    """The contract of a store at this address, which is one database for all: each test brings its own users."""

    async def make_store(self: StoreContract) -> Store[Any]:
        return await store_class.opened(address)

    given = {"store_class": store_class, "make_store": make_store, "capabilities": store_class.claims, "deadline_s": 60}
    made: StoreContract = type(f"{store_class.__name__}Contract", (MemoryContract,), given)()
    return made


@pytest.mark.parametrize("store_class", POSTGRES_FAULTS)
def test_a_fault_of_a_server_is_killed_by_the_test_that_names_it(
    store_class: type[PostgresStore], postgres: str
) -> None:
    """The contract test named in the table fails, for its own rule."""
    test = POSTGRES_FAULTS[store_class]
    failure = failure_of_contract(_contract(store_class, postgres), test)
    assert failure is not None, f"{store_class.__name__} passes {test}"
    assert failure.startswith(f"StoreFinding: [{CONTRACT_TESTS[test]}] "), failure


@pytest.mark.parametrize("store_class", POSTGRES_ODD)
def test_an_odd_but_right_store_of_a_server_passes_everything(store_class: type[PostgresStore], postgres: str) -> None:
    """Isolation levels that are tried again, and jsonb, are no finding."""
    contract = _contract(store_class, postgres)
    contract.examples = 25  # type: ignore[misc]  # of this instance alone
    reds = {name: failure_of_contract(contract, name) for name in CONTRACT_TESTS}
    assert reds == dict.fromkeys(CONTRACT_TESTS)
