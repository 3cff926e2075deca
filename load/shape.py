"""The shape: how many users Locust keeps, from the plan's stages; it ends when the last turn has ended."""

from __future__ import annotations

from typing import Any

from locust import LoadTestShape

from chatkit_conformance.load_analysis.plan import LoadPlan
from chatkit_conformance.load_analysis.stages import level_at

SETTLE_S = 5.0
"""Seconds after the turns' deadline for the reloads that follow them."""


def shape(plan: LoadPlan) -> type[LoadTestShape]:
    """The shape class of a plan."""

    class Shape(LoadTestShape):
        """People or dispatchers over time."""

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]  # locust's
            self._last = 1

        def tick(self) -> tuple[int, float] | None:
            """Users and spawn rate of now; None when it is over and nothing is in flight."""
            elapsed: float = self.get_run_time()  # type: ignore[no-untyped-call]  # locust's
            level = level_at(plan.stages, elapsed)
            environment: Any = self.runner.environment if self.runner else None
            tally = environment.chatkit_tally
            if level is None or tally.over:
                late = elapsed > plan.seconds + plan.turn_deadline_s + SETTLE_S
                return None if late or tally.quiet else (self._last, plan.spawn_rate)
            self._last = plan.workers if plan.loop == "open" else max(1, round(level))
            return self._last, plan.spawn_rate

    return Shape
