"""The generated conversations cover what they say, can all be held, and are the same for the same seed."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from chatkit_conformance.judging.catalogue import load_suites
from chatkit_conformance.moves.covering import (
    HEAVY,
    PEOPLE,
    QUICK,
    Plan,
    cells_in,
    fault_cells,
    fault_plans,
    pair_plans,
    paired_kinds,
    pairs_of,
    values_in,
)
from chatkit_conformance.moves.faults import FAULTS
from chatkit_conformance.moves.places import PLACES, cells
from chatkit_conformance.moves.planning import foresee, impossible
from chatkit_conformance.moves.state import State
from chatkit_conformance.moves.table import KINDS, WITH_SCENES

load_suites()
SETS = sys.modules["chatkit_conformance.suites.exchanges.moves"].SETS
PAIRS = pair_plans(0, cells=fault_cells())
FAULTY = fault_plans(cell for cell in fault_cells() if cell not in cells_in(PAIRS))


def _held_whole(plan: Plan) -> bool:
    """Whether every move of a plan is possible after those before it."""
    state = State.of([str(n) for n in range(PEOPLE)])
    for move in plan.moves:
        if impossible(state, WITH_SCENES[move.kind], move):
            return False
        foresee(state, WITH_SCENES[move.kind], move)
    return True


def test_every_ordered_pair_of_kinds_is_there() -> None:
    """For any two kinds of move, one comes right after the other somewhere, in both orders."""
    there = {pair for plan in PAIRS for pair in pairs_of(plan.moves)}
    names = paired_kinds()
    assert len(names) == 20
    assert [(a, b) for a in names for b in names if (a, b) not in there] == []


def test_every_value_of_every_argument_is_there() -> None:
    """Each manner, role and event of each kind is met somewhere, but for those that take time of their own."""
    there = {value for plan in (*PAIRS, *FAULTY) for move in plan.moves for value in values_in(move)}
    missing = [
        (kind.name, name, value)
        for kind in (KINDS[name] for name in paired_kinds())
        for name, values in kind.args.items()
        for value in QUICK.get((kind.name, name), values)
        if name not in ("user", "thread", "times") and (kind.name, name, repr(value)) not in there
    ]
    assert missing == []


def test_every_fault_is_there_at_every_moment() -> None:
    """Each fault is met at each of its moments; answers of a wrong shape once for each shape, at all moments."""
    there = {(cell.fault, cell.moment) for cell in cells_in((*PAIRS, *FAULTY))}
    light = [fault for fault in FAULTS.values() if fault.name not in HEAVY]
    assert [f.name for f in light if not any(name == f.name for name, _ in there)] == []
    missing = [(f.name, m) for f in light if f.kind != "malformed" for m in f.moments if (f.name, m) not in there]
    assert missing == []
    shapes = {m for name, m in there if FAULTS[name].kind == "malformed"}
    assert shapes >= {"before-first-token", "mid-text", "mid-call", "after-tool", "second-round"}


def test_every_moment_meets_every_place() -> None:
    """All moments are met in all places in which they can be, with one fault or another."""
    there = {(cell.moment, cell.place) for cell in cells_in((*PAIRS, *FAULTY))}
    possible = {(cell.moment, cell.place) for cell in cells() if cell.place != "title"}
    assert possible - there == set()
    assert {cell.place for cell in cells_in((*PAIRS, *FAULTY))} == set(PLACES)


def test_the_full_product_has_no_cell_that_cannot_be() -> None:
    """The product leaves out moments that a fault has not, and tools in a request for a title."""
    whole = cells()
    assert len(whole) > 1500
    assert all(cell.moment in FAULTS[cell.fault].moments for cell in whole)
    assert not [c for c in whole if c.place == "title" and c.moment in ("mid-call", "after-tool", "second-round")]


def test_every_move_is_possible_after_those_before_it() -> None:
    """No conversation has a move that the ones before it rule out."""
    assert [plan.story for plan in (*PAIRS, *FAULTY) if not _held_whole(plan)] == []


def test_the_same_seed_makes_the_same_conversations() -> None:
    """Same seed, same conversations; another seed, others."""
    assert pair_plans(0, cells=fault_cells()) == PAIRS
    assert pair_plans(1, cells=fault_cells()) != PAIRS


def test_conversations_are_short_enough_to_read() -> None:
    """A conversation has 28 moves at most, and slow faults are dealt out among the conversations."""
    assert max(len(plan.moves) for plan in PAIRS) <= 28
    stalls = [sum(move.args.get("fault") == "stall" for move in plan.moves) for plan in FAULTY]
    assert max(stalls) == 1


@pytest.mark.parametrize("made", SETS, ids=lambda made: made.name)
def test_a_set_has_as_many_conversations_as_it_names(made: Any) -> None:
    """The names are given before anything is drawn, so their number stands in the suite; it is the right one."""
    assert len(made.plans()) == made.number
    assert all(_held_whole(plan) for plan in made.plans())
