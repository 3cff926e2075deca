"""badge.json, after the endpoint schema of shields.io."""

from __future__ import annotations

from collections.abc import Mapping

from ..judging.levels import LEVEL_WORDS, LEVELS
from ..judging.verdict import Verdict, verdict_of
from ..results.model import LevelOutcome, RunResults, Word

CORE = frozenset(level.name for level in LEVELS)
"""The levels that a badge names: those that every server can reach."""

COLOUR: Mapping[Word, str] = {
    "conforms": "green",
    "known_failures": "yellow",
    "partial": "lightgrey",
    "nothing_judged": "lightgrey",
    "incomplete": "lightgrey",
    "not_shown": "lightgrey",
    "findings": "red",
    "suite_failed": "red",
}
"""The colour of what every MUST comes to; brighter where strictness is shown, yellow where the run is red."""


def badge(run: RunResults) -> dict[str, str | int]:
    """The badge: what passed at the MUST level, or why there is no such number."""
    verdict = verdict_of(run)
    colour = COLOUR[verdict.musts]
    if verdict.musts == "conforms":
        colour = "yellow" if verdict.exit else "brightgreen" if verdict.strict == "conforms" else colour
    return {
        "schemaVersion": 1,
        "label": "ChatKit conformance",
        "message": _message(run, verdict),
        "color": colour,
    }


def _message(run: RunResults, verdict: Verdict) -> str:
    must, should = verdict.must, verdict.should
    reached = [name for name, level in run.levels.items() if name in CORE and _reached(level.outcome)]
    strict = verdict.strict == "conforms"
    of = f"/{verdict.of}" if verdict.of else ""
    return {
        "conforms": f"conforms, strict ({must.kept + should.kept})" if strict else f"conforms ({must.kept} MUST)",
        "known_failures": f"no worse than baseline ({must.expected} known failure{'s' * (must.expected != 1)})",
        "partial": f"judged in part ({verdict.selected}{of} checks)",
        "nothing_judged": "not judged",
        "incomplete": "cut short",
        "not_shown": f"not shown ({must.kept}/{must.judged} MUST)",
        "findings": f"{must.kept}/{must.judged} MUST" + (f", reaches {', '.join(reached)}" if reached else ""),
        "suite_failed": "the suite failed",
    }[verdict.musts]


def _reached(outcome: LevelOutcome) -> bool:
    words = LEVEL_WORDS.get(outcome)
    return words is not None and words.tone == "ok"
