"""Levels of conformance: what a server can be said to be, each a set of checks.

A server reaches a level when every MUST check of it was judged and none failed; it reaches it strictly when the same
is true of its SHOULD checks. A check that needs a capability belongs to that capability's level, all others to the
levels whose patterns they fit. A level of which only a part was selected is never reached: it is `partial`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..check import MUST, Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level.

    Args:
        name: what it is called. means: what a server that reaches it does, one sentence. checks: globs over ids.
    """

    name: str
    means: str
    checks: tuple[str, ...]


LEVELS = (
    Level(
        name="core",
        means="Threads, turns and users are right, and the model is Gemini.",
        checks=(
            "protocol.*",
            "security.*",
            "gemini.*",
            "migration.*",
            "latency.thread-*",
            "latency.list",
            "latency.reload",
            "stream.turn-*",
            "stream.one-answer-item",
            "stream.answer-from-model",
            "stream.user-message-*",
            "persistence.second-turn-works",
            "persistence.third-turn-works",
        ),
    ),
    Level(
        name="streaming",
        means="Answers stream, event by event, as ChatKit's client reads them.",
        checks=("stream.*", "latency.first-token*", "latency.own-share"),
    ),
    Level(
        name="tools",
        means="The model's tools run, are shown, and their results go back to it.",
        checks=("tools.*", "latency.tool-*"),
    ),
    Level(
        name="persistence",
        means="What the user saw is what a reload shows.",
        checks=("persistence.*",),
    ),
    Level(
        name="robust",
        means="What goes wrong is told, and the next turn works.",
        checks=("errors.*", "gemini.call-cancelled-on-disconnect"),
    ),
)
"""The levels that every server can reach, in the order in which reports show them."""


def levels_of(check: Check) -> tuple[str, ...]:
    """The levels that a check belongs to: its capability's, else those whose patterns it fits, else its area's."""
    if check.capability:
        return (check.capability,)
    fitting = tuple(level.name for level in LEVELS if any(fnmatchcase(check.id, glob) for glob in level.checks))
    return fitting or (check.area.replace("-", "_"),)


def levels_json(rows: Iterable[Mapping[str, Any]], known: Iterable[Check]) -> dict[str, dict[str, Any]]:
    """Each level as results.json holds it.

    Its `outcome` is one of strict (MUST and SHOULD hold), reached (MUST holds), missed (a MUST failed), not_shown (a
    MUST could not be tested), partial (not all of its MUST checks were in the run), absent (it does not apply).
    `blocking` are the ids that stand in its way; `checks` counts the outcomes.

    Args:
        rows: results. known: all checks that there are.
    """
    results = {row["id"]: row for row in rows}
    members: dict[str, list[Check]] = {level.name: [] for level in LEVELS}
    for check in known:
        for name in levels_of(check):
            members.setdefault(name, []).append(check)
    means = {level.name: level.means for level in LEVELS}
    return {
        name: {"means": means.get(name, f"The capability {name}, where the server has it."), **_told(checks, results)}
        for name, checks in members.items()
        if any(check.id in results for check in checks)
    }


def _told(checks: list[Check], results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    outcomes = {check.id: str(results[check.id]["outcome"]) for check in checks if check.id in results}
    must = [check.id for check in checks if check.level == MUST]
    blocking = [id for id in must if outcomes.get(id, "passed") not in ("passed", "not_applicable")]
    rest = [id for id in outcomes if outcomes[id] not in ("passed", "not_applicable")]
    if outcomes and set(outcomes.values()) == {"not_applicable"}:
        outcome = "absent"
    elif blocking:
        outcome = "not_shown" if {outcomes[id] for id in blocking} <= {"untestable", "error"} else "missed"
    elif any(id not in outcomes for id in must):
        outcome = "partial"
    else:
        outcome = "reached" if rest or len(outcomes) < len(checks) else "strict"
    return {
        "outcome": outcome,
        "blocking": blocking or rest,
        "selected": len(outcomes),
        "of": len(checks),
        "checks": dict(Counter(outcomes.values())),
    }
