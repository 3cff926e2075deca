"""The verdict: of each target whether it is met, surely missed, or not shown; and of the whole. Pure.

A target is met where at least the quantile's share of attempts was within the limit, with 95 % confidence; missed where
it was surely not; between the two there were too few turns. Before that: a target that died, and a generator that was
measured in place of the target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .figures import Sample, enough, lower_bound, upper_bound

Outcome = Literal["PASS", "FAIL", "GONE", "INVALID", "INCONCLUSIVE"]

EXITS: Mapping[Outcome, int] = {"PASS": 0, "FAIL": 1, "GONE": 3, "INVALID": 4, "INCONCLUSIVE": 5}
"""Exit codes; 2 is wrong usage."""

ERROR_SHARE = 0.05
"""Share of the tightest limit that the generator's own error at p99 may have."""

PERSISTENCE = 0.95
"""SC-005: the share of conversations that a reload shows as they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedMeasure:
    """One target judged: the share of attempts that kept to it, and between which shares the truth is."""

    name: str
    title: str
    limit: str
    wanted: float
    n: int
    hits: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of attempts that kept to it."""
        return self.hits / self.n if self.n else 0.0

    @property
    def outcome(self) -> Outcome:
        """Whether it is met."""
        if self.n and self.low >= self.wanted:
            return "PASS"
        return "FAIL" if self.n and self.high < self.wanted else "INCONCLUSIVE"

    @property
    def reason(self) -> str:
        """The outcome in a sentence."""
        said = f"{self.title}: {self.hits} of {self.n} {self.limit}"
        if not self.n:
            return f"{self.title}: nothing measured"
        if self.outcome == "INCONCLUSIVE":
            return (
                f"{said}; too few to decide whether that is {self.wanted:.0%} (the true share is between "
                f"{self.low:.1%} and {self.high:.1%}; {self._more()})"
            )
        return f"{said}, {self.share:.1%}; at least {self.wanted:.0%} required"

    def _more(self) -> str:
        """What would settle it."""
        needed = enough(self.n - self.hits, self.n, self.wanted)
        if needed is None:
            return f"it is so close to {self.wanted:.0%} that no number of turns can decide"
        if self.hits == self.n:
            return f"{needed} without a miss would be enough"
        return f"at this share of misses about {needed:,} would be enough: run longer"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadVerdict:
    """The whole verdict and its reasons."""

    outcome: Outcome
    reasons: tuple[str, ...]
    judged: tuple[JudgedMeasure, ...] = ()

    @property
    def exit(self) -> int:
        """The exit code."""
        return EXITS[self.outcome]


def judge_share(name: str, title: str, limit: str, *, hits: int, n: int, wanted: float) -> JudgedMeasure:
    """A share judged against the share wanted."""
    return JudgedMeasure(
        name=name,
        title=title,
        limit=limit,
        wanted=wanted,
        n=n,
        hits=hits,
        low=lower_bound(hits, n),
        high=upper_bound(hits, n),
    )


def judge_sample(name: str, title: str, found: Sample, limit_s: float, quantile: float) -> JudgedMeasure:
    """A latency judged: is its quantile within the limit?"""
    return judge_share(name, title, f"within {limit_s:g} s", hits=found.within(limit_s), n=found.n, wanted=quantile)


def verdict_of(
    judged: Sequence[JudgedMeasure], *, gone: str = "", invalid: Sequence[str] = (), cut_short: str = ""
) -> LoadVerdict:
    """The whole from its parts.

    Args:
        judged: the targets. gone: how the target died, or "". invalid: why the figures are not to be trusted.
        cut_short: why the run ended early without a fault of the target's, or "".
    """
    targets = tuple(judged)
    if gone:
        return LoadVerdict(outcome="GONE", reasons=(gone,), judged=targets)
    if invalid:
        return LoadVerdict(outcome="INVALID", reasons=tuple(invalid), judged=targets)
    counted = [one for one in targets if one.n]
    failed = tuple(one.reason for one in counted if one.outcome == "FAIL")
    unsure = tuple(one.reason for one in counted if one.outcome == "INCONCLUSIVE")
    if failed:
        return LoadVerdict(outcome="FAIL", reasons=failed, judged=targets)
    if cut_short or unsure or not counted:
        why = (cut_short,) if cut_short else ()
        return LoadVerdict(outcome="INCONCLUSIVE", reasons=(*why, *unsure) or ("there was no turn",), judged=targets)
    return LoadVerdict(outcome="PASS", reasons=tuple(one.reason for one in counted), judged=targets)


def invalid_reasons(
    *, error_p99_s: float | None, tightest_s: float, lost_workers: Sequence[str], broken: str, lost_stamps: int
) -> list[str]:
    """Why figures cannot be trusted.

    Args:
        error_p99_s: the generator's own reading error, None where it was not measured.
        tightest_s: the tightest limit. lost_workers: those that were killed. broken: how the generator broke.
        lost_stamps: the stand-in's rows that fell out before they were read.
    """
    made = [broken] if broken else []
    made += [f"worker {worker} was killed or crashed, so the load was not as planned" for worker in lost_workers]
    if error_p99_s is None:
        made.append("the generator's own error was not measured: no probe stream ended")
    elif error_p99_s > ERROR_SHARE * tightest_s:
        made.append(
            f"generator saturated: its own error at p99 is {error_p99_s * 1000:.1f} ms, more than {ERROR_SHARE:.0%} of "
            f"the tightest target of {tightest_s:g} s: add workers (--processes), or reduce the load or other work here"
        )
    if lost_stamps:
        made.append(f"{lost_stamps} of the stand-in's stamps were lost before they were read")
    return made
