"""What a baseline makes of results, and what results make of a baseline.

| the check            | an entry fits it       | a flaky entry fits it  |
|----------------------|------------------------|------------------------|
| failed, warned,      | expected_failure       | expected_failure       |
| or untestable        |                        |                        |
| passed               | unexpected_pass (red)  | passed                 |
| passed on a part     | passed                 | passed                 |
| not_applicable,      | as it is               | as it is               |
| not_judged, error    |                        |                        |

A part: fewer conversations than a run of every check holds, or one of them cut. What failed may have been in the rest.
An entry that fits no check that there is goes stale: the run is red. Of several that fit, one that names the check
comes before a pattern, and the first of the file before the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..judging.aliases import current, notes
from ..judging.judge import Result
from ..results.outcome import HELD, Outcome
from .entry import Entry

if TYPE_CHECKING:
    from ..results.model import CheckResult

BROKEN: frozenset[Outcome] = frozenset({"failed", "warned", "untestable"})
"""Outcomes that an entry excuses."""

FIRST = "Failed when the baseline was first written: {got}"
NEW = "Failed since the baseline was written: {got}"
"""Reason of an entry that `baseline update` writes, until a person writes a better one."""

_LONGEST = 200
"""Characters of a finding that become a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The entries of one file.

    Args:
        entries: in the file's order. source: the file's name, or "". versions: those of this run.
    """

    entries: tuple[Entry, ...] = ()
    source: str = ""
    versions: Mapping[str, str] | None = None

    def entry_for(self, id: str) -> Entry | None:
        """The entry that speaks of this check, or None."""
        fitting = [e for e in self.entries if e.fits(id) and e.active(self.versions or {})]
        return next((e for e in fitting if e.exact), fitting[0] if fitting else None)

    def applied(self, result: Result, *, whole: bool = True) -> Result:
        """The result as this baseline sees it. `whole`: whether it was judged on all that a whole run holds."""
        entry = self.entry_for(result.check.id)
        if entry is None:
            return result
        excuse = entry.to_json()
        if result.outcome in BROKEN:
            reason = (
                f"{'flaky' if entry.flaky else 'expected'}: {entry.reason}{f' ({entry.link})' if entry.link else ''}"
            )
            reason += f"; {result.reason}" if result.reason else ""
            return replace(result, outcome="expected_failure", reason=reason, baseline=excuse)
        if result.outcome == "passed" and not entry.flaky and not whole:
            why = f"the baseline expects it to fail ({entry.reason}), and it passed on a part of its conversations"
            return replace(result, reason=f"{why}; {result.reason}" if result.reason else why, baseline=excuse)
        if result.outcome == "passed" and not entry.flaky:
            why = f"the baseline expects it to fail ({entry.reason}), and it passed: "
            why += f"remove {entry.id!r} from {self.source}"
            return replace(result, outcome="unexpected_pass", reason=why, baseline=excuse)
        return replace(result, baseline=excuse)

    def stale(self, known: Iterable[str]) -> tuple[Entry, ...]:
        """The entries that fit none of these ids: all checks that there are, not only the selected ones."""
        ids = tuple(known)
        return tuple(entry for entry in self.entries if not any(entry.fits(id) for id in ids))

    def renamed(self, known: Iterable[str]) -> list[str]:
        """A sentence for each entry that uses an earlier id, with the id of today. `known`: the ids of today."""
        found = notes((entry.id for entry in self.entries), known)
        return [f"{note} `chatkit-conformance baseline update` rewrites {self.source}." for note in found]

    def idle(self) -> tuple[Entry, ...]:
        """The entries whose conditions do not hold here."""
        return tuple(entry for entry in self.entries if not entry.active(self.versions or {}))


def updated(
    entries: Sequence[Entry],
    rows: Iterable[CheckResult],
    *,
    versions: Mapping[str, str],
    known: Iterable[str],
    strict: bool = False,
) -> tuple[Entry, ...]:
    """The entries as these results would have them.

    Kept with their reasons: what still fails, flaky ones, ones whose conditions do not hold here, and ones whose
    checks were not judged, or only on a part of their conversations. Dropped: what passes now, and what fits no check.
    A pattern of which one part passes now gives way to the ids of the other part. An earlier id gives way to the id of
    today.

    Args:
        rows: results of a run, with or without the old baseline. known: ids of all checks. strict: warned ones too.
    """
    outcomes = {current(row.id): row for row in rows}
    broken = {id for id, row in outcomes.items() if _broken(row, strict)}
    passed = {id for id, row in outcomes.items() if row.outcome in HELD and row.whole}
    ids = tuple(known)
    kept: list[Entry] = []
    for entry in (replace(entry, id=current(entry.id)) for entry in entries):
        fitting = [id for id in ids if entry.fits(id)]
        if not fitting:
            continue
        if entry.flaky or not entry.active(versions) or not passed & set(fitting):
            kept.append(entry)
            continue
        unknown = {id for id in fitting if id not in outcomes or not outcomes[id].whole}
        kept += [replace(entry, id=id, line=0) for id in fitting if id in broken | unknown]
    covered = {id for id in broken if any(e.fits(id) and e.active(versions) for e in kept)}
    reason = NEW if entries else FIRST
    added = [Entry(id=id, reason=_reason(row, reason)) for id, row in outcomes.items() if id in broken - covered]
    unique = {(entry.id, tuple(entry.when.items())): entry for entry in reversed([*kept, *added])}
    return tuple(reversed(unique.values()))


def _broken(row: CheckResult, strict: bool) -> bool:
    # A warned check under a baseline is an expected failure too: its level tells.
    return strict if row.outcome == "warned" else row.outcome in ("failed", "untestable", "expected_failure")


def _reason(row: CheckResult, reason: str) -> str:
    got = " ".join((row.said or row.outcome).split())
    return reason.format(got=got if len(got) <= _LONGEST else got[: _LONGEST - 1] + "…")
