"""What a class declares: capabilities, known failures, levels, seeds; a word that nothing reads is refused."""

from __future__ import annotations

from typing import Any

import hypothesis.core
import pytest

from chatkit_conformance.store import Capabilities, StoreContract
from chatkit_conformance.store.examples import FIXED_SEED, seed_of
from mutants.stores.contracts import contract_for
from mutants.stores.faults import FAULTS
from mutants.stores.memory import MemoryStore


@pytest.mark.parametrize(
    ("written", "meant"),
    [("exampels", "examples"), ("deadline", "deadline_s"), ("make_stor", "make_store"), ("capability", "capabilities")],
)
def test_an_attribute_that_nothing_reads_is_refused_with_the_nearest(written: str, meant: str) -> None:
    """A misspelled attribute of the class would silently do nothing."""
    with pytest.raises(TypeError, match=rf"Mine\.{written} is no attribute .* Did you mean '{meant}'\?"):
        type("Mine", (StoreContract,), {written: 1})


def test_a_test_that_is_nearly_the_contracts_is_refused() -> None:
    """A known failure under a misspelled name would silence nothing, and look as if it did."""
    with pytest.raises(TypeError, match="Did you mean 'test_a_second_save_updates_the_thread'"):
        type("Mine", (StoreContract,), {"test_a_second_save_update_the_thread": lambda self: None})


def test_attributes_of_ones_own_are_left_alone() -> None:
    """A URL, a folder and helpers of the test's own are no mistake."""
    type("Mine", (StoreContract,), {"url": "", "database": "", "folder": None, "connect": lambda self: None})


def test_a_known_failure_of_one_parameter_xfails_that_one_alone() -> None:
    """Three of eleven item types may be known; the others still turn red."""
    kind = contract_for(FAULTS["TextAlone"].store)
    test = FAULTS["TextAlone"].killed_by.split("[")[0]
    known = type("Known", (kind,), {"known_failures": {"item.saved-is-loaded[assistant_message]": "see #12"}})
    with pytest.raises(pytest.xfail.Exception, match="see #12"):
        getattr(known(), test)(item_type="assistant_message")
    other = type("Other", (kind,), {"known_failures": {"item.saved-is-loaded[widget]": "see #12"}})
    with pytest.raises(AssertionError, match=r"item\.saved-is-loaded"):
        getattr(other(), test)(item_type="assistant_message")


def test_a_known_failure_that_passes_is_red() -> None:
    """On the day the store is mended the entry must go."""
    known = type("Known", (contract_for(MemoryStore),), {"known_failures": {"thread.second-save-updates": "see #12"}})
    with pytest.raises(pytest.fail.Exception, match="holds now: remove"):
        known().test_a_second_save_updates_the_thread()


def test_a_flaky_failure_may_pass_and_may_fail() -> None:
    """A reason that begins with `flaky:` makes neither news."""
    flaky = {"thread.second-save-updates": "flaky: a replica that lags", "item.saved-is-loaded": "flaky: the same"}
    known = type("Known", (contract_for(MemoryStore),), {"known_failures": flaky})
    known().test_a_second_save_updates_the_thread()
    lossy = type("Lossy", (contract_for(FAULTS["TextAlone"].store),), {"known_failures": flaky})
    with pytest.raises(pytest.xfail.Exception, match="flaky: the same"):
        getattr(lossy(), FAULTS["TextAlone"].killed_by.split("[")[0])(item_type="assistant_message")


@pytest.mark.parametrize(
    ("known", "said"),
    [({"thread.second-save": "x"}, "Did you mean 'thread.second-save-updates'"), ({"value.nul": " "}, "has no reason")],
)
def test_a_known_failure_names_a_rule_and_a_reason(known: dict[str, str], said: str) -> None:
    """An entry that names nothing, or says nothing, is refused when the class is made."""
    with pytest.raises(TypeError, match=said):
        type("Mine", (StoreContract,), {"known_failures": known})


def test_a_should_alone_turns_nothing_red() -> None:
    """What only hardens is xfailed with its finding; with `strict` it fails."""
    kind = contract_for(FAULTS["IdsBlock"].store)
    with pytest.raises(AssertionError, match=r"isolation\.ids-never-block"):
        kind().test_ids_of_one_user_never_block_another()
    lenient = type("Lenient", (kind,), {"strict": False})
    with pytest.raises(pytest.xfail.Exception, match=r"SHOULD: \[isolation.ids-never-block\]"):
        lenient().test_ids_of_one_user_never_block_another()


def test_what_is_not_claimed_is_skipped() -> None:
    """A store of one user is not asked about a second."""
    kind = type("Single", (contract_for(MemoryStore),), {"capabilities": Capabilities(users=False)})
    with pytest.raises(pytest.skip.Exception, match="does not claim users"):
        kind().test_nothing_of_one_user_is_read_by_another()


def test_the_seed_is_pytests_then_the_classs_then_the_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--hypothesis-seed` wins; in CI another commit is held to other values, and the same commit to the same."""
    contract = StoreContract()
    monkeypatch.setattr(hypothesis.core, "global_force_seed", None)
    assert seed_of(contract, {}) == FIXED_SEED
    one, two = seed_of(contract, {"GITHUB_SHA": "a"}), seed_of(contract, {"CI_COMMIT_SHA": "b"})
    assert len({one, two, FIXED_SEED}) == 3
    assert seed_of(contract, {"GITHUB_SHA": "a"}) == one
    contract.seed = 7  # type: ignore[misc]  # for this instance
    assert seed_of(contract, {"GITHUB_SHA": "a"}) == 7
    monkeypatch.setattr(hypothesis.core, "global_force_seed", 9)
    assert seed_of(contract, {}) == 9


class Fileless(MemoryStore):
    """A store that keeps no files."""

    async def save_attachment(self, attachment: Any, context: Any) -> None:
        """It has none."""
        raise NotImplementedError


def test_a_store_without_files_is_told_what_to_declare() -> None:
    """Methods for attachments that are not there are found with what to type; declared, they are left alone."""
    claims = contract_for(Fileless)
    with pytest.raises(AssertionError, match=r"NotImplementedError.*capabilities = Capabilities\(attachments=False\)"):
        claims().test_saving_an_attachment_again_replaces_it()
    silent = type("Silent", (claims,), {"capabilities": Capabilities(attachments=False)})
    with pytest.raises(pytest.skip.Exception):
        silent().test_saving_an_attachment_again_replaces_it()
