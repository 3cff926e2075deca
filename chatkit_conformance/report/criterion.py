"""A success criterion as it is shown: a word, a figure with its unit, and a meter of the figure against the target."""

from __future__ import annotations

from dataclasses import dataclass

from ..judging.criteria import CRITERION_WORDS, LIMITS
from ..results.model import CriterionResult
from ..results.outcome import Tone
from .plain import duration

TARGET_AT = 0.75
"""Where the target stands on the meter of a figure that should stay below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How one criterion is shown. `fill` and `target` are places on the meter from 0 to 1, None where there is none."""

    criterion: CriterionResult
    sign: str
    word: str
    tone: Tone
    figure: str
    fill: float | None
    target: float | None


def shown(criterion: CriterionResult) -> Shown:
    """The criterion made ready for a page or a table."""
    sign, word, tone = CRITERION_WORDS[criterion.outcome]
    fill, target = _meter(criterion)
    return Shown(
        criterion=criterion, sign=sign, word=word, tone=tone, figure=_figure(criterion), fill=fill, target=target
    )


def _figure(criterion: CriterionResult) -> str:
    if criterion.figure is None:
        return ""
    if criterion.unit == "s":
        return duration(criterion.figure)
    return f"{criterion.figure:,.10g} {criterion.unit}".strip()


def _meter(criterion: CriterionResult) -> tuple[float | None, float | None]:
    """The fill and the target's mark. Seconds should stay below their target, all else should reach it."""
    amount, limit = criterion.figure, LIMITS.get(criterion.id)
    if amount is None or criterion.outcome == "not_measured":
        return None, None
    if criterion.unit == "s":
        if not limit:
            return None, None
        return max(0.012, min(1.0, amount / limit * TARGET_AT)), TARGET_AT
    if criterion.unit == "%":
        return max(0.0, min(1.0, amount / 100)), min(1.0, (100.0 if limit is None else limit) / 100)
    return (max(0.0, min(1.0, amount / limit)), 1.0) if limit else (None, None)
