"""What a run holds, and in which of the model's dialects."""

from __future__ import annotations

import pytest

from chatkit_conformance.judging.catalogue import exchanges
from chatkit_conformance.running.plan import plan_for


@pytest.mark.parametrize("asked", ["", "all", "gemini-2.5"])
def test_what_goes_on_with_the_first_thread_of_a_run_is_held_once(asked: str) -> None:
    """It would take what it said in one dialect for another thread's words in the next."""
    (held,) = plan_for(exchanges(), ["first_thread_again"], dialect=asked).exchanges
    assert len(held[1]) == 1


def test_all_dialects_are_both_families_of_every_other_conversation() -> None:
    """`--dialect all` holds each of them in both."""
    known = exchanges()
    plan = plan_for(known, known, dialect="all")
    assert {len(dialects) > 1 for exchange, dialects in plan.exchanges if not exchange.once} == {True}
