"""The mutants that are right until something is long, or many, or made in the same second."""

from __future__ import annotations

from . import length_lies as lie
from .mutant import Mutant

LENGTH = (
    Mutant(
        name="page-capped-and-called-last",
        lie="A page of more than 50 items is cut to 50, and says that nothing follows.",
        change=lie.cap_pages,
        named=(
            "persistence.reload-equals-stream",
            "persistence.thread-as-expected",
        ),
    ),
    Mutant(
        name="past-in-order-of-seconds",
        lie="The model is told the past by whole seconds: what was said in one second is shuffled.",
        change=lie.tell_by_seconds,
        named=("gemini.history-ordered",),
    ),
    Mutant(
        name="window-cuts-instructions",
        lie="Only the newest 40 messages go to the model: in a long thread the instructions are cut off.",
        change=lie.cut_to_newest,
        named=("gemini.instructions-in-every-request",),
    ),
    Mutant(
        name="summary-of-the-other-thread",
        lie="A user's second long conversation is told to the model with the summary of the first.",
        change=lie.another_summary,
        named=("security.threads-isolated",),
    ),
    Mutant(
        name="answer-cut-to-column",
        lie="Of an answer above 4000 characters only these are stored.",
        change=lie.cut_to_column,
        named=(
            "persistence.reload-equals-stream",
            "persistence.text-other-scripts",
        ),
    ),
    Mutant(
        name="bulk-reaches-ten",
        lie="Completing all tasks completes ten, and says that it was all of them.",
        change=lie.complete_first_ones,
        named=("tools.tasks-as-expected",),
    ),
    Mutant(
        name="title-cut-within-letter",
        lie="A long title is cut by bytes, and ends with half a letter.",
        change=lie.title_in_bytes,
        named=("stream.no-broken-letters",),
    ),
)
