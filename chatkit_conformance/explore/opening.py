"""The first conversations of an exploration: together they bring about every move, pair of moves and fault once.

They are the sets that a run holds too, drawn from the exploration's own seed: what no rule of chance may leave out in a
minute comes first, and what nobody thought of comes after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, zip_longest

from ..moves import covering
from ..moves.move import Move, MoveKind
from ..moves.planning import foresee, impossible
from ..moves.scene_plans import scene_plans
from ..moves.state import State


def opening(kinds: Mapping[str, MoveKind], *, people: int, seed: int) -> list[tuple[Move, ...]]:
    """The conversations, of these kinds alone: first those that take long, then pairs of moves and faults in turn."""
    pairs = covering.pair_plans(seed)
    held = covering.cells_in(pairs)
    faults = covering.fault_plans(cell for cell in covering.fault_cells(shift=seed) if cell not in held)
    first = (*covering.long_plans(), *scene_plans(), *covering.task_plans())
    plans = chain(first, (plan for both in zip_longest(faults, pairs) for plan in both if plan is not None))
    return [moves for plan in plans if (moves := tuple(_possible(plan.moves, kinds, people)))]


def _possible(moves: Sequence[Move], kinds: Mapping[str, MoveKind], people: int) -> Iterator[Move]:
    """The moves that this server, and so many users, have what they need for."""
    state = State.of([str(n) for n in range(people)])
    for move in moves:
        kind = kinds.get(move.kind)
        if kind is None or any(value not in kind.args[name] for name, value in move.args.items()):
            continue
        if not impossible(state, kind, move):
            foresee(state, kind, move)
            yield move
