"""Kinds of turns: what the user says, and what the model is scripted to answer. Pure tables.

A nonce of a kind begins with the kind's prefix, so that the stand-in is told each script once and not per turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..script import Step, calls, reply
from ..target.target import ROLES

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"

WORDS = (
    "Here is what I found for you. Your list has three things that are due this week, and two of them can be done in "
    "one go: call the plumber about the kitchen, and pick up the parcel on the way home. I would leave the tax form "
    "for Saturday, when the office is closed and nobody writes to you. "
)
"""A model's answer, repeated to the length wanted."""

TITLE = "Buy milk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the scripted model speaks: seconds to its first token and between chunks, characters of each and in all."""

    first_s: float = 1.1
    gap_s: float = 0.09
    chunk_chars: int = 72
    answer_chars: int = 2300

    @property
    def answer_s(self) -> float:
        """Seconds from the request to the end of an answer."""
        return self.first_s + self.gap_s * (-(-self.answer_chars // self.chunk_chars) - 1)


PACES: Mapping[str, Pace] = {
    "gemini": Pace(),
    "quick": Pace(first_s=0.2, gap_s=0.02, chunk_chars=40, answer_chars=800),
    "dense": Pace(first_s=0.2, gap_s=0.01, chunk_chars=40, answer_chars=2000),
    "instant": Pace(first_s=0.0, gap_s=0.0, chunk_chars=40, answer_chars=200),
}
"""gemini: first token 1.1 s (the median of native gemini-2.5-flash streams), chunks of 18 tokens at about 200 tokens a
second, answers of 4 s. quick: 20 chunks in 0.4 s. dense: 50 chunks 10 ms apart, more than any model sends, to
find the generator's own limit. instant: no waiting."""


def answer_text(chars: int) -> str:
    """An answer of that many characters."""
    return (WORDS * (chars // len(WORDS) + 1))[:chars].rstrip() or "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of turn.

    Args:
        name: as reports call it. prefix: how its nonces begin. said: the user's message.
        roles: tools that the model calls, one a round, before it answers.
    """

    name: str
    prefix: str
    said: str
    roles: tuple[str, ...] = ()

    def script(self, pace: Pace, tool_call: Callable[..., dict[str, Any]]) -> list[Step]:
        """The model's steps. `tool_call(role, **facts)` makes a call in the server's own names."""
        made = [calls(tool_call(role, **FACTS.get(role, {})), first_s=pace.first_s, gap_s=0.0) for role in self.roles]
        text = answer_text(pace.answer_chars)
        return [*made, reply(text, chunk_chars=pace.chunk_chars, first_s=pace.first_s, gap_s=pace.gap_s)]

    def nonce(self, number: int) -> str:
        """The nonce of the turn with that number (below 36 to the 8th for a prefix of four)."""
        digits = ""
        while number:
            number, rest = divmod(number, len(ALPHABET))
            digits = ALPHABET[rest] + digits
        return self.prefix + digits.rjust(12 - len(self.prefix), "0")


FACTS: Mapping[str, Mapping[str, Any]] = {
    "create": {"title": TITLE},
    "update": {"id": "$last.id", "new_title": "Buy oat milk"},
    "complete": {"id": "$last.id"},
    "delete": {"id": "$last.id"},
}
"""What a call tells of each role; the stand-in fills in the id that the server gave."""

_AFTER_CREATE = ("update", "delete", "complete", "bulk-complete", "bulk-delete")

_ASKED = {
    "create": "Please put milk on my list",
    "read": "What is on my list?",
    "update": "Put milk on my list, oat milk to be exact",
    "delete": "Put milk on my list. No, take it off again",
    "complete": "Note down that I bought milk, it is done",
    "bulk-complete": "Add milk and then mark everything as done",
    "bulk-delete": "Add milk, then clear my whole list",
}

TALK = Kind(name="talk", prefix="zqta", said="What should I do first this week?")

TOOL_KINDS: Mapping[str, Kind] = {
    role: Kind(
        name=f"tool:{role}",
        prefix=f"zqt{n}",
        said=_ASKED[role],
        roles=("create", role) if role in _AFTER_CREATE else (role,),
    )
    for n, role in enumerate(ROLES, 1)
}
"""One for each of the seven tools; those that need a task to work on create it first."""

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (TALK, *TOOL_KINDS.values())}
