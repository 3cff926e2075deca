"""The mutants that go wrong after a failure, on a retry, with several tools at once, or when the user stops."""

from __future__ import annotations

from . import repeat_lies as lie
from .mutant import Mutant

REPEATS = (
    Mutant(
        name="question-twice-on-retry",
        lie="On a retry the model is sent the question two times.",
        change=lie.asked_twice_on_retry,
        named=("gemini.history-once",),
    ),
    Mutant(
        name="retry-leaves-cards",
        lie="A retry takes the old answer away, and leaves its cards and steps in the thread.",
        change=lie.keep_cards,
        named=("persistence.reload-equals-stream",),
    ),
    Mutant(
        name="second-try-behind-first-words",
        lie="An answer that broke off is asked for again, and begins anew behind the words already shown.",
        change=lie.ask_again,
        named=("errors.nothing-invented",),
    ),
    Mutant(
        name="no-tools-after-failure",
        lie="Once an answer has failed, its thread goes on without tools.",
        change=lie.without_tools_after,
        named=("tools.still-declared",),
    ),
    Mutant(
        name="one-failure-told-for-all",
        lie="When one of several tools fails, the model is told that all of them did.",
        change=lie.fail_together,
        named=("tools.done-not-told-failed",),
    ),
    Mutant(
        name="third-call-forgotten",
        lie="Of three tools that the model calls at once, two are run.",
        change=lie.two_calls,
        named=("tools.five-calls-at-once",),
    ),
    Mutant(
        name="step-loads-for-ever",
        lie="A tool's step ends with the answer: where the user left before, it is under way for ever.",
        change=lie.steps_end_with_answer,
        named=("stream.no-step-left-loading",),
    ),
)
