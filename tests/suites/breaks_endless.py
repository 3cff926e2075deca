"""A model that goes on without an end, in tools or in silence: what breaks the checks of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatkit_conformance.transcript import Transcript
from tests.suites.build import ERROR, added, called, create, delta, done, item, said, sent, transcript

PARTIAL = "This answer has only"


def endless_tools(rounds: int, *, answered: bool = False) -> Transcript:
    """The model wants one more tool so many times; then the server ends the turn, or the model does."""
    made = [
        called(
            "turn", n=n, position=n, at=1.0 + n, fault="endless-tools", sent=sent("", (f"c{n}", "list_tasks", {}), at=n)
        )
        for n in range(rounds)
    ]
    last: list[Any] = [added(said("a1", "Enough.")), delta("a1", "Enough.")] if answered else [ERROR]
    return transcript(f"moves_of_{rounds}_rounds", [create("turn", "What is open?", last)], made)


def too_slow(rounds: int) -> Transcript:
    """The turn's time is over after so many rounds, of which each took 2.7 seconds."""
    made = [
        called(
            "turn", n=n, position=n, at=2.7 * n, fault="endless-tools", sent=sent("", (f"c{n}", "list_tasks", {}), at=n)
        )
        for n in range(rounds)
    ]
    steps = [done(item("task", f"t{n}", task={"type": "custom", "title": "Listing"})) for n in range(rounds)]
    turn = create("turn", "What is open?", steps, ended="deadline", sent_at=0.0, ended_at=2.7 * rounds)
    return transcript(f"moves_of_{rounds}_slow_rounds", [turn], made)


def silence(ended_at: float, **more: Any) -> Transcript:
    """The model falls silent a second after the turn began; the turn ends then."""
    turn = create("silent", "Tell me.", [added(said("a1", "")), delta("a1", PARTIAL), ERROR], ended_at=ended_at, **more)
    gone: dict[str, Any] = {"finished_at": None, "gone_at": ended_at}
    call = called("silent", fault="stall", fault_at=1.0, sent=sent(PARTIAL, finish=""), **gone)
    return transcript("model_stays_silent", [turn], [call], silent_s=150.0)


def sound_ends() -> list[Transcript]:
    """The server stops asking after twelve rounds, and waiting after a minute."""
    return [endless_tools(12), silence(61.0)]


def odd_ends() -> list[Transcript]:
    """The server goes on for fifty rounds, or is slow; it lets the model be silent for more than two minutes."""
    return [endless_tools(50), silence(140.0), too_slow(9)]


BREAKS: Mapping[str, list[Transcript]] = {
    "errors.endless-tools-ended": [endless_tools(100), endless_tools(100, answered=True)],
    "errors.silence-ended": [silence(151.5), silence(166.0, ended="deadline")],
}
