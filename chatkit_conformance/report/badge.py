"""badge.json, after the endpoint schema of shields.io."""

from __future__ import annotations

from ..judging.levels import LEVELS
from .run import Run
from .verdict import verdict_of

CORE = frozenset(level.name for level in LEVELS)
"""The levels that a badge names: those that every server can reach."""


def badge(run: Run) -> dict[str, str | int]:
    """The badge: what passed at the MUST level, or why there is no such number."""
    verdict = verdict_of(run)
    must, should = verdict.must, verdict.should
    strict = not (should.breached or should.unsure)
    colours = {"ok": "brightgreen" if strict else "green", "bad": "red", "unsure": "lightgrey"}
    if not run.results:
        message = "not judged"
    elif verdict.tone == "ok":
        message = f"conforms, strict ({must.kept + should.kept})" if strict else f"conforms ({must.kept} MUST)"
    elif verdict.tone == "unsure":
        message = "cut short" if not run.complete else f"not shown ({must.kept}/{must.judged} MUST)"
    else:
        message = f"{must.kept}/{must.judged} MUST"
        reached = [level.name for level in run.levels if level.ok and level.name in CORE]
        message += f", reaches {', '.join(reached)}" if reached else ""
    return {
        "schemaVersion": 1,
        "label": "ChatKit conformance",
        "message": message,
        "color": colours.get(verdict.tone, "lightgrey"),
    }
