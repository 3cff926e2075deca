"""The levels of conformance as results.json tells them, in words and colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .outcome import Tone
from .plain import line

WORDS: Mapping[str, tuple[str, Tone, str]] = {
    "strict": ("reached, to the letter", "ok", "✓"),
    "reached": ("reached", "ok", "✓"),
    "missed": ("missed", "bad", "✕"),
    "not_shown": ("not shown", "unsure", "?"),
}
"""Outcome -> how it reads. A level that is absent, or of which only a part was selected, is not shown at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One level: its name, what it means, how it came out, and which checks stand in its way."""

    name: str
    means: str
    word: str
    tone: Tone
    sign: str
    blocking: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the server reaches it."""
        return self.tone == "ok"


def levels_of(value: object) -> tuple[Reached, ...]:
    """The levels that are to be shown. `value`: `levels` of results.json."""
    found = []
    for name, told in value.items() if isinstance(value, dict) else ():
        word = WORDS.get(str(told.get("outcome"))) if isinstance(told, dict) else None
        if word is not None:
            listed = told.get("blocking")
            blocking = tuple(line(id, 100) for id in listed[:40]) if isinstance(listed, list) else ()
            found.append(
                Reached(
                    name=line(name, 40).replace("_", " "),
                    means=line(told.get("means"), 200),
                    word=word[0],
                    tone=word[1],
                    sign=word[2],
                    blocking=blocking,
                )
            )
    return tuple(found[:40])
