"""Generated conversations: every ordered pair of kinds of move, and every fault of the model at its moments and places.

The same seed makes the same conversations. Each is judged by the invariants (checks without `on`) alone. They are drawn
when the first of them is held, so that naming them costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves import covering
from chatkit_conformance.moves.covering import Plan
from chatkit_conformance.moves.stage import Stage
from chatkit_conformance.moves.table import KINDS

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

SEED = 0
"""What the conversations are drawn from."""

MORE_SEEDS = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A set of conversations that are drawn together.

    Args:
        name: begins the names of its exchanges. number: how many there are. what: what they cover, in words.
        plans: draws them. thorough, alone, deadline_s: of each exchange.
    """

    name: str
    number: int
    what: str
    plans: Callable[[], list[Plan]]
    thorough: bool = False
    alone: bool = False
    deadline_s: float = 60.0


def _pairs(seed: int, number: int, **more: bool) -> Generated:
    name = "moves" if seed == SEED else f"moves_{seed}"
    what = f"every ordered pair of kinds of move, seed {seed}"
    return Generated(name=name, number=number, what=what, plans=cache(lambda: covering.pair_plans(seed)), **more)


SETS = (
    _pairs(SEED, 17),
    Generated(
        name="model_fails",
        number=27,
        what="every fault of the model at each of its moments, the places in turn",
        plans=cache(lambda: covering.fault_plans(covering.fault_cells())),
    ),
    Generated(
        name="long",
        number=2,
        what="a thread that has grown, and one that was left often",
        plans=cache(covering.long_plans),
    ),
    *(_pairs(seed, 17, thorough=True) for seed in MORE_SEEDS),
    Generated(
        name="model_fails_anywhere",
        number=209,
        what="every fault at every moment in every place",
        plans=cache(lambda: covering.fault_plans(covering.remaining_cells())),
        thorough=True,
    ),
    Generated(
        name="model_floods",
        number=3,
        what="faults that may cost the server seconds of its processor",
        plans=cache(covering.heavy_plans),
        thorough=True,
        alone=True,
        deadline_s=150.0,
    ),
    Generated(
        name="restarts",
        number=1,
        what="every kind of move before and after a restart and a kill",
        plans=cache(lambda: [covering.restart_plan(SEED)]),
        thorough=True,
        alone=True,
        deadline_s=150.0,
    ),
)


def _declare(made: Generated, n: int) -> None:
    async def hold(talk: Talk) -> None:
        await Stage(talk, KINDS).hold(made.plans()[n].moves)

    hold.__name__ = hold.__qualname__ = f"{made.name}_{n + 1:0{len(str(made.number))}}"
    hold.__doc__ = f"Generated conversation {n + 1} of {made.number}: {made.what}."
    exchange(deadline_s=made.deadline_s, alone=made.alone, thorough=made.thorough)(hold)


for _made in SETS:
    for _n in range(_made.number):
        _declare(_made, _n)
