"""What is kept of an answer that was left: what breaks its check, and what is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Transcript
from tests.suites.build import added, answer, asked, create, delta, get, said, say, transcript, user


def left(*kept: str) -> Transcript:
    """An answer that was left after it had begun, and what a reading shows of it."""
    begun = [added(said("a1", "")), *(delta("a1", text) for text in kept if text.strip())]
    rows = [user("u-left", asked("Yes?", "left")), *(said("a1", text) for text in kept)]
    replies = [create("left", "Yes?", begun, ended="left"), get("back", rows)]
    return transcript("left", replies)


def said_nothing() -> Transcript:
    """An answer without a word that was finished in its stream, and is read back as it was."""
    turns = [create("left", "Yes?", [], ended="left"), say("next", "And?", answer("a2", ""))]
    rows = [user("u-left", asked("Yes?", "left")), user("u-next", asked("And?", "next")), said("a2", "")]
    return transcript("said_nothing", [*turns, get("back", rows)])


BREAKS: Mapping[str, list[Transcript]] = {
    "persistence.no-empty-answer": [left(""), left("  ")],
}


def sound_kept() -> list[Transcript]:
    """The words that had been said; nothing at all; an answer that was finished without a word."""
    found = [left("Yes, and"), left(), said_nothing()]
    return [replace(t, exchange=f"{t.exchange}_{n}") for n, t in enumerate(found, 1)]
