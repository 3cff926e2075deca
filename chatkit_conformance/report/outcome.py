"""What can become of a check, as the report shows it: a word, a sign that reads without colour, and a tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["ok", "bad", "warn", "unsure", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One outcome.

    Args:
        name: the word in results.json. word: the word for people.
        sign: one character that tells it apart without colour.
        tone: the colour family. rank: its place among findings, the worst first.
        finding: whether it is shown among the findings. breach: whether it stands against the verdict of its level.
        meaning: one sentence for the legend.
    """

    name: str
    word: str
    sign: str
    tone: Tone
    rank: int
    finding: bool
    breach: bool
    meaning: str


OUTCOMES = {
    outcome.name: outcome
    for outcome in (
        Outcome(
            name="failed",
            word="failed",
            sign="✕",
            tone="bad",
            rank=0,
            finding=True,
            breach=True,
            meaning="The server broke the requirement.",
        ),
        Outcome(
            name="error",
            word="suite error",
            sign="E",
            tone="bad",
            rank=1,
            finding=True,
            breach=True,
            meaning="The check itself broke: a fault of the suite, not of the server.",
        ),
        Outcome(
            name="unexpected_pass",
            word="unexpected pass",
            sign="↑",
            tone="bad",
            rank=2,
            finding=True,
            breach=True,
            meaning="The baseline expects it to fail and it passed: the baseline's entry is stale.",
        ),
        Outcome(
            name="untestable",
            word="not testable",
            sign="?",
            tone="unsure",
            rank=3,
            finding=True,
            breach=True,
            meaning="There was nothing to judge it by. That is not a pass.",
        ),
        Outcome(
            name="warned",
            word="warned",
            sign="!",
            tone="warn",
            rank=4,
            finding=True,
            breach=True,
            meaning="A recommendation is not followed.",
        ),
        Outcome(
            name="expected_failure",
            word="expected failure",
            sign="×",
            tone="off",
            rank=5,
            finding=True,
            breach=False,
            meaning="It failed as the baseline says it would.",
        ),
        Outcome(
            name="passed",
            word="passed",
            sign="✓",
            tone="ok",
            rank=6,
            finding=False,
            breach=False,
            meaning="Judged, and kept.",
        ),
        Outcome(
            name="not_applicable",
            word="does not apply",
            sign="–",
            tone="off",
            rank=7,
            finding=False,
            breach=False,
            meaning="The server's owner declared that it has no such capability.",
        ),
    )
}
"""Every outcome of results.json, in the order of `rank`."""

UNKNOWN = Outcome(
    name="unknown",
    word="unknown outcome",
    sign="¿",
    tone="unsure",
    rank=3,
    finding=True,
    breach=True,
    meaning="results.json holds an outcome that this report does not know.",
)


def outcome_of(name: str) -> Outcome:
    """The outcome of that name, or UNKNOWN."""
    return OUTCOMES.get(name, UNKNOWN)
