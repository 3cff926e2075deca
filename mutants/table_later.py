"""The mutants that keep a promise at first, or in one place, and break it later, or in another."""

from __future__ import annotations

from . import later_lies as lie
from .mutant import Mutant

LATER = (
    Mutant(
        name="title-anew-every-third",
        lie="With every third message the title is made anew, and the user's own is lost.",
        change=lie.renew_titles,
        named=(
            "persistence.title-as-expected",
            "persistence.title-persists",
        ),
    ),
    Mutant(
        name="later-tools-unseen",
        lie="A tool that the model calls after another one's result is not shown at all.",
        change=lie.first_round_only,
        named=("tools.later-round-visible",),
    ),
    Mutant(
        name="thoughts-shown-after-tool",
        lie="After a tool's result the model's thoughts stand in the answer.",
        change=lie.think_aloud,
        named=("gemini.no-thought-shown",),
    ),
    Mutant(
        name="button-hits-first-row",
        lie="A button in a list of tasks does its work on the list's first task.",
        change=lie.first_row,
        named=("tools.tasks-as-expected",),
    ),
    Mutant(
        name="feedback-on-anything",
        lie="Feedback on a stranger's answer, or on one that is not there, is taken.",
        change=lie.rate_anything,
        named=(
            "protocol.feedback-refused",
            "security.other-user-refused",
        ),
    ),
    Mutant(
        name="browser-answer-stays-first",
        lie="When the browser is asked a second time, the model is told its first answer again.",
        change=lie.first_browser_answer,
        target="showcase.toml",
        named=("client-tools.answer-told",),
    ),
)
