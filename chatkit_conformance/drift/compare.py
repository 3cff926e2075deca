"""What changed: the facts of an answer against a profile, and against what the cassettes show. Pure."""

from __future__ import annotations

import json
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


@cache
def data() -> dict[str, Any]:
    """facts.json: the facts, what every profile has in common, the profiles."""
    text = Path(__file__).with_name("facts.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def profile(name: str) -> dict[str, list[str]]:
    """The values that a profile allows, by fact. Raises KeyError."""
    return {**data()["every"], **data()["profiles"][name]["shape"]}


def profile_for(model: str) -> str:
    """The profile that a model of this name is expected to have: the newest where none is its own."""
    bare = model.removeprefix("models/")
    rows = data()["profiles"].items()
    fitting = (str(n) for n, row in rows if bare.startswith(tuple(row["models"])))
    return next(fitting, str(next(iter(data()["profiles"]))))


def nearest_profile(answers: Mapping[str, Facts]) -> str:
    """The profile from which these answers differ least."""
    names: list[str] = list(data()["profiles"])
    return min(names, key=lambda name: len(changes(answers, profile(name), name)))


def changes(answers: Mapping[str, Facts], known: Allowed, against: str) -> list[ShapeChange]:
    """Every fact whose value is not among those that are known; a fact that is not known at all is let be.

    Args:
        answers: the facts of each answer, by its name.
    """
    rows = data()["facts"]
    return [
        ShapeChange(
            fact=fact,
            means=rows.get(fact, {}).get("means", ""),
            known=tuple(known[fact]),
            got=value,
            answer=answer,
            against=against,
            checks=tuple(rows.get(fact, {}).get("checks", ())),
            compat=tuple(rows.get(fact, {}).get("compat", ())),
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
