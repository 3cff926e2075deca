"""Shapes: how the load goes over time, as a table of stages. Pure.

A stage's level is concurrent users in the closed loop, and turns started per second in the open one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

RAMP_STEPS = 6
"""Steps of a ramp, each about 1.7 times the one before: enough to see a knee in a minute."""

SPIKE = 4.0
"""A spike is this many times the level around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadStage:
    """A stretch of the run: its length in seconds, and its level."""

    seconds: float
    level: float


def steady(level: float, seconds: float) -> tuple[LoadStage, ...]:
    """The same level throughout."""
    return (LoadStage(seconds=seconds, level=level),)


def ramp(level: float, seconds: float) -> tuple[LoadStage, ...]:
    """Up to the level in steps of the same length and the same ratio, to find the knee."""
    ratio = min(3.0, max(level, 2.0) ** (1 / (RAMP_STEPS - 1)))
    levels = [level / ratio**n for n in reversed(range(RAMP_STEPS))]
    rounded = sorted({max(1.0, round(one)) for one in levels}) if level >= RAMP_STEPS else levels
    return tuple(LoadStage(seconds=seconds / len(rounded), level=one) for one in rounded)


def spike(level: float, seconds: float) -> tuple[LoadStage, ...]:
    """A quarter of the level, the level for a third of the time, and a quarter again."""
    third = seconds / 3
    return (
        LoadStage(seconds=third, level=level / SPIKE),
        LoadStage(seconds=third, level=level),
        LoadStage(seconds=third, level=level / SPIKE),
    )


SHAPES: Mapping[str, Callable[[float, float], tuple[LoadStage, ...]]] = {
    "steady": steady,
    "ramp": ramp,
    "spike": spike,
    "soak": steady,
}
"""By name. A soak is steady and long; what it shows is memory."""


def level_at(stages: tuple[LoadStage, ...], elapsed_s: float) -> float | None:
    """The level `elapsed_s` seconds after the start, or None once the stages are over."""
    begun = 0.0
    for stage in stages:
        begun += stage.seconds
        if elapsed_s < begun:
            return stage.level
    return None


def stage_index(stages: tuple[LoadStage, ...], elapsed_s: float) -> int:
    """Which stage this moment lies in; the last one after the end."""
    begun = 0.0
    for n, stage in enumerate(stages):
        begun += stage.seconds
        if elapsed_s < begun:
            return n
    return len(stages) - 1


def total_s(stages: tuple[LoadStage, ...]) -> float:
    """Seconds that the stages take together."""
    return sum(stage.seconds for stage in stages)
