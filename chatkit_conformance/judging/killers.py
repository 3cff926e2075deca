"""What kills a check: the mutants that it catches, as the published kill matrix tells."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from .aliases import current

NAME = "kill-matrix.json"


@cache
def matrix_path() -> Path | None:
    """The kill matrix: inside the package in a wheel, in `reports` in a checkout; None where it was not published."""
    here = Path(__file__).resolve().parents[1]
    places = (here / NAME, here.parent / "reports" / NAME)
    return next((place for place in places if place.is_file()), None)


def killers(id: str) -> list[str] | None:
    """Names of the mutants that this check catches; None where no matrix can be read."""
    path = matrix_path()
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["mutants"] if path else None
        if rows is None:
            return None
        killing = [row for row in rows if not row["near_miss"] and id in map(current, row["killed_by"])]
        return sorted(str(row["name"]) for row in killing)
    except (OSError, ValueError, KeyError, TypeError):
        return None
