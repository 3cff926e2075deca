"""What to fix first: the groups of findings that explain the most others, with what was expected, got and to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..results.model import CheckResult, SavedFinding
from .findings import Cluster
from .groups import ranked, to_mend

MOST = 7
"""Causes named at the top. A person mends one and runs again; a longer list is read by nobody."""


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
    """The causes, the one that explains most first, and all groups in the order in which they are read."""
    order = ranked([cluster.group for cluster in found])
    named = [Cause(cluster=found[one.n], explains=one.explains) for one in to_mend(order)]
    return named[:MOST], [found[one.n] for one in order]
