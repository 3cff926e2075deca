"""What changed between two runs of the suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..results.model import CheckResult, RunResults
from ..results.outcome import RED, Outcome
from .aliases import current

Kind = Literal["newly_failing", "fixed", "changed", "added", "removed", "figure", "level", "criterion"]

KINDS: Mapping[Kind, str] = {
    "newly_failing": "newly failing",
    "fixed": "fixed",
    "changed": "outcome changed",
    "added": "check added",
    "removed": "check removed",
    "figure": "figure changed",
    "level": "level changed",
    "criterion": "criterion changed",
}
"""Each kind of change, in the order in which it is told."""

BAD: frozenset[Outcome] = RED | {"error"}
"""Outcomes that a run is red for."""

NOTABLE = 0.10
"""Share by which a measured figure has to change to be told: below it two runs of one server differ as well."""

LEAST_S = 0.02
"""Seconds by which it has to change at least: what a loaded machine adds to any answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference: what (a check's id, a level, a criterion), how it was and how it is, and words about it."""

    kind: Kind
    id: str
    before: str
    after: str
    said: str = ""

    def to_json(self) -> dict[str, str]:
        """As JSON."""
        return {"kind": self.kind, "id": self.id, "before": self.before, "after": self.after, "said": self.said}


def changes(before: RunResults, after: RunResults) -> list[Change]:
    """The differences of two runs, the gravest kind first.

    A check that is new and fails is newly failing, not only added. One that was not judged before (the run was cut, or
    it was not selected) and fails now is newly failing, too: nobody can say that it failed already.
    """
    found = [
        *_checks(_by_id(before), _by_id(after)),
        *_levels(before, after),
        *_criteria(before, after),
    ]
    return sorted(found, key=lambda change: (list(KINDS).index(change.kind), change.id))


def _by_id(run: RunResults) -> dict[str, CheckResult]:
    """The results by the ids of today."""
    return {current(row.id): row for row in run.results}


def _checks(old: Mapping[str, CheckResult], new: Mapping[str, CheckResult]) -> Iterator[Change]:
    for id in sorted(old.keys() | new.keys()):
        was, now = old.get(id), new.get(id)
        failed = was is not None and was.outcome in BAD
        if now is None:
            yield Change(kind="removed", id=id, before=was.outcome if was else "", after="")
        elif now.outcome in BAD and not failed:
            yield Change(
                kind="newly_failing", id=id, before=was.outcome if was else "", after=now.outcome, said=now.said
            )
        elif was is None:
            yield Change(kind="added", id=id, before="", after=now.outcome)
        elif failed and now.outcome == "passed":
            yield Change(kind="fixed", id=id, before=was.outcome, after=now.outcome)
        elif was.outcome != now.outcome:
            yield Change(kind="changed", id=id, before=was.outcome, after=now.outcome, said=now.said)
        if was is not None and now is not None:
            yield from _figure(was, now)


def _figure(was: CheckResult, now: CheckResult) -> Iterator[Change]:
    if was.figure is None or now.figure is None:
        return
    moved = now.figure - was.figure
    if abs(moved) >= max(LEAST_S, NOTABLE * abs(was.figure)):
        share = f"{100 * moved / was.figure:+.0f} %" if was.figure else "from nothing"
        yield Change(kind="figure", id=now.id, before=f"{was.figure:.3g}", after=f"{now.figure:.3g}", said=share)


def _levels(before: RunResults, after: RunResults) -> Iterator[Change]:
    for name, now in after.levels.items():
        was = before.levels.get(name)
        if was is not None and was.outcome != now.outcome:
            yield Change(kind="level", id=name, before=was.outcome, after=now.outcome)


def _criteria(before: RunResults, after: RunResults) -> Iterator[Change]:
    old = {criterion.id: criterion for criterion in before.criteria}
    for now in after.criteria:
        was = old.get(now.id)
        if was is not None and was.outcome != now.outcome:
            figures = f"{was.figure} -> {now.figure} {now.unit}".rstrip()
            yield Change(kind="criterion", id=now.id, before=was.outcome, after=now.outcome, said=figures)
