"""How a server stands on a set of checks: the one rule behind levels and success criteria.

The MUST checks of the set decide; where it has none, all of it does. In this order:

1. One failed, expected by a baseline or not: missed.
2. One could not be tested, or shows only in part (its capability is not declared, some did not show): not_shown.
3. None applied, or more than half did not: absent. What little was judged says nothing of the whole.
   A check that needs a capability beside the set's own is no part of this count: a server may have none.
4. One was not in the run: partial.
5. Else reached, and strict where the same is true of the SHOULD checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..check import MAY, MUST, SHOULD, Check
from ..results.outcome import HELD, UNSHOWN, Outcome

if TYPE_CHECKING:
    from ..results.model import CheckResult, LevelOutcome

KEPT: frozenset[Outcome] = HELD | {"not_applicable"}
"""Outcomes that stand in no way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a server stands.

    Args:
        outcome: see above. blocking: ids in the way of it, of strictness where only that is missing.
        selected, of: checks that were in the run, of all. counts: how many came to which outcome.
    """

    outcome: LevelOutcome
    blocking: tuple[str, ...]
    selected: int
    of: int
    counts: Mapping[Outcome, int]


def standing(members: Iterable[Check], results: Mapping[str, CheckResult], *, own: str = "") -> Standing:
    """How the server stands on these checks.

    Args:
        results: by id. own: the capability that the set is about, or "".
    """
    checks = tuple(members)
    must = [check for check in checks if check.level == MUST] or list(checks)
    there = [results[check.id] for check in checks if check.id in results]
    asked = [results[check.id] for check in must if check.id in results]
    failed = [row.id for row in asked if row.outcome not in KEPT | UNSHOWN]
    unsure = [row.id for row in asked if row.outcome in UNSHOWN] + _half_shown(asked, own)
    rest = [row.id for row in there if row.outcome not in KEPT]
    return Standing(
        outcome=_outcome(checks, must, results, failed, unsure, rest, own),
        blocking=tuple([*failed, *unsure] or rest),
        selected=len(there),
        of=len(checks),
        counts=dict(Counter(row.outcome for row in there)),
    )


def _outcome(
    checks: tuple[Check, ...],
    must: list[Check],
    results: Mapping[str, CheckResult],
    failed: list[str],
    unsure: list[str],
    rest: list[str],
    own: str,
) -> LevelOutcome:
    if failed:
        return "missed"
    if unsure:
        return "not_shown"
    if not _mostly_judged(must, results, own):
        return "absent"
    if any(check.id not in results for check in must):
        return "partial"
    wanted = [check for check in checks if check.level != MAY]
    should = [check for check in checks if check.level == SHOULD]
    if rest or any(check.id not in results for check in wanted):
        return "reached"
    return "strict" if not should or _mostly_judged(should, results, own) else "reached"


def _mostly_judged(checks: list[Check], results: Mapping[str, CheckResult], own: str) -> bool:
    """Whether of those that were in the run, at least one applied, and of the set's own at least half."""
    asked = [check for check in checks if check.id in results]
    core = [check for check in asked if check.capability in (None, own)] or asked
    off = sum(results[check.id].outcome == "not_applicable" for check in core)
    return 2 * off <= len(core) and off < len(core) if core else True


def _half_shown(asked: list[CheckResult], own: str) -> list[str]:
    """Checks of an undeclared capability that did not show it, where others did: nobody can say that it is whole."""
    hidden = [row.id for row in asked if own and row.capability == own and row.absence == "undeclared"]
    return hidden if any(row.capability == own and row.outcome in HELD for row in asked) else []
