"""Drawn conversations can be held, differ, and are the same for the same seed."""

from __future__ import annotations

from chatkit_conformance.explore.draw import FEWEST, MOST, Conversation, Drawer, drawable
from chatkit_conformance.explore.opening import opening
from chatkit_conformance.moves.covering import HEAVY, fault_cells, paired_kinds, pairs_of
from chatkit_conformance.moves.faulty import cell_of
from chatkit_conformance.moves.planning import foresee, impossible
from chatkit_conformance.moves.state import State
from chatkit_conformance.moves.table import KINDS

USABLE = drawable(KINDS)


def drawn(number: int, *, seed: int = 1, people: int = 3) -> list[Conversation]:
    """So many conversations."""
    drawer = Drawer(USABLE, people=people, seed=seed)
    return [drawer.next() for _ in range(number)]


def test_the_same_seed_draws_the_same() -> None:
    """A seed is enough to draw a run again."""
    assert drawn(20) == drawn(20)
    assert drawn(20) != drawn(20, seed=2)


def test_every_move_is_possible_when_it_comes() -> None:
    """Nothing is drawn that the conversation cannot hold."""
    for moves in drawn(100, people=2):
        state = State.of(["0", "1"])
        assert moves
        for move in moves:
            assert impossible(state, USABLE[move.kind], move) == ""
            foresee(state, USABLE[move.kind], move)


def planned(seed: int) -> list[Conversation]:
    """The conversations of the opening that are not left to chance."""
    return [moves for moves in opening(USABLE, people=3, seed=seed) if moves is not None]


def test_everything_comes_once_before_anything_is_left_to_chance() -> None:
    """The first conversations bring about every ordered pair of kinds, and every fault at its moments."""
    first = planned(5)
    assert [moves for moves in drawn(150, seed=5) if moves in first] == first
    kinds = paired_kinds()
    assert {pair for moves in first for pair in pairs_of(moves)} >= {(a, b) for a in kinds for b in kinds}
    held = {(cell.fault, cell.moment) for moves in first for move in moves if (cell := cell_of(move)) is not None}
    assert held >= {(cell.fault, cell.moment) for cell in fault_cells(shift=5)}


def test_each_seed_begins_with_other_conversations() -> None:
    """A second seed holds the pairs with other moves between them, and the faults in other places."""
    one, other = planned(5), planned(6)
    assert sum(moves in other for moves in one) < len(one) / 3


def test_what_is_left_to_chance_is_short() -> None:
    """A conversation that is drawn freely has as many moves as a person reads."""
    first = planned(1)
    free = [moves for moves in drawn(150) if moves not in first]
    assert len(free) > 20
    assert all(FEWEST <= len(moves) <= MOST for moves in free)


def test_what_was_drawn_least_comes_next() -> None:
    """A hundred and fifty conversations make most of the ordered pairs that there are."""
    there = {pair for moves in drawn(150) for pair in pairs_of(moves)}
    names = [name for name, kind in USABLE.items() if not kind.alone]
    assert len(there) > 0.9 * len(names) ** 2


def test_moves_for_which_all_others_wait_are_rare() -> None:
    """A restart takes seconds: few conversations have one. A limit of a minute, and floods, are not drawn at all."""
    conversations = drawn(120)
    alone = [moves for moves in conversations if any(USABLE[move.kind].alone for move in moves)]
    assert 0 < len(alone) <= 10
    assert "wait-for-limit" not in USABLE
    assert not set(HEAVY) & {move.args.get("fault") for moves in conversations for move in moves}


def test_one_user_is_enough() -> None:
    """With one user nobody is a stranger, and conversations are drawn all the same."""
    kinds = {move.kind for moves in drawn(60, people=1) for move in moves}
    assert "stranger" not in kinds
    assert "together" not in kinds
    assert len(kinds) > 15
