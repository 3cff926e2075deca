"""The first conversations of an exploration: together they bring about every move, pair of moves and fault once.

They are the sets that a run holds too, drawn from the exploration's own seed and cut into shorter conversations: what
chance may not leave out comes first, and between them what nobody thought of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from ..moves import covering
from ..moves.impostors import IMPOSTOR
from ..moves.move import Move, MoveKind
from ..moves.planning import foresee, impossible
from ..moves.scene_plans import scene_plans
from ..moves.state import State
from ..moves.wrongly import WRONGLY

LENGTH = 14
"""Moves of a conversation of pairs: what breaks in it is known sooner, and is shorter, than in one of a run."""

CELLS = 5
"""Faults of one conversation."""

VALUES = 8
"""Requests of one conversation that a server must refuse."""


def opening(kinds: Mapping[str, MoveKind], *, people: int, seed: int) -> Iterator[tuple[Move, ...] | None]:
    """The conversations, of these kinds alone; None where one of the drawer's own is to come."""
    for moves in _planned(seed):
        if moves is None or (moves := tuple(_possible(moves, kinds, people))):
            yield moves


def _planned(seed: int) -> Iterator[tuple[Move, ...] | None]:
    """First those that take long, then requests that are refused, then faults, pairs of moves, and others in turn."""
    for plan in (*covering.long_plans(), *scene_plans(), *covering.task_plans()):
        yield plan.moves
    yield from _refused()
    pairs = covering.pair_plans(seed, length=LENGTH)
    held = covering.cells_in(pairs)
    cells = (cell for cell in covering.fault_cells(shift=seed) if cell not in held)
    for fault, pair in zip_longest(covering.fault_plans(cells, size=CELLS), pairs):
        yield from (plan.moves for plan in (fault, pair) if plan is not None)
        yield None


def _refused() -> Iterator[tuple[Move, ...]]:
    """Every credential that signs nobody in, and every wrong request, in a thread that has an answer."""
    for kind in (IMPOSTOR, WRONGLY):
        name = next(name for name in kind.args if name not in covering.WHERE)
        moves = [Move(kind=kind.name, args={name: value}) for value in kind.args[name]]
        for at in range(0, len(moves), VALUES):
            yield (Move(kind="begin"), *moves[at : at + VALUES], Move(kind="say"))


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
