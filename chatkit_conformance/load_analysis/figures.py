"""Figures from raw times: quantiles with failures as infinity, shares with their intervals. Pure.

Quantiles are nearest-rank, so each is a time that was measured. Bounds of a share are exact (Clopper and Pearson),
one-sided at 95 %: 59 turns without a miss are the fewest that show a 95th percentile.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import bdtrik, betaincinv

CONFIDENCE = 0.95

MOST_TURNS = 1_000_000
"""Attempts that nobody makes to settle one figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Times of one measure in seconds, sorted, and how many attempts never got there."""

    values: tuple[float, ...] = ()
    failed: int = 0

    @property
    def n(self) -> int:
        """Attempts."""
        return len(self.values) + self.failed

    def quantile(self, share: float) -> float:
        """Over all attempts; infinite where the rank falls on a failed one, NaN without attempts."""
        return ranked(self.values, share, self.n)

    def quantile_of_successes(self, share: float) -> float:
        """Over those that got there."""
        return ranked(self.values, share, len(self.values))

    def within(self, limit: float) -> int:
        """How many attempts were within the limit."""
        return sum(1 for value in self.values if value <= limit)

    def interval(self, share: float) -> tuple[float, float]:
        """Between which values the true quantile lies with 90 % (95 % on each side), by order statistics."""
        n = self.n
        if not n:
            return math.nan, math.nan
        # The rank of the true quantile among n attempts is binomial: exact, whatever the times are spread like.
        below, above = float(bdtrik(1 - CONFIDENCE, n, share)), float(bdtrik(CONFIDENCE, n, share))
        low, high = 1 if math.isnan(below) else math.floor(below) + 1, math.ceil(above) + 1
        return self._at(low), self._at(high) if high <= n else math.inf

    def _at(self, rank: int) -> float:
        return self.values[rank - 1] if rank <= len(self.values) else math.inf


def sample(times: Sequence[float | None]) -> Sample:
    """A sample from attempts; None is one that never got there."""
    values = sorted(time for time in times if time is not None)
    return Sample(values=tuple(values), failed=len(times) - len(values))


def ranked(values: Sequence[float], share: float, n: int) -> float:
    """The nearest-rank quantile of `n` attempts of which `values`, sorted, succeeded."""
    if not n:
        return math.nan
    rank = max(1, math.ceil(share * n - 1e-9))
    return values[rank - 1] if rank <= len(values) else math.inf


def lower_bound(hits: int, n: int) -> float:
    """The share that the truth is at least, with 95 % confidence."""
    if not n or not hits:
        return 0.0
    return float(betaincinv(hits, n - hits + 1, 1 - CONFIDENCE))


def upper_bound(hits: int, n: int) -> float:
    """The share that the truth is at most, with 95 % confidence."""
    return 1.0 - lower_bound(n - hits, n) if n else 1.0


def fewest(quantile: float) -> int:
    """The fewest attempts, all within the limit, that show this quantile with 95 % confidence: 59 for 0.95."""
    return math.ceil(math.log(1 - CONFIDENCE) / math.log(quantile) - 1e-9)


def enough(misses: int, n: int, quantile: float) -> int | None:
    """About how many attempts would decide it, were the share of misses to stay; None where it is all but the limit.

    Without a miss that is `fewest`; else the first number, in steps of a tenth, at which the share's interval no
    longer holds the quantile.
    """
    if not misses:
        return fewest(quantile)
    share = 1 - misses / n

    def decided(count: int) -> bool:
        hits = round(share * count)
        return lower_bound(hits, count) >= quantile or upper_bound(hits, count) < quantile

    counts = [n + max(1, n // 10)]
    while counts[-1] < MOST_TURNS:
        counts.append(counts[-1] + max(1, counts[-1] // 10))
    at = bisect_left(counts, True, key=decided)
    return counts[at] if at < len(counts) else None


def number(value: float) -> float | None:
    """A figure as JSON: nanoseconds at the finest, null where it is infinite or there is none."""
    return round(value, 9) if math.isfinite(value) else None
