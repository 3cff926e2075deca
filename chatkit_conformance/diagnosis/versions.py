"""Versions that break together: the one table, versions.json, for the audit of a source tree and for the doctor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from .diagnosis import Diagnosis

LOOKED_AT = ("openai-chatkit", "openai-agents", "openai", "pydantic", "starlette", "fastapi", "litellm", "google-genai")
"""Packages whose versions are told of a Python server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two packages, and which versions of the other do not go with which of the first.

    Args:
        why: what is known, with its source. instead: what goes with the first.
        shows: the turn that fails where only the stock parts break; "" where the packages themselves declare it.
    """

    registry: Literal["PyPI", "npm"]
    package: str
    versions: str
    other: str
    clashes: str
    why: str
    instead: str
    shows: str = ""

    def between(self, first: Version, other: Version) -> bool:
        """Whether these two versions are of the kind."""
        return first in SpecifierSet(self.versions) and other in SpecifierSet(self.clashes)


@cache
def clashes() -> tuple[Clash, ...]:
    """Every row of versions.json."""
    table = json.loads(Path(__file__).with_name("versions.json").read_text(encoding="utf-8"))
    return tuple(Clash(**row) for row in table["clashes"])


def clash_of(installed: Mapping[str, str], *, shows: str = "") -> Diagnosis | None:
    """The first pair that breaks, of those that are installed.

    Args:
        installed: version by package, such as `LOOKED_AT`. shows: the turn that failed; "" for what the packages
            declare themselves.
    """
    for row in clashes():
        if row.registry == "PyPI" and row.shows == shows and _broken(row, installed):
            first, other = (f"{name} {installed[name]}" for name in (row.package, row.other))
            return Diagnosis(
                id="versions",
                says=f"{other} does not go with {first}: {row.why}.",
                do=f"Type: pip install '{row.instead}'",
            )
    return None


def _broken(row: Clash, installed: Mapping[str, Any]) -> bool:
    try:
        return row.between(Version(installed[row.package]), Version(installed[row.other]))
    except (KeyError, InvalidVersion):
        return False


def told(installed: Mapping[str, str]) -> Iterator[str]:
    """What is installed, in words, the packages that matter most first."""
    return (f"{name} {installed[name]}" for name in LOOKED_AT if name in installed)
