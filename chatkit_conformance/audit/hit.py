"""One place in a source tree that a rule is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Weight = Literal["error", "warning", "note"]
"""error: decides a criterion or breaks the program. warning: to be looked at. note: told, and counts nowhere."""

WEIGHTS: tuple[Weight, ...] = ("error", "warning", "note")
"""From the heaviest."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Spot:
    """A place in a file: its path from the tree's root, and its line and column, both from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What was found at one place.

    Args:
        rule: the rule's id, a key of RULES. said: what stands there, one sentence. fix: what to do about this one.
        weight: the rule's own, or a lighter one, e.g. in a test.
    """

    rule: str
    spot: Spot
    said: str
    weight: Weight
    fix: str = ""


def address(url: str) -> str:
    """A URL as it is shown: without a user's name and password, and without its query, where tokens stand."""
    bare = re.sub(r"//[^/@\s]*@", "//", url.strip())
    return re.split(r"[?#]", bare, maxsplit=1)[0][:80]


def in_order(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Each hit once a line and rule, the heaviest first, then by rule and place."""
    kept: dict[tuple[str, str, int], Hit] = {}
    for hit in hits:
        key = (hit.rule, hit.spot.path, hit.spot.line)
        held = kept.get(key)
        if held is None or WEIGHTS.index(hit.weight) < WEIGHTS.index(held.weight):
            kept[key] = hit
    return tuple(sorted(kept.values(), key=lambda h: (WEIGHTS.index(h.weight), h.rule, h.spot)))
