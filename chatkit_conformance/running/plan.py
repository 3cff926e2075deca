"""The plan of a run: which exchanges are held, in which dialects, within what time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..check import WHOLE_RUN, Check
from ..exchange import Exchange
from .asking import Asking

SIDE_BY_SIDE = 16
"""Exchanges held at once: enough that waiting overlaps, few enough that a small server is not measured as slow."""

ASKED_SIDE_BY_SIDE = 3
"""Exchanges held at once where a model is asked in words: its messages are sent at a stated rate, one by one."""

RUN_S = 300.0
"""Seconds for a whole run, where nobody says otherwise and the server is not slow."""

UNKNOWN = ""
"""The dialect of a model that is as it is."""

Key = tuple[str, str]
"""An exchange's name, and the dialect it is held in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What to hold.

    Args:
        exchanges: the exchanges, and for each the dialects.
        deadline_s: seconds for the whole run; None: RUN_S, stretched where the server is slow. seed: makes the nonces.
        whole: whether the whole run's transcript is asked for.
        side_by_side: conversations held at once; None: SIDE_BY_SIDE, fewer where they hold each other up.
        patience: what all other deadlines are multiplied with.
        asking: what may be asked of a model that plays no script, and what is left out; None: nothing is asked of it.
    """

    exchanges: tuple[tuple[Exchange, tuple[str, ...]], ...]
    deadline_s: float | None = None
    seed: int = 0
    whole: bool = True
    side_by_side: int | None = None
    patience: float = 1.0
    asking: Asking | None = None

    @property
    def thorough(self) -> bool:
        """Whether it holds what only a thorough run does."""
        return any(exchange.thorough for exchange, _ in self.exchanges)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every transcript that will be made."""
        held = tuple((exchange.name, dialect) for exchange, dialects in self.exchanges for dialect in dialects)
        return (*held, (WHOLE_RUN, "")) if self.whole else held

    def covers(self, check: Check, known: Mapping[str, Exchange]) -> bool:
        """Whether it holds all that there is of what a check is judged on: every exchange, in every dialect of it.

        A check of the whole run, and an invariant, is judged on every exchange. `known`: all of them.
        """
        held = {exchange.name: set(dialects) for exchange, dialects in self.exchanges}
        every = check.everywhere or WHOLE_RUN in check.on
        wanted = [e for e in known.values() if every or check.judges(e.name)]
        return all(set(exchange.dialects) <= held.get(exchange.name, set()) for exchange in wanted)


def plan_for(
    exchanges: Mapping[str, Exchange],
    names: Iterable[str],
    *,
    dialect: str = "",
    undirected: bool = False,
    **more: object,
) -> RunPlan:
    """The plan that holds the named exchanges, the longest first: nobody then waits for a single one at the end.

    Args:
        dialect: one dialect for all, "all" for both families in all, "" for each exchange's own.
        undirected: whether the model speaks in whatever dialect it has: each exchange is held once, in "".
    """
    wanted = set(names)
    both = ("gemini-3", "gemini-2.5")

    def dialects(exchange: Exchange) -> tuple[str, ...]:
        """Those that it is held in."""
        if undirected:
            return (UNKNOWN,)
        several = {"": exchange.dialects, "all": tuple(dict.fromkeys((*both, *exchange.dialects)))}
        asked = several.get(dialect, (dialect,))
        return asked[:1] if exchange.once else asked

    chosen = tuple(
        (exchange, dialects(exchange))
        for name, exchange in sorted(exchanges.items(), key=lambda item: -item[1].deadline_s)
        if name in wanted
    )
    return replace(RunPlan(exchanges=chosen, whole=WHOLE_RUN in wanted), **more)  # type: ignore[arg-type]  # Plan's fields


def companies(pairs: Iterable[tuple[Exchange, str]]) -> list[list[tuple[Exchange, str]]]:
    """Those that want to be alone, each by itself, but for those of one dialect that share a restart."""
    made: dict[object, list[tuple[Exchange, str]]] = {}
    for n, (exchange, dialect) in enumerate(pairs):
        made.setdefault((exchange.restart, dialect) if exchange.restart else n, []).append((exchange, dialect))
    return list(made.values())


def with_first(exchanges: Mapping[str, Exchange], checks: Iterable[Check]) -> dict[str, Exchange]:
    """The exchanges, those first that these checks are judged on. An invariant puts none before another."""
    wanted = {name for check in checks for name in check.on}
    return {name: exchanges[name] for name in sorted(exchanges, key=lambda name: name not in wanted)}
