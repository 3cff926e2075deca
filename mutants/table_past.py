"""More mutants that tell the model the past wrongly: in some rounds, of some messages, after a restart."""

from __future__ import annotations

from collections.abc import Callable

from . import past_lies as lie
from .history_lies import made_of
from .instruction_lies import Rows, no_instructions, on_retry, with_rows
from .mutant import Mutant, Patch, Upstream

INSTRUCTIONS = "instructions in some calls only"
CARRIED = "a picture, file, quotation or tag in its own turn only"
LEFT_OUT = "something of the past left out"
RESULTS = "what a tool returned, told to the model otherwise"
OVERLAP = "conversations that overlap get into each other"


def _row(kind: str, name: str, says: str, change: Upstream | Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


def _sent(how: Callable[[Rows], Rows]) -> Upstream:
    return Upstream(request=with_rows(how))


PAST = (
    _row(
        INSTRUCTIONS,
        "instructions-lost-after-two-rounds",
        "The model's instructions are missing after two rounds of tools.",
        Upstream(request=no_instructions(lie.after_two_rounds)),
        "gemini.instructions-in-every-request",
    ),
    _row(
        INSTRUCTIONS,
        "instructions-lost-after-fault",
        "The model's instructions are missing where an earlier message was not answered.",
        Upstream(request=no_instructions(lie.after_unanswered)),
        "gemini.instructions-in-every-request",
    ),
    _row(
        INSTRUCTIONS,
        "instructions-lost-with-quotation",
        "The model's instructions are missing where the user quotes something.",
        Upstream(request=no_instructions(lie.with_quotation)),
        "gemini.instructions-in-every-request",
    ),
    _row(
        INSTRUCTIONS,
        "instructions-lost-in-a-hurry",
        "The model's instructions are missing where another request was sent just before.",
        Upstream(request=no_instructions(lie.hurried())),
        "gemini.instructions-in-every-request",
    ),
    _row(
        INSTRUCTIONS,
        "instructions-lost-at-restart",
        "The model's instructions are missing in threads that were begun before a restart.",
        Upstream(request=no_instructions(lie.of_before())),
        "gemini.instructions-in-every-request",
    ),
    _row(
        INSTRUCTIONS,
        "tools-undeclared-on-retry",
        "No tool is declared when a message is asked again.",
        Upstream(request=lie.no_tools_on(on_retry())),
        "errors.retry-after-fault-answers",
    ),
    _row(
        CARRIED,
        "second-picture-lost",
        "Of several pictures only the first is sent.",
        _sent(lie.first_picture_only),
        "gemini.every-picture-sent",
    ),
    _row(
        CARRIED,
        "quotation-cut",
        "Of what is quoted the first words are sent.",
        _sent(lie.quotation_cut),
        "gemini.quotation-reaches-model",
    ),
    _row(
        CARRIED,
        "file-cut",
        "Of a text file the first thirty bytes are sent.",
        lie.cut_files,
        "attachments.reaches-model",
    ),
    _row(
        CARRIED,
        "files-lost-at-restart",
        "Files of before a restart are not sent.",
        made_of(lie.no_old_files()),
        "gemini.history-files",
    ),
    _row(
        LEFT_OUT,
        "earlier-answers-in-ascii",
        "Earlier answers are sent in English letters.",
        _sent(lie.earlier_in_ascii),
        "gemini.history-answers",
    ),
    _row(
        LEFT_OUT,
        "short-messages-forgotten",
        "Earlier messages of a few words are not sent.",
        _sent(lie.short_forgotten),
        "gemini.history-user-messages",
    ),
    _row(
        LEFT_OUT,
        "answers-after-tools-forgotten",
        "Answers that came after a tool are not sent later.",
        made_of(lie.no_answer_after_tools),
        "gemini.history-answers",
    ),
    _row(
        LEFT_OUT,
        "left-turns-forgotten",
        "A turn that was left is not sent later.",
        made_of(lie.no_left_question),
        "errors.unanswered-message-in-history",
        "gemini.history-partial",
    ),
    _row(
        LEFT_OUT,
        "removed-answer-recalled",
        "What a retry removed is sent as an earlier answer.",
        lie.remember_removed,
        "persistence.retry-forgets-removed",
    ),
    _row(
        RESULTS,
        "results-cut",
        "Results of tools are sent up to their 120th character.",
        _sent(lie.results_cut(120)),
        "tools.five-calls-at-once",
    ),
    _row(
        RESULTS,
        "earlier-results-emptied",
        "Of all rounds but the last the model is only told that they are done.",
        _sent(lie.earlier_results_done),
        "tools.two-calls-paired",
        "gemini.results-kept-in-turn",
    ),
    _row(
        OVERLAP,
        "new-threads-told-of-others",
        "A new conversation is told the newest message of the one before it.",
        Upstream(request=lie.previous_thread()),
        "security.threads-isolated",
    ),
)
