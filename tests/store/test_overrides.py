"""A contract test is overridden with a reason or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatkit_conformance.store import StoreContract
from mutants.stores.contracts import MemoryContract
from mutants.stores.faults_of_threads import PlainInsert

NAME = "test_a_second_save_updates_the_thread"


def an_override() -> Callable[[object], None]:
    """A new function that would pass; marks stay on a function, so each test makes its own."""

    def nothing(self: object) -> None:
        """Tests nothing."""

    return nothing


def test_a_silent_override_is_refused_with_what_to_write() -> None:
    """Replacing a test fails when the class is made; the sentence has the name and the line to write."""
    with pytest.raises(TypeError, match=rf"Mine\.{NAME} replaces .* @pytest\.mark\.xfail\(reason="):
        type("Mine", (StoreContract,), {NAME: an_override()})


@pytest.mark.parametrize("value", [None, pytest.mark.xfail(an_override()), pytest.mark.skip(an_override())])
def test_other_ways_of_silencing_are_refused(value: object) -> None:
    """None, an xfail without a reason and a skip are refused too."""
    with pytest.raises(TypeError, match="replaces a test"):
        type("Mine", (StoreContract,), {NAME: value})


def test_an_override_through_a_mixin_is_refused() -> None:
    """A class that comes before the contract in the bases does not get round it."""
    mixin = type("Mixin", (), {NAME: an_override()})
    with pytest.raises(TypeError, match="replaces a test"):
        type("Mine", (mixin, StoreContract), {})


def test_a_known_failure_still_runs_the_contracts_test() -> None:
    """With a reason the contract's own test runs, whatever the override says, and is strict."""
    override = pytest.mark.xfail(reason="tracked in #12")(an_override())
    contract = type("Known", (MemoryContract,), {NAME: override, "store_class": PlainInsert})
    with pytest.raises(AssertionError, match=r"\[thread.second-save-updates\]"):
        getattr(contract(), NAME)()
    (mark,) = getattr(contract, NAME).pytestmark
    assert mark.kwargs == {"reason": "tracked in #12", "strict": True}


def test_a_subclass_of_a_known_failure_keeps_it() -> None:
    """A reason given once holds in subclasses."""
    override = pytest.mark.xfail(reason="tracked in #12")(an_override())
    parent = type("Parent", (MemoryContract,), {NAME: override})
    child = type("Child", (parent,), {})
    assert getattr(child, NAME) is getattr(parent, NAME)


def test_reopen_without_address_is_refused() -> None:
    """Durability needs both, and says so when the class is made."""
    with pytest.raises(TypeError, match="address"):
        type("Mine", (StoreContract,), {"reopen": lambda self, address: None})


@pytest.mark.parametrize("hook", ["make_store", "make_context"])
def test_a_missing_hook_says_what_to_write(hook: str) -> None:
    """The two methods that everybody must give are asked for by a line to type."""
    with pytest.raises(TypeError, match=f"def {hook}"):
        getattr(StoreContract(), hook)(*(["alice"] if hook == "make_context" else []))
