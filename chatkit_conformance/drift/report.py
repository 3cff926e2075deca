"""Drift as a person reads it, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .compare import ShapeChange

COMPAT = "reference_server/gemini_compat/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a comparison found.

    Args:
        source: what was looked at. profile: what it was compared with. answers: how many. facts: how many in all.
        changes: what is not as the profile or a live recording has it. notes: what the profile allows and no cassette
        from the stand-in shows. models: where the model list and ours disagree. warnings: retirements near and past.
    """

    source: str
    profile: str
    answers: int
    facts: int
    changes: tuple[ShapeChange, ...]
    notes: tuple[ShapeChange, ...] = ()
    models: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool:
        """Whether anything is not as it was. A note is no drift, and neither is a warning."""
        return bool(self.changes or self.models)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "schema": 1,
            "source": self.source,
            "profile": self.profile,
            "answers": self.answers,
            "facts": self.facts,
            "drifted": self.drifted,
            "changes": [change.to_json() for change in self.changes],
            "notes": [change.to_json() for change in self.notes],
            "models": list(self.models),
            "warnings": list(self.warnings),
        }


def as_json(report: Report) -> str:
    """The report as JSON text."""
    return json.dumps(report.to_json(), indent=2, ensure_ascii=False)


def as_text(report: Report) -> str:
    """The report as lines."""
    head = f"{report.source}: {report.answers} answers, {report.facts} facts, compared with profile {report.profile}"
    lines = [head, ""]
    for change in report.changes:
        lines += _change(change)
    lines += [f"note: {n.fact} in {n.answer} is {n.got!r}: allowed, but in no cassette" for n in report.notes]
    lines += [f"model list: {line}" for line in report.models]
    lines += [f"warning: {line}" for line in report.warnings]
    count = len(report.changes) + len(report.models)
    lines.append(f"{count} changed" if count else "nothing changed")
    return "\n".join(lines)


def _change(change: ShapeChange) -> Sequence[str]:
    known = " or ".join(repr(value) for value in change.known) or "never there"
    return (
        f"{change.fact}: {change.means}",
        f"    known ({change.against}): {known}",
        f"    now in {change.answer}: {change.got!r}",
        f"    checks that depend on it: {', '.join(change.checks) or 'none'}",
        f"    compat modules that depend on it: {', '.join(COMPAT + module for module in change.compat) or 'none'}",
        "",
    )
