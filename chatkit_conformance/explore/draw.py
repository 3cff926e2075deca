"""Draws conversations: lists of moves, each of which is possible after those before it.

A seeded generator of our own, which prefers what was drawn least: of 250 moves that Hypothesis drew, 56 made a new pair
of kinds, of 250 of these nearly all do. What it draws does not hang on what becomes of it, so the same seed draws the
same conversations.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from ..moves.covering import CANDIDATES, HEAVY, Used, drawn, rarest, values_in
from ..moves.move import Move, MoveKind
from ..moves.planning import foresee
from ..moves.state import State

FEWEST, MOST = 3, 14
"""Moves of a drawn conversation: enough for every situation that the tables of moves and places name."""

ALONE = 12
"""One conversation in so many may have moves for which all others wait, such as a restart, which takes seconds."""

STAY = 0.7
"""How often the next move is about the same user and thread: one thing leads to another there."""

LONG = 5
"""One conversation in so many may have moves that take as long as ten others."""

LASTING = ("grow",)
"""Kinds that do."""

SHORT: Mapping[tuple[str, str], tuple[object, ...]] = {("leave", "times"): (1,)}
"""Values by kind and argument with which a kind does not."""

TOO_LONG = ("wait-for-limit",)
"""Kinds that are not drawn: a minute of one conversation is a minute of all."""

Conversation = tuple[Move, ...]


def drawable(kinds: Mapping[str, MoveKind]) -> dict[str, MoveKind]:
    """The kinds that are drawn, without the faults that may stop a server for all that talk to it."""
    found = {name: kind for name, kind in kinds.items() if name not in TOO_LONG}
    fault = found["fault"]
    light = tuple(name for name in fault.args["fault"] if name not in HEAVY)
    return {**found, "fault": replace(fault, args={**fault.args, "fault": light})}


class Drawer:
    """Draws conversations, one after another.

    Args:
        kinds: of which kinds. people: how many users take part. seed: what it draws from.
    """

    def __init__(self, kinds: Mapping[str, MoveKind], *, people: int, seed: int) -> None:
        self._kinds = kinds
        self._people = people
        self._draw = random.Random(f"explore {seed}")
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._used: Used = Counter()
        self._drawn = 0

    def next(self) -> Conversation:
        """The next conversation."""
        self._drawn += 1
        alone = self._drawn % ALONE == 0
        long = self._drawn % LONG == 0
        names = [
            name for name, kind in self._kinds.items() if (alone or not kind.alone) and (long or name not in LASTING)
        ]
        state = State.of([str(n) for n in range(self._people)])
        moves: list[Move] = []
        for _ in range(self._draw.randint(FEWEST, MOST)):
            move = self._move(state, names, moves, {} if long else SHORT)
            foresee(state, self._kinds[move.kind], move)
            moves.append(move)
        return tuple(moves)

    def _move(
        self, state: State, names: list[str], before: list[Move], short: Mapping[tuple[str, str], tuple[object, ...]]
    ) -> Move:
        """A move that is possible, of the kinds that followed the last one least."""
        last = before[-1].kind if before else ""
        there = [user for user, person in enumerate(state.people) if any(not t.gone for t in person.threads)]
        if not there:
            return Move(kind="begin", args={"user": self._draw.randrange(self._people)})
        only = self._same(before) if self._draw.random() < STAY else {}
        for name in sorted(names, key=lambda name: (self._pairs[last, name], self._draw.random())):
            kind = self._kinds[name]
            fixed = {(name, key): (value,) for key, value in only.items() if value in kind.args.get(key, ())}
            near = (drawn(self._draw, state, kind, {**short, **fixed}, tries=2) for _ in range(CANDIDATES))
            move = rarest(near, self._used) or drawn(self._draw, state, kind, short, tries=6)
            if move is not None:
                self._pairs[last, name] += 1
                self._used.update(values_in(move))
                return move
        return Move(kind="begin", args={"user": 0})

    def _same(self, before: list[Move]) -> dict[str, object]:
        """The user and the thread of the last move."""
        args = before[-1].args
        return {name: args[name] for name in ("user", "thread") if name in args}
