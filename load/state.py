"""What the greenlets of one worker share: the plan, the clock, the counts, the book."""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import dataclass, field

from gevent.lock import Semaphore

from chatkit_conformance.load_analysis.plan import LoadPlan
from chatkit_conformance.load_analysis.stages import level_at, stage_index

from .row_writer import RowWriter


@dataclass(slots=True, kw_only=True)
class State:
    """One worker's state.

    Args:
        plan: what to do. book: where rows go. worker: its name. index: its place among the workers, from 0.
        begun_at: monotonic second at which the load began.
        busy: turns that were begun and have no row yet, their reloads included.
        thinking: held by whoever reads a turn that has ended, so that streams are looked after between two of them.
    """

    plan: LoadPlan
    writer: RowWriter
    worker: str
    index: int
    begun_at: float
    started: int = 0
    ended: int = 0
    busy: int = 0
    tokens: int = 0
    stopped: str = ""
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    random: random.Random = field(init=False)
    thinking: Semaphore = field(default_factory=Semaphore)

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.plan.seed} {self.plan.round} {self.index}")

    @property
    def in_flight(self) -> int:
        """Turns that have been begun and have not ended."""
        return self.started - self.ended

    @property
    def elapsed_s(self) -> float:
        """Seconds since the load began."""
        return time.monotonic() - self.begun_at

    @property
    def over(self) -> bool:
        """Whether no more turns are to be begun: the time is up, or the budget is spent."""
        return self.level is None or self.over_budget

    @property
    def level(self) -> float | None:
        """The level of now, None once the time is up."""
        return level_at(self.plan.stages, self.elapsed_s)

    @property
    def stage(self) -> int:
        """The stage of now, from 0."""
        return stage_index(self.plan.stages, self.elapsed_s)

    @property
    def over_budget(self) -> bool:
        """Whether this worker's share of the budget is spent; `stopped` then says of what."""
        plan = self.plan
        if plan.budget_turns and self.started >= plan.budget_turns // plan.workers:
            self.stopped = f"the budget of {plan.budget_turns} turns is used up"
        elif plan.budget_tokens and self.tokens >= plan.budget_tokens // plan.workers:
            self.stopped = f"the budget of {plan.budget_tokens} tokens is used up"
        return bool(self.stopped)
