"""Which checks failed when they were last judged, over several runs into one folder: last-failed.json.

As pytest's own cache has it: a run of a few checks changes what is known of these, and of no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from gemini_standin.given_file import read_given_text

from .model import CheckResult
from .outcome import OUTCOMES, Outcome
from .writing import write_whole

NAME = "last-failed.json"

COUNTED: frozenset[Outcome] = frozenset(name for name, words in OUTCOMES.items() if words.breach)
"""Outcomes of a check that is worth judging first."""


def last_failed(folder: Path) -> frozenset[str]:
    """Their ids; none where nothing is known."""
    try:
        ids = json.loads(read_given_text(folder / NAME))
    except (OSError, ValueError, RecursionError):
        return frozenset()
    return frozenset(id for id in ids if isinstance(id, str)) if isinstance(ids, list) else frozenset()


def note_failed(folder: Path, rows: Iterable[CheckResult]) -> None:
    """Write down what these results change. Raises CannotWrite."""
    judged = tuple(rows)
    failed = {row.id for row in judged if row.outcome in COUNTED}
    still = last_failed(folder) - {row.id for row in judged} | failed
    write_whole(folder / NAME, json.dumps(sorted(still), indent=1))
