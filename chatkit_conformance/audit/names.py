"""The lists of names.json: packages, modules, folders and calls that the audit knows by name."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def names(group: str, list_: str) -> frozenset[str]:
    """One list of names.json."""
    return frozenset(_table()[group][list_])


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    made: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_name("names.json").read_text("utf-8"))
    return made
