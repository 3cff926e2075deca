"""Levels of conformance: what a server can be said to be, each a set of checks.

A server reaches a level when every MUST check of it that applies was judged and none failed, strictly when the same is
true of its SHOULD checks; standing.py has the rule in full. A check that needs a capability belongs to the level of it,
all others to those whose patterns they fit. Either belongs to the levels of the criteria it bears on, too, and to the
level that is called like its area: a level is never reached while its criterion is missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..check import Check
from ..results.outcome import Tone
from .standing import standing

if TYPE_CHECKING:
    from ..results.model import CheckResult, LevelOutcome, LevelResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level.

    Args:
        name: what it is called. means: what a server that reaches it does, one sentence. checks: globs over ids.
        criteria: the success criteria that are missed where it is.
    """

    name: str
    means: str
    checks: tuple[str, ...]
    criteria: tuple[str, ...] = ()

    def has(self, check: Check) -> bool:
        """Whether the check belongs to it: by its id, by its criteria, or by an area that is called like the level.

        By its id only where it needs no capability: a server is not less at its core for a broken extra.
        """
        fits = check.capability is None and any(fnmatchcase(check.id, glob) for glob in self.checks)
        return fits or check.area == self.name or bool({*self.criteria} & {*check.criteria})


LEVELS = (
    Level(
        name="core",
        means="Threads, turns and users work, and the model is Gemini.",
        checks=(
            "protocol.*",
            "security.*",
            "gemini.*",
            "migration.*",
            "latency.thread-*",
            "latency.list",
            "latency.reload",
            "latency.answered-beside-answers",
            "stream.turn-*",
            "stream.one-answer-item",
            "stream.answer-from-model",
            "stream.user-message-*",
            "persistence.second-turn-works",
            "persistence.third-turn-works",
        ),
        criteria=("SC-003", "SC-009"),
    ),
    Level(
        name="streaming",
        means="Answers stream event by event, as ChatKit's client expects.",
        checks=("stream.*", "latency.first-token*", "latency.own-share"),
        criteria=("SC-001",),
    ),
    Level(
        name="tools",
        means="Tools run and are shown, and their results go back to the model.",
        checks=("tools.*", "latency.tool-*"),
        criteria=("SC-002", "SC-007"),
    ),
    Level(
        name="persistence",
        means="A reload shows what the user saw.",
        checks=("persistence.*",),
        criteria=("SC-005",),
    ),
    Level(
        name="robust",
        means="Failures are reported to the user, and the next turn works.",
        checks=("errors.*", "gemini.call-cancelled-on-disconnect"),
        criteria=("SC-008",),
    ),
)
"""The levels that every server can reach, in the order in which reports show them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelWords:
    """How a level's outcome reads: in a terminal, on a page, with its sign and its colour."""

    said: str
    word: str
    sign: str
    tone: Tone


LEVEL_WORDS: Mapping[LevelOutcome, LevelWords] = {
    "strict": LevelWords(said="yes, strictly", word="reached, strictly", sign="✓", tone="ok"),
    "reached": LevelWords(said="yes", word="reached", sign="✓", tone="ok"),
    "missed": LevelWords(said="no", word="missed", sign="✕", tone="bad"),
    "not_shown": LevelWords(said="not shown", word="not shown", sign="?", tone="unsure"),
}
"""A level that is absent, or of which only a part was selected, is told nowhere: there is nothing to say of it."""


def levels_of(check: Check) -> tuple[str, ...]:
    """The levels that a check belongs to: its capability's and those that have it, else its area's."""
    own = (check.capability,) if check.capability else ()
    return (*own, *(level.name for level in LEVELS if level.has(check))) or (check.area.replace("-", "_"),)


def levels_reached(rows: Iterable[CheckResult], known: Iterable[Check]) -> dict[str, LevelResult]:
    """Each level of which a check was in the run. `known`: all checks that there are."""
    results = {row.id: row for row in rows if row.outcome != "not_judged"}
    members: dict[str, list[Check]] = {level.name: [] for level in LEVELS}
    for check in known:
        for name in levels_of(check):
            members.setdefault(name, []).append(check)
    means = {level.name: level.means for level in LEVELS}
    return {
        name: _level(means.get(name, f"The capability {name}, if the server has it."), checks, results, name)
        for name, checks in members.items()
        if any(check.id in results for check in checks)
    }


def _level(means: str, checks: Iterable[Check], results: Mapping[str, CheckResult], name: str) -> LevelResult:
    from ..results.model import LevelResult

    stands = standing(checks, results, own=name)
    return LevelResult(
        means=means,
        outcome=stands.outcome,
        blocking=stands.blocking,
        selected=stands.selected,
        of=stands.of,
        checks={str(outcome): n for outcome, n in stands.counts.items()},
    )
