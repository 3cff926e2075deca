"""What changed: the facts of an answer against a profile, and against what the cassettes show. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .shape import Facts

Allowed = Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeChange:
    """One fact that is not as it was.

    Args:
        fact, means: its name, and what it says. known: what was known. got: what came. answer: where.
        against: the profile's name, or "cassettes". checks, compat: what of ours depends on it.
    """

    fact: str
    means: str
    known: tuple[str, ...]
    got: str
    answer: str
    against: str
    checks: tuple[str, ...]
    compat: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The change as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact: what it `means`, and the checks and modules of `compat` that depend on it."""

    means: str = ""
    checks: tuple[str, ...] = ()
    compat: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A family of models: its `story`, how their ids begin (`models`), and its `shape` beside what all share."""

    story: str
    models: tuple[str, ...]
    shape: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactList:
    """facts.json: the facts, the values that `every` profile has in common, and the profiles, the newest first."""

    facts: Mapping[str, Fact]
    every: Mapping[str, tuple[str, ...]]
    profiles: Mapping[str, Profile]


@cache
def fact_list() -> FactList:
    """facts.json."""
    from ..target.text_file import read_as

    return read_as(FactList, Path(__file__).with_name("facts.json"))


def profile(name: str) -> dict[str, tuple[str, ...]]:
    """The values that a profile allows, by fact. Raises KeyError."""
    return {**fact_list().every, **fact_list().profiles[name].shape}


def profile_for(model: str) -> str:
    """The profile that a model of this name is expected to have: the newest where none is its own."""
    bare = model.removeprefix("models/")
    rows = fact_list().profiles
    return next((name for name, row in rows.items() if bare.startswith(row.models)), next(iter(rows)))


def nearest_profile(answers: Mapping[str, Facts]) -> str:
    """The profile from which these answers differ least."""
    return min(fact_list().profiles, key=lambda name: len(changes(answers, profile(name), name)))


def changes(answers: Mapping[str, Facts], known: Allowed, against: str) -> list[ShapeChange]:
    """Every fact whose value is not among those that are known; a fact that is not known at all is let be.

    Args:
        answers: the facts of each answer, by its name.
    """
    rows, unknown = fact_list().facts, Fact()
    return [
        ShapeChange(
            fact=fact,
            means=rows.get(fact, unknown).means,
            known=tuple(known[fact]),
            got=value,
            answer=answer,
            against=against,
            checks=rows.get(fact, unknown).checks,
            compat=rows.get(fact, unknown).compat,
        )
        for answer, facts in answers.items()
        for fact, value in facts.items()
        if fact in known and any(part not in known[fact] for part in value.split(" | "))
    ]


def united(answers: Iterable[Facts]) -> dict[str, list[str]]:
    """What several answers showed together: every value of every fact."""
    made: dict[str, list[str]] = {}
    for facts in answers:
        for fact, value in facts.items():
            seen = made.setdefault(fact, [])
            seen += [part for part in value.split(" | ") if part not in seen]
    return made
