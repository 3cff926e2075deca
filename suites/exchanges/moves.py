"""Generated conversations: every ordered pair of kinds of move, and every fault of the model at its moments and places.

The same seed makes the same conversations. Each is judged by the invariants (checks without `on`) alone. They are
drawn, and the moves loaded, when the first of them is held, so that naming them costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange

from .tools import fresh

if TYPE_CHECKING:
    from chatkit_conformance.moves.covering import Plan
    from chatkit_conformance.talk import Talk


SEED = 0
"""What the conversations are drawn from."""

MORE_SEEDS = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A set of conversations that are drawn together, see `chatkit_conformance.moves.plan_sets`.

    Args:
        name: begins the names of its exchanges. number: how many there are. what: what they cover, in words.
        draws: the set, where it is called otherwise. seed: what they are drawn from.
        thorough, alone, deadline_s: of each exchange.
    """

    name: str
    number: int
    what: str
    draws: str = ""
    seed: int = SEED
    thorough: bool = False
    alone: bool = False
    deadline_s: float = 60.0

    def plans(self) -> list[Plan]:
        """The conversations, drawn."""
        from chatkit_conformance.moves.plan_sets import plans_of

        return plans_of(self.draws or self.name, self.seed)


SETS = (
    Generated(name="moves", number=17, what=f"every ordered pair of kinds of move, seed {SEED}"),
    Generated(
        name="model_fails",
        number=17,
        what="every fault of the model at each of its moments, the places in turn",
    ),
    Generated(
        name="long",
        number=3,
        what="a thread that has grown, one of many tabs, and one that was left often",
    ),
    Generated(
        name="tasks",
        number=1,
        what="each tool beside other tasks, of two users",
    ),
    Generated(
        name="scenes",
        number=5,
        what="much at once, or in the wrong moment",
    ),
    *(
        Generated(
            name=f"moves_{seed}",
            number=17,
            what=f"every ordered pair of kinds of move, seed {seed}",
            draws="more_moves",
            seed=seed,
            thorough=True,
        )
        for seed in MORE_SEEDS
    ),
    Generated(
        name="model_fails_anywhere",
        number=139,
        what="every fault at every moment in every place",
        thorough=True,
    ),
    Generated(
        name="model_floods",
        number=3,
        what="faults that may cost the server seconds of its processor",
        thorough=True,
        alone=True,
        deadline_s=150.0,
    ),
    Generated(
        name="restarts",
        number=1,
        what="every kind of move before and after a restart and a kill",
        thorough=True,
        alone=True,
        deadline_s=150.0,
    ),
)


def _declare(made: Generated, n: int) -> None:
    async def hold(talk: Talk) -> None:
        from chatkit_conformance.moves.stage import Stage
        from chatkit_conformance.moves.table import WITH_SCENES

        await Stage(talk, WITH_SCENES).hold(made.plans()[n].moves)

    hold.__name__ = hold.__qualname__ = f"{made.name}_{n + 1:0{len(str(made.number))}}"
    hold.__doc__ = f"Generated conversation {n + 1} of {made.number}: {made.what}."
    exchange(deadline_s=made.deadline_s, alone=made.alone, thorough=made.thorough)(hold)


for _n in range(max(made.number for made in SETS)):  # in turn: some wait for a model that fails, the others work
    for _made in SETS:
        if _n < _made.number:
            _declare(_made, _n)


@exchange(
    deadline_s=60,
    asks=4,
    brings=(
        "persistence.thread-as-expected",
        "persistence.list-as-expected",
        "persistence.title-as-expected",
        "persistence.deleted-is-gone",
        "persistence.one-order-of-titles",
        "security.stranger-refused",
        "security.impostor-refused",
        "errors.wrong-request-refused",
    ),
)
async def plain_moves(talk: Talk) -> None:
    """Two users of almost one name; threads are renamed, read, listed, deleted, also by strangers; wrong requests."""
    from chatkit_conformance.moves.plan_sets import PLAIN
    from chatkit_conformance.moves.stage import Stage
    from chatkit_conformance.moves.table import WITH_SCENES

    stage = Stage(talk, WITH_SCENES, alike=True)
    await stage.hold(PLAIN)
    last = stage.state.people[-1]  # no stranger tried to take anything from their thread
    if thread := next((t.id for t in last.threads if t.id and not t.gone), ""):
        await _titles_at_once(talk, thread, last.user)


async def _titles_at_once(talk: Talk, thread: str, user: str) -> None:
    """One tab renames a thread, one time after the other, while others read it."""

    async def rename() -> None:
        for n in range(TITLES):
            params = {"thread_id": thread, "title": f"Called {n}, {fresh('once')}"}
            await talk.ask("threads.update", params, label=f"called-{n}", user=user)

    async def read(tab: int) -> None:
        for n in range(TITLES):
            await talk.ask("threads.get_by_id", {"thread_id": thread}, label=f"seen-{tab}-{n}", user=user)

    from asyncio import gather

    await gather(rename(), read(1), read(2))


TITLES = 4
"""Titles that a thread is given while it is read."""
