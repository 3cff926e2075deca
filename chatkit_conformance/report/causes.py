"""What to fix first: the groups of findings that explain the most others, with what was expected, got and to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..results.model import CheckResult, SavedFinding
from ..results.outcome import Outcome
from .findings import Cluster
from .groups import LEVEL_RANK

MOST = 7
"""Causes named at the top. A person mends one and runs again; a longer list is read by nobody."""

_KINDS: dict[Outcome, int] = {"failed": 0, "error": 0, "unexpected_pass": 0, "warned": 1, "untestable": 2}
"""What can be a cause; a failure before a warning. What could not be tested is one only if there is no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause. `explains`: how many findings of other checks are in its group or only where it failed."""

    cluster: Cluster
    explains: int

    @property
    def first(self) -> CheckResult:
        """The check that names it."""
        return self.cluster.group.first

    @property
    def finding(self) -> SavedFinding | None:
        """What was seen first."""
        return self.first.findings[0] if self.first.findings else None


def causes(found: Sequence[Cluster]) -> tuple[list[Cause], list[Cluster]]:
    """The causes, the one that explains most first, and all groups in the order in which they are read.

    A group whose every check only failed where another had failed comes after all that stand for themselves.
    """
    home = {result.id: n for n, cluster in enumerate(found) for result in cluster.group.results}
    explains = [len(cluster.group.results) - 1 for cluster in found]
    follows = [_follows(cluster, home, n) for n, cluster in enumerate(found)]
    for n, cluster in enumerate(found):
        for root in (home.get(result.root) for result in cluster.group.results if result.root):
            if root is not None and root != n:
                explains[root] += 1

    def rank(n: int) -> tuple[bool, int, int, int, int]:
        first = found[n].group.first
        return (follows[n] is not None, _KINDS.get(first.outcome, 3), LEVEL_RANK[first.level], -explains[n], n)

    order = sorted(range(len(found)), key=rank)
    own = [Cause(cluster=found[n], explains=explains[n]) for n in order if follows[n] is None]
    named = [cause for cause in own if cause.first.outcome in _KINDS]
    seen = [cause for cause in named if cause.first.outcome != "untestable"]
    return (seen or named)[:MOST], [found[n] for n in order]


def _follows(cluster: Cluster, home: dict[str, int], own: int) -> int | None:
    """The group whose failure explains every check of this one, or None."""
    roots = {home.get(result.root) if result.root else None for result in cluster.group.results}
    (root,) = roots if len(roots) == 1 else (None,)
    return root if root != own else None
