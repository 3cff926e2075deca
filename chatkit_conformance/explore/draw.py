"""Draws conversations: lists of moves, each of which is possible after those before it.

First come those of the opening, which bring about everything once. Then a seeded generator of our own prefers what was
drawn least: of 250 moves that Hypothesis drew, 56 made a new pair of kinds, of 250 of these nearly all do. Each of its
conversations is made of few kinds, so that one meets another more than once (Groce et al., Swarm testing, 2012), half
of them those of which most was never drawn. What it draws does not hang on what becomes of it, so the same seed draws
the same conversations.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..moves.covering import CANDIDATES, HEAVY, WHERE, Used, drawn, rarest, values_in
from ..moves.move import Move, MoveKind
from ..moves.planning import foresee
from ..moves.state import State
from .opening import opening

FEWEST, MOST = 3, 14
"""Moves of a drawn conversation: enough for every situation that the tables of moves and places name."""

SWARM = 12
"""Kinds of which a conversation is made, beside those that make what others want."""

ALWAYS = ("begin", "say", "use-tool")
"""Kinds that make what others want: they are in every conversation."""

ALONE, FIRST_ALONE = 40, 6
"""One conversation in so many, that one first, may have moves for which all others wait, such as a restart: until they
have come to their ends twenty seconds go by, in which nothing else is begun."""

STAY = 0.7
"""How often the next move is about the same user and thread: one thing leads to another there."""

LONG = 5
"""One conversation in so many may have moves that take as long as ten others."""

LASTING = ("grow", "many-tasks")
"""Kinds that do."""

SHORT: Mapping[tuple[str, str], tuple[object, ...]] = {("leave", "times"): (1,)}
"""Values by kind and argument with which a kind does not."""

BEFORE_ALONE = 3
"""Moves before one for which all others wait: it is to meet something that is there."""

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
        self._times: Counter[str] = Counter()
        self._values = {
            name: [(name, key, repr(value)) for key, all in kind.args.items() if key not in WHERE for value in all]
            for name, kind in kinds.items()
        }
        self._drawn = 0
        self._opening = opening(kinds, people=people, seed=seed)

    def next(self) -> Conversation:
        """The next conversation."""
        if (opened := next(self._opening, None)) is not None:
            for n, move in enumerate(opened):
                self._count(opened[n - 1] if n else None, move)
            return opened
        self._drawn += 1
        alone = self._drawn % ALONE == FIRST_ALONE
        long = self._drawn % LONG == 0
        names = self._swarm(alone=alone, long=long)
        state = State.of([str(n) for n in range(self._people)])
        moves: list[Move] = []
        for _ in range(self._draw.randint(MOST // 2 if alone else FEWEST, MOST)):
            early = len(moves) < BEFORE_ALONE
            possible = [name for name in names if not (early and self._kinds[name].alone)]
            move = self._move(state, possible, moves, {} if long else SHORT)
            foresee(state, self._kinds[move.kind], move)
            moves.append(move)
        return tuple(moves)

    def _swarm(self, *, alone: bool, long: bool) -> list[str]:
        """The kinds of a conversation: those of which most values were never drawn, as many others, and ALWAYS."""
        light = [name for name, kind in self._kinds.items() if not kind.alone and (long or name not in LASTING)]
        new = sorted(light, key=lambda name: (-self._share_new(name), self._draw.random()))[: SWARM // 2]
        others = [name for name in light if name not in new and name not in ALWAYS]
        chosen = {*new, *self._draw.sample(others, min(SWARM // 2, len(others)))}
        waited_for = [name for name, kind in self._kinds.items() if kind.alone and alone]
        heavy = [name for name in LASTING if long and name in self._kinds][:1]
        return [name for name in self._kinds if name in {*chosen, *waited_for, *heavy, *ALWAYS}]

    def _share_new(self, name: str) -> float:
        """The share of a kind's values that were never drawn, 1 where the kind itself was not."""
        values = self._values[name]
        new = sum(not self._used[value] for value in values)
        return new / len(values) if values else float(not self._times[name])

    def _move(
        self,
        state: State,
        names: Sequence[str],
        before: list[Move],
        short: Mapping[tuple[str, str], tuple[object, ...]],
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
                self._count(before[-1] if before else None, move)
                return move
        return Move(kind="begin", args={"user": 0})

    def _count(self, last: Move | None, move: Move) -> None:
        """Count a move, which came after another or began a conversation, as drawn."""
        self._pairs[last.kind if last else "", move.kind] += 1
        self._times[move.kind] += 1
        self._used.update(values_in(move))

    def _same(self, before: list[Move]) -> dict[str, object]:
        """The user and the thread of the last move."""
        args = before[-1].args
        return {name: args[name] for name in ("user", "thread") if name in args}
