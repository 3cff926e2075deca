"""The mutants that tell the model the past wrongly."""

from __future__ import annotations

from collections.abc import Callable

from . import history_lies as lie
from .instruction_lies import Rows, with_rows
from .mutant import Mutant, Patch, Upstream

WINDOW = "a window on the wrong end of the past"
LEFT_OUT = "something of the past left out"
MIXED = "the past doubled or out of order"


def _items(kind: str, name: str, says: str, change: Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


def _rows(kind: str, name: str, says: str, how: Callable[[Rows], Rows], *named: str) -> Mutant:
    change = Upstream(request=with_rows(how))
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


HISTORY = (
    *(
        _items(
            WINDOW,
            f"window-keeps-oldest-{count}",
            f"Of a longer thread the oldest {count} items are sent, and not the newest message.",
            lie.made_of(lie.oldest(count)),
            *named,
        )
        for count, *named in (
            (6, "persistence.long-thread-whole", "gemini.newest-message-sent"),
            (20, "persistence.long-thread-whole"),
            (60, "gemini.newest-message-sent"),
            (100, "gemini.newest-message-sent"),
        )
    ),
    _rows(
        WINDOW,
        "window-cuts-call",
        "A window cuts a tool's call from its result.",
        lie.first_call_cut,
        "gemini.results-paired",
    ),
    _rows(
        WINDOW,
        "window-cuts-round",
        "After three rounds of tools the first is not sent any more.",
        lie.first_round_cut,
        "gemini.rounds-kept",
    ),
    _items(
        LEFT_OUT,
        "history-without-answers",
        "The model is not sent what it answered.",
        lie.made_of(lie.without(*lie.ANSWERS)),
        "gemini.history-answers",
    ),
    _items(
        LEFT_OUT,
        "history-without-tools",
        "The model is not told in later turns what its tools did.",
        lie.made_of(lie.without(*lie.WORK)),
        "gemini.history-shown",
    ),
    _items(
        LEFT_OUT,
        "history-without-first",
        "The message that began a thread is not sent in later turns.",
        lie.made_of(lie.without_first),
        "gemini.early-message-in-history",
        "gemini.history-user-messages",
    ),
    _items(
        LEFT_OUT,
        "history-without-partial",
        "What the user saw of an answer that was broken off is not sent.",
        lie.made_of(lie.without_partial),
        "gemini.history-partial",
    ),
    _items(
        LEFT_OUT,
        "history-since-start",
        "After a restart the model is told nothing of before.",
        lie.since_start(),
        "persistence.restart-next-turn",
        "gemini.history-user-messages",
    ),
    _rows(
        LEFT_OUT,
        "text-before-call-lost",
        "What the model said before a call is not sent back.",
        lie.text_before_call_lost,
        "gemini.text-before-calls-replayed",
    ),
    _rows(
        LEFT_OUT,
        "question-lost-after-tool",
        "In a later turn the user's message is not sent once a tool has run.",
        lie.question_lost_after_tool,
        "tools.result-reaches-model",
    ),
    _rows(
        LEFT_OUT,
        "history-shortened",
        "Of long earlier messages the start is sent.",
        lie.shortened,
        "gemini.history-user-messages",
    ),
    _rows(
        MIXED, "answers-sent-twice", "Earlier answers are sent two times.", lie.answers_doubled, "gemini.history-once"
    ),
    _rows(MIXED, "history-sent-twice", "The whole past is sent two times.", lie.all_doubled, "gemini.history-once"),
    _rows(
        MIXED,
        "answers-before-questions",
        "Earlier answers stand before what they answer.",
        lie.answer_before_question,
        "gemini.history-ordered",
    ),
)
