"""The audit of one source tree or two: hits, lines removed, and what both say of three success criteria."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..judging.criteria import CRITERIA, LIMITS
from ..results.model import CriterionOutcome, CriterionResult
from .code_lines import RULER
from .find_chatkit import find_chatkit
from .find_leftovers import find_leftovers
from .find_openai import find_openai
from .find_versions import find_versions
from .find_websocket import find_websocket
from .hit import Hit, Weight, in_order
from .project import Project
from .reading import read_tree
from .removal import Removal, removal
from .rules import RULES

SHOWN = 20
"""Places that a criterion names as its evidence; JSON and SARIF have all."""

SUSPICIOUS = re.compile(r"web_?socket|socket\.?io|\bwss?://|\bchannels\b|flask_sock", re.IGNORECASE)
"""Words without which a file that does not parse can hold no WebSocket code."""

OPENAI_WORDS = re.compile(r"openai|\bagents\b|gpt-|chatkit", re.IGNORECASE)
"""Words without which a file that does not parse can hold nothing of OpenAI's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found.

    Args:
        before, after: what was typed; before is "" where one tree was judged. as_of: the day for retirements.
        hits: the heaviest first. removed: None where one tree was judged. notes: what was not read or judged, and why.
        unread: files that do not parse and name WebSocket or OpenAI, by the criterion that they leave open.
    """

    before: str
    after: str
    as_of: date
    hits: tuple[Hit, ...]
    removed: Removal | None
    notes: tuple[str, ...]
    unread: tuple[tuple[str, str], ...]
    files: int

    @property
    def command(self) -> str:
        """The command that makes it again."""
        words = [self.before, self.after] if self.before else [self.after]
        return shlex.join(["chatkit-conformance", "audit", *words, "--as-of", self.as_of.isoformat()])

    def of(self, criterion: str, weight: Weight = "error") -> tuple[Hit, ...]:
        """The hits of one weight whose rule bears on a criterion."""
        return tuple(h for h in self.hits if RULES[h.rule].criterion == criterion and h.weight == weight)

    def counted(self, weight: Weight) -> int:
        """How many hits weigh so much."""
        return sum(hit.weight == weight for hit in self.hits)

    @property
    def criteria(self) -> tuple[CriterionResult, ...]:
        """SC-003 as far as source tells it, SC-004 and SC-006."""
        return (self._places("SC-003"), self._places("SC-004"), self._lines())

    def exit_code(self, *, strict: bool = False) -> int:
        """0 where nothing is wrong, 1 where a criterion is not met, or a hit is an error (or a warning, if strict)."""
        bad = any(c.outcome in ("missed", "untestable") for c in self.criteria)
        return int(bad or bool(self.counted("error")) or (strict and bool(self.counted("warning"))))

    def _places(self, id: str) -> CriterionResult:
        hits = self.of(id)
        places = [str(spot) for spot in dict.fromkeys(hit.spot for hit in hits)]
        lines = list(dict.fromkeys(places))
        unread = [said for criterion, said in self.unread if criterion == id]
        outcome: CriterionOutcome = "missed" if lines else "untestable" if unread else "met"
        how = "Read from source: Python by its syntax tree, scripts with tree-sitter, configuration and packages."
        if id == "SC-003":
            how = f"{how} It counts places that name or lead to what is not Gemini."
        read = f"{self.files} files of {self.after} were read"
        return _row(id, len(lines), "places", outcome, how, self.command, [read, *_cut(lines), *unread])

    def _lines(self) -> CriterionResult:
        if self.removed is None:
            how = "Not measured: it needs two trees, BEFORE and AFTER."
            return _row("SC-006", None, "lines", "not_measured", how, self.command, [])
        r = self.removed
        outcome: CriterionOutcome = "met" if r.fewer >= LEAST else "missed"
        evidence = [
            f"{r.before:,} lines of code before, {r.after:,} after: {r.gone:,} gone, {r.new:,} new"
            + (f", {r.hidden:,} only moved out of the count" if r.hidden else "")
        ]
        evidence += [f"{f.path}: {f.lines:,} lines {f.fate}{' to ' + f.to if f.to else ''}" for f in r.files[:SHOWN]]
        return _row("SC-006", r.fewer, "lines", outcome, RULER, self.command, evidence)

    def to_json(self) -> dict[str, Any]:
        """It as JSON values."""
        return {
            "schema": 1,
            "command": self.command,
            "before": self.before or None,
            "after": self.after,
            "as_of": self.as_of.isoformat(),
            "files": self.files,
            "criteria": [criterion.to_json() for criterion in self.criteria],
            "hits": [
                {
                    "rule": hit.rule,
                    "criterion": RULES[hit.rule].criterion or None,
                    "weight": hit.weight,
                    "path": hit.spot.path,
                    "line": hit.spot.line,
                    "column": hit.spot.column,
                    "said": hit.said,
                    "fix": hit.fix or RULES[hit.rule].fix,
                }
                for hit in self.hits
            ],
            "lines": None if self.removed is None else _lines_json(self.removed),
            "notes": [*self.notes],
        }


LEAST = LIMITS["SC-006"] or 0.0
"""Lines that SC-006 asks to be gone."""


def audit(trees: Sequence[str], *, as_of: date, repository: Path) -> Audit:
    """Judge one tree (AFTER), or two (BEFORE, AFTER).

    Raises:
        ConfigError: one of them is neither a folder nor a git ref, or cannot be read.
    """
    read = [Project(read_tree(name, repository)) for name in trees]
    after = read[-1]
    hits = [*find_websocket(after), *find_openai(after, as_of), *find_chatkit(after), *find_versions(after)]
    removed = None
    if len(read) > 1:
        hits += find_leftovers(read[0], after)
        removed = removal(read[0].tree, after.tree)
    return Audit(
        before=trees[0] if len(read) > 1 else "",
        after=trees[-1],
        as_of=as_of,
        hits=in_order(hits),
        removed=removed,
        notes=(*after.tree.notes, *_troubles(after)),
        unread=tuple(_unread(after)),
        files=len(after.tree.files),
    )


def _troubles(project: Project) -> list[str]:
    said = [f"does not parse: {facts.trouble}" for file, facts in project.read if facts.trouble and file.own]
    return said[:SHOWN] + ([f"{len(said) - SHOWN} more files do not parse"] if len(said) > SHOWN else [])


def _unread(project: Project) -> Iterable[tuple[str, str]]:
    """Python files that do not parse at all, with words for which they ought to be read."""
    for file, facts in project.own:
        if facts.trouble and file.suffix in (".py", ".pyw"):
            for criterion, words in (("SC-004", SUSPICIOUS), ("SC-003", OPENAI_WORDS)):
                if words.search(file.text):
                    yield criterion, f"not read: {facts.trouble}"


def _row(
    id: str, figure: int | None, unit: str, outcome: CriterionOutcome, how: str, command: str, evidence: list[str]
) -> CriterionResult:
    named = next(c for c in CRITERIA if c.id == id)
    return CriterionResult(
        id=id,
        name="What is not Gemini's, in source" if id == "SC-003" else named.name,
        target="none" if unit == "places" else named.target,
        unit=unit,
        figure=figure,
        outcome=outcome,
        how=how,
        command=command,
        evidence=tuple(evidence),
    )


def _cut(lines: list[str]) -> list[str]:
    return lines[:SHOWN] + ([f"and {len(lines) - SHOWN} more places"] if len(lines) > SHOWN else [])


def _lines_json(r: Removal) -> dict[str, Any]:
    return {
        "ruler": RULER,
        "fewer": r.fewer,
        "before": r.before,
        "after": r.after,
        "gone": r.gone,
        "new": r.new,
        "moved_out_of_the_count": r.hidden,
        "languages": {name: {"before": c.before, "after": c.after} for name, c in r.languages.items()},
        "folders": {name: {"before": c.before, "after": c.after} for name, c in r.folders.items()},
        "files": [{"path": f.path, "lines": f.lines, "fate": f.fate, "to": f.to or None} for f in r.files],
        "not_counted": {name: {"before": c.before, "after": c.after} for name, c in r.uncounted.items()},
    }
