"""The sets of conversations that a run draws, by name. To name them is cheap; all that a move takes is loaded here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from . import covering
from .covering import Plan
from .move import Move
from .scene_plans import scene_plans
from .wrongly import SPOILT

PLAIN = (
    Move(kind="begin"),
    Move(kind="say", args={"with": "quote"}),
    Move(kind="rename"),
    Move(kind="read"),
    Move(kind="begin", args={"user": 1}),
    *(Move(kind="stranger", args={"what": what}) for what in ("read", "items", "rename", "delete", "rate", "cursor")),
    *(Move(kind="impostor", args={"credentials": name}) for name in ("nobody", "forged", "expired")),
    *(Move(kind="ask-wrongly", args={"how": how}) for how in ("not-json", "unknown thread: unknown-get", SPOILT[1])),
    Move(kind="begin"),
    Move(kind="delete", args={"thread": 1}),
    Move(kind="list", args={"by": 2}),
)
"""Moves that want nothing of the model but an answer."""


def _pairs(seed: int) -> list[Plan]:
    """Every ordered pair; the faults in them are the first of those that every run holds."""
    return covering.pair_plans(seed, cells=covering.fault_cells())


def _faults(seed: int) -> list[Plan]:
    """The faults that no conversation of pairs holds."""
    held = covering.cells_in(plans_of("moves", seed))
    return covering.fault_plans(cell for cell in covering.fault_cells() if cell not in held)


_DRAWN: Mapping[str, Callable[[int], list[Plan]]] = {
    "moves": _pairs,
    "model_fails": _faults,
    "long": lambda _: covering.long_plans(),
    "tasks": lambda _: covering.task_plans(),
    "scenes": lambda _: scene_plans(),
    "more_moves": covering.pair_plans,
    "model_fails_anywhere": lambda _: covering.fault_plans(covering.remaining_cells()),
    "model_floods": lambda _: covering.heavy_plans(),
    "restarts": lambda seed: [covering.restart_plan(seed)],
}


@cache
def plans_of(name: str, seed: int) -> list[Plan]:
    """The conversations of a set, drawn once; the same seed draws the same. Raises KeyError for an unknown set."""
    return _DRAWN[name](seed)
