"""The harness kills liars and lets near misses pass: real servers, real runs, seven and two.

All of them are judged once, side by side, when the first test asks. The whole table is `python -m mutants.matrix`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mutants.catalogue import MUTANTS
from mutants.matrix import judge_all, line
from mutants.verdict import Verdict

KILLED = (
    "answer-retold",
    "thread-not-announced",
    "id-is-enough",
    "signature-unchecked",
    "history-forgotten",
    "create-tool-pretended",
    "client-call-unstored",
)
"""Lies of every side whose checks need few conversations, one of them the showcase's."""

PASSED = ("odd-crumbs", "odd-short-answers-whole")

MET = "stream.*"
"""What the near misses meet here: they are odd in their streams. The matrix lets them meet every MUST check."""

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow
"""The kill matrix holds all; here the tests of wire, gateway and inside hold what liars are made of."""


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """What the harness says about each of them."""
    with pytest.MonkeyPatch.context() as patch:
        # The mutants are a room of the checkout, never of an installed package.
        patch.chdir(ROOT)
        return {v.name: v for v in asyncio.run(judge_all([MUTANTS[name] for name in (*KILLED, *PASSED)], odd=MET))}


@pytest.mark.parametrize("name", KILLED)
def test_a_liar_is_killed_by_a_check_that_is_named_for_it(name: str, verdicts: dict[str, Verdict]) -> None:
    """The lie is found, and no check fires that judges something unbroken."""
    assert verdicts[name].right, line(verdicts[name])


@pytest.mark.parametrize("name", PASSED)
def test_a_near_miss_passes_what_judges_its_stream(name: str, verdicts: dict[str, Verdict]) -> None:
    """What is odd but right is let through, and a great many checks have looked at its streams."""
    assert verdicts[name].right, line(verdicts[name])
    assert verdicts[name].judged > 30
