"""Two sets of times compared: by how much they differ, how sure that is, and whether it is real. Pure.

The interval of a quantile's difference is a bootstrap's: the quantile of a resample of n values is one of the values,
at a rank whose share is Beta-distributed, so it is drawn directly. Whether two sets differ at all is Mann and Whitney's
test. Both take turns as independent; within a run neighbours are not quite, so a difference should also matter.
"""

from __future__ import annotations

import json
import math
import random
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gemini_standin.given_file import MOST_RESULTS, read_given_text

from .histogram import decode
from .measures import MEASURES

DRAWS = 2_000
SURE = 0.01
"""Chance of a difference where there is none, above which it is not called real."""

FEWEST_ROUNDS = 2
"""Rounds below which nothing is known of how much rounds differ."""

FEWEST = 20
"""Times on each side below which nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadDifference:
    """The second set against the first at one quantile, in seconds; `low` and `high` hold the truth with 95 %."""

    name: str
    quantile: float
    before: float
    after: float
    low: float
    high: float
    chance: float

    @property
    def seconds(self) -> float:
        """How much later the second is."""
        return self.after - self.before

    @property
    def real(self) -> bool:
        """Whether it is a difference and not chance."""
        return self.chance < SURE and (self.low > 0 or self.high < 0)

    def __str__(self) -> str:
        word = "slower" if self.seconds > 0 else "faster"
        span = f"{self.low * 1000:+.1f} to {self.high * 1000:+.1f} ms"
        by = f"{word} by {abs(self.seconds) * 1000:.1f} ms" if self.real else "no significant difference"
        title = MEASURES[self.name].title if self.name in MEASURES else self.name
        return (
            f"{title} p{self.quantile * 100:g}: {self.before * 1000:.1f} -> {self.after * 1000:.1f} ms, {by} ({span})"
        )


def difference(
    name: str, before: Sequence[float], after: Sequence[float], quantile: float, seed: int = 1
) -> LoadDifference | None:
    """The difference at a quantile, or None where there are too few times. Both sorted."""
    if len(before) < FEWEST or len(after) < FEWEST:
        return None
    draw = random.Random(seed)
    made = sorted(_resampled(after, quantile, draw) - _resampled(before, quantile, draw) for _ in range(DRAWS))
    return LoadDifference(
        name=name,
        quantile=quantile,
        before=_resampled(before, quantile),
        after=_resampled(after, quantile),
        low=made[int(DRAWS * 0.025)],
        high=made[int(DRAWS * 0.975)],
        chance=mann_whitney(before, after),
    )


def _resampled(values: Sequence[float], quantile: float, draw: random.Random | None = None) -> float:
    n = len(values)
    rank = max(1, math.ceil(quantile * n - 1e-9))
    if draw is None:
        return values[rank - 1]
    return values[min(n - 1, int(draw.betavariate(rank, n - rank + 1) * n))]


def mann_whitney(a: Sequence[float], b: Sequence[float]) -> float:
    """The chance of so large a shift were both of one source (two-sided, normal approximation, ties counted half)."""
    n, m = len(a), len(b)
    ranked = sorted(b)
    u = sum((bisect_left(ranked, x) + bisect_right(ranked, x)) / 2 for x in a)
    counts: dict[float, int] = {}
    for x in (*a, *b):
        counts[x] = counts.get(x, 0) + 1
    ties = sum(t**3 - t for t in counts.values()) / ((n + m) * (n + m - 1))
    spread = math.sqrt(n * m / 12 * (n + m + 1 - ties))
    return math.erfc(abs(u - n * m / 2) / spread / math.sqrt(2)) if spread else 1.0


def ratio(over: Sequence[float], under: Sequence[float], quantile: float, seed: int = 1) -> dict[str, float]:
    """The quotient of two quantiles, and between which quotients the truth is with 95 %. Both sorted, none empty."""
    draw = random.Random(seed)
    made = sorted(_resampled(over, quantile, draw) / _resampled(under, quantile, draw) for _ in range(DRAWS))
    ratio = _resampled(over, quantile) / _resampled(under, quantile)
    return {"ratio": ratio, "low": made[int(DRAWS * 0.025)], "high": made[int(DRAWS * 0.975)]}


def over_rounds(found: dict[str, float], each: Sequence[float]) -> dict[str, float]:
    """The same quotient, with an interval that holds the truth with 95 % although rounds differ by themselves.

    A machine is quicker in one minute than in the next, which no resampling of turns shows: those of a round share it.
    So the rounds are taken as what they are, pairs of measurements, and Student's t is asked about the mean of their
    logarithms. The wider of the two intervals is told, and the quotient itself is always within.

    Args:
        found: `ratio`, `low` and `high` as turns alone give them. each: the quotient of each round, all above 0.
    """
    low, high = min(found["low"], found["ratio"]), max(found["high"], found["ratio"])
    if len(each) >= FEWEST_ROUNDS:
        from scipy.stats import t

        logs = [math.log(one) for one in each]
        reach = float(t.ppf(0.975, len(logs) - 1)) * statistics.stdev(logs) / math.sqrt(len(logs))
        low = min(low, math.exp(statistics.fmean(logs) - reach))
        high = max(high, math.exp(statistics.fmean(logs) + reach))
    return {**found, "low": low, "high": high}


def is_load(value: Any) -> bool:
    """Whether a JSON value is a load.json."""
    return isinstance(value, dict) and "verdict" in value and "measurement_error" in value and "first_token" in value


def read_load(path: Path) -> dict[str, Any]:
    """A load.json, or that of a report's folder.

    Raises:
        ValueError: it is none, or of a schema that is not known here.
    """
    from .load_json import SCHEMA

    file = path / "load.json" if path.is_dir() else path
    value = json.loads(read_given_text(file, MOST_RESULTS))
    if not is_load(value):
        raise ValueError(f"{file} is not a load.json of one target")
    if value["schema"] != SCHEMA:
        raise ValueError(f"{file} has schema {value['schema']}; this version reads {SCHEMA}")
    return dict(value)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[LoadDifference]:
    """All differences between two load.json values, at their medians and 95th percentiles."""
    made = []
    for name in MEASURES:
        if name in before and name in after:
            times = [decode(side[name]["histogram"]) for side in (before, after)]
            made += [difference(name, times[0], times[1], quantile) for quantile in (0.5, 0.95)]
    return [one for one in made if one is not None]


def diff_loads(before: Path, after: Path) -> str:
    """What changed between two loads, as text; for `chatkit-conformance diff`. Raises ValueError, see `read_load`."""
    a, b = read_load(before), read_load(after)
    lines = [
        f"{before}: {a['verdict']}, {a['turns']['n']} turns, {a['turns']['per_s']:.1f}/s",
        f"{after}: {b['verdict']}, {b['turns']['n']} turns, {b['turns']['per_s']:.1f}/s",
    ]
    if (a["plan"]["loop"], a["plan"]["stages"]) != (b["plan"]["loop"], b["plan"]["stages"]):
        lines.append("the two loads differ in loop or stages, so a difference may come from the load")
    lines += [str(one) for one in differences(a, b)]
    for side in (a, b):
        if side["verdict"] == "INVALID":
            lines.append(f"not reliable: {side['reasons'][0]}")
    return "\n".join(lines)
