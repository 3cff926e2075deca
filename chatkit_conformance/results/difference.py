"""What changed between two runs of the suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..judging.aliases import current
from ..judging.judge import RED

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

BAD = frozenset({*RED, "error"})
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

    def told(self) -> dict[str, str]:
        """As JSON."""
        return {"kind": self.kind, "id": self.id, "before": self.before, "after": self.after, "said": self.said}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The differences of two results.json, the gravest kind first.

    A check that is new and fails is newly failing, not only added. One that was not judged before (the run was cut, or
    it was not selected) and fails now is newly failing, too: nobody can say that it failed already.
    """
    found = [
        *_checks(_rows(before), _rows(after)),
        *_named(before, after, "level", "levels"),
        *_criteria(before, after),
    ]
    return sorted(found, key=lambda change: (list(KINDS).index(change.kind), change.id))


def _rows(run: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {current(row["id"]): row for row in run["results"]}


def _checks(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[Change]:
    for id in sorted(old.keys() | new.keys()):
        was, now = old.get(id, {}), new.get(id, {})
        before, after = str(was.get("outcome", "")), str(now.get("outcome", ""))
        said = str(now.get("got") or now.get("reason") or "")
        if after in BAD and before not in BAD:
            yield Change(kind="newly_failing", id=id, before=before, after=after, said=said)
        elif not now:
            yield Change(kind="removed", id=id, before=before, after="")
        elif not was:
            yield Change(kind="added", id=id, before="", after=after)
        elif before in BAD and after == "passed":
            yield Change(kind="fixed", id=id, before=before, after=after)
        elif before != after:
            yield Change(kind="changed", id=id, before=before, after=after, said=said)
        yield from _figure(id, was.get("figure"), now.get("figure"))


def _figure(id: str, was: object, now: object) -> Iterator[Change]:
    if not isinstance(was, int | float) or not isinstance(now, int | float):
        return
    moved = now - was
    if abs(moved) >= max(LEAST_S, NOTABLE * abs(was)):
        share = f"{100 * moved / was:+.0f} %" if was else "from nothing"
        yield Change(kind="figure", id=id, before=f"{was:.3g}", after=f"{now:.3g}", said=share)


def _named(before: Mapping[str, Any], after: Mapping[str, Any], kind: Kind, key: str) -> Iterator[Change]:
    old, new = before.get(key), after.get(key)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return
    for name in new:
        was, now = (str(side.get(name, {}).get("outcome", "")) for side in (old, new))
        if was and was != now:
            yield Change(kind=kind, id=name, before=was, after=now)


def _criteria(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = ({row["id"]: row for row in run.get("criteria", ())} for run in (before, after))
    for id, row in new.items():
        was = old.get(id)
        if was is not None and was.get("outcome") != row.get("outcome"):
            figures = f"{was.get('figure')} -> {row.get('figure')} {row.get('unit', '')}".rstrip()
            yield Change(kind="criterion", id=id, before=str(was["outcome"]), after=str(row["outcome"]), said=figures)
