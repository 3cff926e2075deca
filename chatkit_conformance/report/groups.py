"""Findings put together by what is likely behind them, so that one fault seen thirty times is read once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..check import Level
from ..results.model import CheckResult, SavedFinding
from ..results.outcome import OUTCOMES, Outcome

# Words whole, never "a word with a digit": that would be tried again from each of its letters.
_VARYING = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'|`[^`]*`|“[^”]*”")
_DIGIT = re.compile(r"\d")


LEVEL_RANK: Mapping[Level, int] = {"MUST": 0, "SHOULD": 1, "MAY": 2}
"""The order in which levels are read: the gravest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Findings of one check that differ in ids, numbers and quoted text alone: the first, and where else."""

    first: SavedFinding
    others: tuple[SavedFinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Results that have their cause, or what was seen, in common; the gravest first."""

    results: tuple[CheckResult, ...]

    @property
    def first(self) -> CheckResult:
        """The one that names the group."""
        return self.results[0]

    @property
    def count(self) -> int:
        """All findings in it; a result without any counts as one."""
        return sum(max(1, len(r.findings)) for r in self.results)


def groups_of(results: Iterable[CheckResult]) -> list[Group]:
    """The results that are findings, in groups: the gravest outcome and level first."""
    found = sorted(
        (r for r in results if OUTCOMES[r.outcome].finding),
        key=lambda r: (OUTCOMES[r.outcome].rank, LEVEL_RANK[r.level]),
    )
    groups: list[list[CheckResult]] = []
    keys: dict[tuple[str, str, str], list[CheckResult]] = {}
    for result in found:
        own = [(result.outcome, kind, text) for kind, text in _traits(result) if text]
        group = next((keys[key] for key in own if key in keys), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(result)
        keys.update((key, group) for key in own if key not in keys)
    return [Group(results=tuple(group)) for group in groups]


_KINDS: Mapping[Outcome, int] = {"failed": 0, "error": 0, "unexpected_pass": 0, "warned": 1, "untestable": 2}
"""What can be a cause; a failure before a warning. What could not be tested is one only if there is no other."""


SECURITY = "security"
"""The area of what a server owes to others than its client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A group in the order in which groups are read.

    Args:
        n: its place in what was ranked. explains: how many findings of other checks are in it or only where it failed.
        cause: whether it stands for itself. A group whose every check only failed where another had failed does not.
    """

    group: Group
    n: int
    explains: int
    cause: bool


def ranked(groups: Sequence[Group]) -> list[Ranked]:
    """The groups, the cause that explains most first; what follows from another comes after all that does not.

    What keeps the client from working comes before what keeps strangers out: a demo without a sign-in is told first
    that its second turn dies.
    """
    home = {result.id: n for n, group in enumerate(groups) for result in group.results}
    explains = [len(group.results) - 1 for group in groups]
    follows = [_follows(group, home, n) for n, group in enumerate(groups)]
    for n, group in enumerate(groups):
        for root in (home.get(result.root) for result in group.results if result.root):
            if root is not None and root != n:
                explains[root] += 1

    def rank(n: int) -> tuple[bool, int, int, bool, int, int]:
        first = groups[n].first
        kind, level = _KINDS.get(first.outcome, 3), LEVEL_RANK[first.level]
        return (follows[n] is not None, kind, level, first.area == SECURITY, -explains[n], n)

    order = sorted(range(len(groups)), key=rank)
    return [Ranked(group=groups[n], n=n, explains=explains[n], cause=follows[n] is None) for n in order]


def to_mend(groups: Sequence[Ranked]) -> list[Ranked]:
    """Those of ranked groups that are causes of something wrong, in their order."""
    named = [one for one in groups if one.cause and one.group.first.outcome in _KINDS]
    return [one for one in named if one.group.first.outcome != "untestable"] or named


def _follows(group: Group, home: Mapping[str, int], own: int) -> int | None:
    """The group whose failure explains every check of this one, or None."""
    roots = {home.get(result.root) if result.root else None for result in group.results}
    (root,) = roots if len(roots) == 1 else (None,)
    return root if root != own else None


def alike(findings: Iterable[SavedFinding]) -> list[Alike]:
    """Findings of one check, those of one shape together, in the order of their first."""
    shapes: dict[tuple[str, str], list[SavedFinding]] = {}
    for finding in findings:
        shapes.setdefault((shape(finding.expected), shape(finding.got)), []).append(finding)
    return [Alike(first=same[0], others=tuple(same[1:])) for same in shapes.values()]


def shape(text: str) -> str:
    """The beginning of the text without what varies from one sighting to the next."""
    return _VARYING.sub(_vary, text[:300])


def _vary(found: re.Match[str]) -> str:
    word = found[0]
    return "#" if word[0] in "\"'`“" or _DIGIT.search(word) else word


def _traits(result: CheckResult) -> list[tuple[str, str]]:
    """By what a result can belong to a group.

    Of a reason the beginning counts (its end names the role or the tool); what was seen counts only where it says
    enough to be telling.
    """
    if result.outcome == "untestable":
        return [("reason", " ".join(shape(result.reason).split()[:6]))]
    got = shape(result.findings[0].got) if result.findings else ""
    return [("cause", result.cause), ("got", got if len(got) >= 24 else "")]
