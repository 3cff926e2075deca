"""A run made fit to show: most of its text came from the server, so all of it is cut and cleaned here, at the border.

What lies behind may be shown as it is (the templates escape it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from ..results.model import RunResults
from .plain import line, plain

ONE_LINE: Mapping[str, int] = {
    "area": 24,
    "blocking": 100,
    "capability": 40,
    "checks": 100,
    "command": 200,
    "criteria": 12,
    "dialect": 40,
    "evidence": 300,
    "exchange": 80,
    "id": 100,
    "judged": 80,
    "name": 200,
    "reply": 80,
    "repro": 600,
    "root": 100,
    "source": 160,
    "started": 40,
    "target": 60,
    "unit": 20,
    "url": 160,
    "versions": 120,
}
"""Keys of results.json whose texts stand on one line, and how many characters of each are kept."""

TEXTS: Mapping[str, int] = {
    "cause": 800,
    "clause": 300,
    "expected": 700,
    "fix": 800,
    "got": 900,
    "how": 500,
    "means": 200,
    "reason": 1200,
    "requirement": 600,
    "stopped": 1200,
    "warnings": 600,
}
"""The same of those that may have several."""

OTHER = 400
"""Characters kept of what neither table names."""

WHOLE = 5000
"""Characters above which a command is left out: half of one is none."""

MOST: Mapping[str, int] = {"blocking": 40, "warnings": 40, "levels": 40, "checks": 40, "criteria": 9, "evidence": 24}
"""Entries kept of what can be long and is only named. Findings are cut where they are shown."""

T = TypeVar("T")


def fit_to_show(run: RunResults) -> RunResults:
    """The run with every text cut to a length and without what hides or turns other text."""
    return _fitted(run, "")


def _fitted(value: T, key: str) -> T:
    return _fit(value, key)  # type: ignore[no-any-return]  # each kind of value is given back as its own kind


def _fit(value: Any, key: str) -> Any:
    if isinstance(value, str):
        if key == "curl":
            return plain(value, WHOLE) if len(value) <= WHOLE else ""
        return line(value, ONE_LINE[key]) if key in ONE_LINE else plain(value, TEXTS.get(key, OTHER))
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _fit(part, name) for name, part in value})
    if isinstance(value, tuple):
        return tuple(_fit(part, key) for part in value[: MOST.get(key)])
    if isinstance(value, dict):
        return {line(name, 40): _fit(part, key) for name, part in list(value.items())[: MOST.get(key)]}
    return value
