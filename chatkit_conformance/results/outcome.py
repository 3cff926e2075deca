"""What can become of a check: its name in results.json, and how terminal, report, badge and JUnit read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Outcome = Literal[
    "passed",
    "failed",
    "warned",
    "untestable",
    "not_applicable",
    "not_judged",
    "expected_failure",
    "unexpected_pass",
    "error",
]

RED: frozenset[Outcome] = frozenset({"failed", "untestable", "unexpected_pass"})
"""Outcomes with which a run does not end 0."""

HELD: frozenset[Outcome] = frozenset({"passed", "unexpected_pass"})
"""Outcomes of a check that was judged and kept, whether the baseline expected it or not."""

UNSHOWN: frozenset[Outcome] = frozenset({"untestable", "error"})
"""Outcomes that say nothing of the server, neither good nor bad."""

UNASKED: frozenset[Outcome] = frozenset({"not_applicable", "not_judged"})
"""Outcomes of a check that was not asked of the server: it has no such thing, or this run does not judge it."""

Absence = Literal["", "declared", "probe", "undeclared"]
"""Why a check was not applicable: its capability was declared absent, a probe found none, or it was not declared and
did not show."""

Tone = Literal["ok", "bad", "warn", "unsure", "off"]
"""Colour families of what is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeWords:
    """How one outcome is shown.

    Args:
        name: the word in results.json. word: the word for people.
        sign: one character that tells it apart without colour. mark: the same in ASCII, for a terminal.
        tone: the colour family. rank: its place among findings, the worst first.
        finding: whether it is shown among the findings. breach: whether it stands against the verdict of its level.
        meaning: one sentence for the legend.
    """

    name: Outcome
    word: str
    sign: str
    mark: str
    tone: Tone
    rank: int
    finding: bool
    breach: bool
    meaning: str


OUTCOMES: Mapping[Outcome, OutcomeWords] = {
    words.name: words
    for words in (
        OutcomeWords(
            name="failed",
            word="failed",
            sign="✕",
            mark="F",
            tone="bad",
            rank=0,
            finding=True,
            breach=True,
            meaning="The server does not meet the requirement.",
        ),
        OutcomeWords(
            name="error",
            word="suite error",
            sign="E",
            mark="E",
            tone="bad",
            rank=1,
            finding=True,
            breach=True,
            meaning="The check itself crashed: a fault of the suite, not of the server.",
        ),
        OutcomeWords(
            name="unexpected_pass",
            word="unexpected pass",
            sign="↑",
            mark="X",
            tone="bad",
            rank=2,
            finding=True,
            breach=True,
            meaning="The baseline expects it to fail and it passed: the baseline's entry is stale.",
        ),
        OutcomeWords(
            name="untestable",
            word="not testable",
            sign="?",
            mark="u",
            tone="unsure",
            rank=3,
            finding=True,
            breach=True,
            meaning="There was not enough evidence. That is not a pass.",
        ),
        OutcomeWords(
            name="warned",
            word="warned",
            sign="!",
            mark="w",
            tone="warn",
            rank=4,
            finding=True,
            breach=True,
            meaning="The server does not follow a recommendation.",
        ),
        OutcomeWords(
            name="expected_failure",
            word="expected failure",
            sign="×",
            mark="x",
            tone="off",
            rank=5,
            finding=True,
            breach=False,
            meaning="It failed as the baseline says it would.",
        ),
        OutcomeWords(
            name="passed",
            word="passed",
            sign="✓",
            mark=".",
            tone="ok",
            rank=6,
            finding=False,
            breach=False,
            meaning="The server meets the requirement.",
        ),
        OutcomeWords(
            name="not_applicable",
            word="does not apply",
            sign="–",
            mark="-",
            tone="off",
            rank=7,
            finding=False,
            breach=False,
            meaning="It needs a capability that was declared absent, or that is not declared and was not found.",
        ),
        OutcomeWords(
            name="not_judged",
            word="not judged",
            sign="○",
            mark="o",
            tone="off",
            rank=8,
            finding=False,
            breach=False,
            meaning="It needs what this run does not have (the model's script or side, a second user), or what the "
            "server does not tell, and need not.",
        ),
    )
}
"""Every outcome of results.json, in the order of `rank`."""
