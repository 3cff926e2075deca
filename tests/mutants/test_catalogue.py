"""The table of mutants is whole: every row is sane, and every MUST check has a row."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from chatkit_conformance.judging import catalogue as suites
from mutants.catalogue import MUTANTS, TABLES, Unknown, mutant
from mutants.living import WHY
from mutants.mutant import Mutant, Wire
from mutants.unproven import WITHOUT
from mutants.verdict import SENTINELS

ROOT = Path(__file__).parents[2]
LEVELS = {c.id: c.level for c in suites.checks()}
MUST = [id for id, level in LEVELS.items() if level == "MUST"]
WHOLE = ("stream", "tools", "errors", "gemini")
"""Areas in which every MUST check has its mutant. The others grow; `python -m mutants.matrix` lists what they lack."""
LIES = [m for m in MUTANTS.values() if not m.near_miss]
ODD = [m for m in MUTANTS.values() if m.near_miss]


def test_no_two_mutants_share_a_name() -> None:
    """A row never hides another of the same name."""
    assert sum(map(len, TABLES.values())) == len(MUTANTS)


@pytest.mark.parametrize("one", MUTANTS.values(), ids=lambda m: m.name)
def test_a_row_is_sane(one: Mutant) -> None:
    """A name is of words, a lie is one sentence of some kind, only a near miss is called odd, something is changed.

    And there is one way in which it is told: by what is named, by a refusal, not yet, or it is a near miss.
    """
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.name)
    assert re.fullmatch(r"[A-Z].*\.", one.lie)
    assert one.near_miss or not one.name.startswith("odd-")
    assert [bool(x) for x in (one.named, one.refused, one.survives, one.near_miss)].count(True) == 1
    assert one.kind
    assert one.change != Wire() or one.env


@pytest.mark.parametrize("one", LIES, ids=lambda m: m.name)
def test_what_is_named_is_a_check(one: Mutant) -> None:
    """Every check that a mutant names exists."""
    assert set(one.named) <= set(LEVELS)


@pytest.mark.parametrize("one", LIES, ids=lambda m: m.name)
def test_what_is_held_beside_is_an_exchange(one: Mutant) -> None:
    """Every exchange that a mutant wants held beside what is named exists in a usual run."""
    assert set(one.beside) <= set(suites.exchanges())


def test_sentinels_are_checks() -> None:
    """Every sentinel exists."""
    assert set(SENTINELS) <= set(LEVELS)


@pytest.mark.parametrize("id", [id for id in MUST if id.split(".")[0] in WHOLE])
def test_every_must_check_has_its_mutant(id: str) -> None:
    """A MUST check is named by a mutant, or stands on the list of those that have none, with the reason."""
    assert any(id in m.named for m in LIES) != (id in WITHOUT), (
        f"{id}: add a row to a mutants/table_*.py whose `named` has it, or a reason to mutants/unproven.py"
    )


def test_the_list_of_checks_without_a_mutant_is_not_stale() -> None:
    """What is on that list is a MUST check, and its reason is a sentence."""
    assert set(WITHOUT) <= set(MUST)
    assert all(len(why.split()) > 3 for why in WITHOUT.values())


def test_what_lives_for_good_is_named_by_no_check() -> None:
    """A reason stands only beside a lie that is there, and that no check is named for."""
    assert all(MUTANTS[name].survives == why for name, why in WHY.items())


def test_there_are_mutants_on_every_side_and_enough_near_misses() -> None:
    """Lies sit on the wire, at the model and inside, and there are at least six near misses."""
    assert {m.side for m in LIES} == {"wire", "upstream", "inside"}
    assert len(ODD) >= 6


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    """A typing error is told with what was meant."""
    with pytest.raises(Unknown, match="ids-fake"):
        mutant("id-fake")


def test_the_command_lists_them_all() -> None:
    """`python -m mutants --list` has a line for each."""
    done = subprocess.run(
        [sys.executable, "-m", "mutants", "--list"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert [line.split()[1] for line in done.stdout.splitlines()] == list(MUTANTS)


def test_the_command_refuses_an_unknown_name() -> None:
    """`python -m mutants nonsense` ends with 2 and says what there is."""
    done = subprocess.run(
        [sys.executable, "-m", "mutants", "ids-fak"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "ids-fake" in done.stderr
