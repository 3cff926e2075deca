"""A time axis that shortens idle stretches and says where it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

IDLE_S = 0.75
"""A gap shorter than this is never shortened: a person reads it off the picture as it is."""

IDLE_SHARE = 0.25
"""A gap is shortened when it would take more than this share of what is drawn; else it is drawn to scale."""

STEPS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
"""Distances between two marks of the scale, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """An idle stretch that is drawn shorter than it was: from `start` to `end`, at `left` to `right` on the picture."""

    start: float
    end: float
    left: float
    right: float

    @property
    def seconds(self) -> float:
        """How long it really was."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Where each time lies between `left` and `right`. `knots` are (time, place) pairs, straight lines between."""

    knots: tuple[tuple[float, float], ...]
    breaks: tuple[Break, ...]

    def x(self, at: float) -> float:
        """The place of a time; one outside the axis lies at its end."""
        first, last = self.knots[0], self.knots[-1]
        if at <= first[0]:
            return first[1]
        for (t0, x0), (t1, x1) in pairwise(self.knots):
            if at <= t1:
                return x0 + (x1 - x0) * ((at - t0) / (t1 - t0) if t1 > t0 else 0.0)
        return last[1]

    def marks(self, apart: float) -> list[tuple[float, float]]:
        """(seconds since the start, place) of the scale's marks, at least `apart` from each other, none in a break."""
        start = self.knots[0][0]
        found: list[tuple[float, float]] = []
        scale = self._seconds_per_unit()
        step = next((s for s in STEPS if s / scale >= apart), STEPS[-1]) if scale > 0 else STEPS[-1]
        count = int((self.knots[-1][0] - start) / step) + 1
        for n in range(min(count, 2000)):
            at = start + n * step
            place = self.x(at)
            idle = any(b.start < at < b.end for b in self.breaks)
            if not idle and (not found or place - found[-1][1] >= apart):
                found.append((n * step, place))
        return found

    def _seconds_per_unit(self) -> float:
        drawn = self.knots[-1][1] - self.knots[0][1] - sum(b.right - b.left for b in self.breaks)
        real = self.knots[-1][0] - self.knots[0][0] - sum(b.seconds for b in self.breaks)
        return real / drawn if drawn > 0 else 0.0


def axis_of(times: Sequence[float], left: float, right: float, *, most: int = 5) -> Axis:
    """The axis that holds these times (in order) between two places; at most `most` idle stretches are shortened."""
    start, end = times[0], max(times[-1], times[0] + 0.001)
    gaps = [(b - a, a, b) for a, b in pairwise([*times, end]) if b > a]
    idle = _idle(gaps, most)
    narrow = 64.0 if idle else 0.0
    real = sum(gap for gap, a, b in gaps if (a, b) not in idle)
    room = right - left - narrow * len(idle)
    knots, breaks, place, at = [(start, left)], [], left, start
    for a, b in sorted(idle):
        place += room * (a - at) / real if real else 0.0
        knots += [(a, place), (b, place + narrow)]
        breaks.append(Break(start=a, end=b, left=place, right=place + narrow))
        place, at = place + narrow, b
    knots.append((end, right))
    return Axis(knots=tuple(knots), breaks=tuple(breaks))


def _idle(gaps: list[tuple[float, float, float]], most: int) -> set[tuple[float, float]]:
    """The gaps to shorten: the longest ones, while they take too large a share of what is left to scale."""
    idle: set[tuple[float, float]] = set()
    drawn = sum(gap for gap, _, _ in gaps)
    for gap, a, b in sorted(gaps, reverse=True)[:most]:
        if gap < IDLE_S or gap < IDLE_SHARE * drawn or len(gaps) - len(idle) <= 1:
            break
        idle.add((a, b))
        drawn -= gap
    return idle
