"""People: who uses a chat, and how. Weights in one table; what they say is in kinds.py. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..target.config_error import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class UserProfile:
    """How one sort of person behaves.

    Args:
        weight: how many of them there are, against the others. story: one line for the report.
        turns: turns in a thread before the next one is begun. tools: whether turns call tools, all seven in rotation.
        reads: reads history instead of writing. tabs: tabs of the same user; the second reloads while the first waits.
        leave_after: text deltas after which the person leaves, 0 for who stays.
        pause_s: the least mean pause in seconds between two steps, whatever the load's own pause is.
    """

    weight: float
    story: str
    turns: int = 1
    tools: bool = False
    reads: bool = False
    tabs: int = 1
    leave_after: int = 0
    pause_s: float = 0.0


# A reader's pause: no model keeps them waiting, and without one the six readers of a hundred people asked six hundred
# times a second, and were all that was measured.
PEOPLE: Mapping[str, UserProfile] = {
    "newcomer": UserProfile(weight=40, story="opens a new chat and asks one thing"),
    "regular": UserProfile(weight=25, story="keeps a long thread, six turns", turns=6),
    "doer": UserProfile(weight=20, story="uses all seven tools in rotation", turns=3, tools=True),
    "reader": UserProfile(weight=6, story="lists threads and pages through history", reads=True, pause_s=1.0),
    "two-tabs": UserProfile(weight=5, story="has a second tab that reloads during an answer", turns=3, tabs=2),
    "leaver": UserProfile(weight=4, story="disconnects in the middle of an answer", leave_after=3),
}


def weights_of(text: str) -> dict[str, float]:
    """The weights that a text such as `newcomer=3,doer=1` tells; the table's own where it is empty.

    Raises:
        ConfigError: an unknown name, or no number.
    """
    if not text:
        return {name: profile.weight for name, profile in PEOPLE.items()}
    made: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = part.strip().partition("=")
        if name not in PEOPLE:
            raise ConfigError(f"--people: no {name!r}; there are {', '.join(PEOPLE)}.")
        try:
            made[name] = float(number) if equals else 1.0
        except ValueError:
            raise ConfigError(f"--people: {part!r} is not NAME=WEIGHT.") from None
    if not all(weight >= 0 for weight in made.values()) or not any(made.values()):
        raise ConfigError(f"--people {text!r}: weights must be 0 or more, and at least one above 0.")
    return made
