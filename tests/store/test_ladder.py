"""Root first: a broken rung is told once, and what stands on it is not judged."""

from __future__ import annotations

import pytest

from chatkit_conformance.store import CONTRACT_TESTS, RULES, StoreFinding
from chatkit_conformance.store.finding import StoreHangs
from chatkit_conformance.store.ladder import BASICS
from chatkit_conformance.store.ruled import rungs_of
from mutants.stores.contracts import contract_for, contract_tests, in_pytests_order, red_tests
from mutants.stores.faults_of_calls import DeletingHangs, NothingKept, PagesOfDicts
from mutants.stores.faults_of_values import ZoneAdded


def test_a_store_that_keeps_nothing_has_one_red_test() -> None:
    """The elementary rule tells it, and nothing else is judged."""
    assert list(red_tests(NothingKept)) == ["test_a_thread_and_an_item_are_kept"]


@pytest.mark.slow
def test_an_added_time_zone_has_one_red_test() -> None:
    """The rule about zones tells it; every other comparison looks past it."""
    assert list(red_tests(ZoneAdded)) == ["test_times_keep_or_lack_their_zone"]


def test_what_cannot_be_read_is_told_with_what_was_returned() -> None:
    """A page of dictionaries is a finding that shows one, and no AttributeError of ours."""
    told = red_tests(PagesOfDicts)
    assert list(told) == ["test_a_thread_and_an_item_are_kept"]
    assert "load_threads returned a page with {" in next(iter(told.values()))


def test_a_rung_that_no_test_has_told_is_told_by_the_first_that_stands_on_it() -> None:
    """`pytest -k` of one test never passes for lack of evidence; the next one is skipped."""
    contract = contract_for(NothingKept)()
    with pytest.raises(StoreFinding, match=r"^\[store\.keeps-what-it-is-given\]"):
        contract.test_a_second_save_updates_the_thread()
    with pytest.raises(pytest.skip.Exception, match=r"not judged: store\.keeps-what-it-is-given failed"):
        contract.test_saving_a_thread_keeps_its_items()


def test_the_ladder_has_no_circle_and_names_rules() -> None:
    """Every rung is a rule that is judged without a parameter, and none stands on itself."""
    parametrized = {CONTRACT_TESTS[name.split("[")[0]] for name, arguments in contract_tests() if arguments}
    for rule in RULES:
        rungs = {*rungs_of(rule)}
        assert rungs <= set(RULES)
        assert rule not in rungs
        assert not rungs & parametrized
    assert set(BASICS) <= set(RULES)


def test_a_rung_runs_before_what_stands_on_it() -> None:
    """In pytest's order a broken rung's own test tells it, never one above it."""
    place = {CONTRACT_TESTS[name]: number for number, name in enumerate(in_pytests_order())}
    late = [(rule, rung) for rule in RULES for rung in rungs_of(rule) if place[rung] > place[rule]]
    assert late == []


def test_quick_rules_run_before_those_that_take_seconds() -> None:
    """Generated values, writers at once, kills and long threads come last."""
    areas = [CONTRACT_TESTS[name].split(".")[0] for name in in_pytests_order()]
    assert areas[0] in ("signature", "store")
    assert areas[-1] == "scaling"
    assert areas.index("isolation") < areas.index("model") < areas.index("durability")


def test_a_method_that_hangs_is_told_by_the_rule_that_owns_it_alone() -> None:
    """What else hangs in the same method is not judged: it is the same fault."""
    contract = contract_for(DeletingHangs)()
    contract.deadline_s = 0.5  # type: ignore[misc]  # for this instance
    with pytest.raises(pytest.skip.Exception, match=r"item\.delete-takes-one failed: The store hangs"):
        contract.test_reading_an_unknown_thread_creates_nothing()
    with pytest.raises(StoreHangs, match=r"^\[item\.delete-takes-one\]"):
        contract.test_deleting_an_item_takes_that_one()
