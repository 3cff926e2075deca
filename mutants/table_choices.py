"""Mutants that mistake a choice, a visit, a file or a caller for another."""

from __future__ import annotations

from . import abort_lies as visit
from . import choice_lies as lie
from .instruction_lies import on_retry
from .limit_lies import over
from .mutant import Mutant, Patch, Upstream, Wire
from .turn_lies import dead_end, note_token

CHOSEN = "a choice of one message that is taken for another"
LEAVING = "what leaving does to others"
FILES = "what becomes of a file"
USERS = "users who are taken for each other"
FAULTS = "an error told wrongly"


def _row(kind: str, name: str, says: str, change: Wire | Upstream | Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


CHOICES = (
    _row(
        CHOSEN,
        "chosen-model-stays",
        "A model that was chosen once is asked in all later turns.",
        lie.keep_in_thread,
        "gemini.chosen-model-asked",
    ),
    _row(
        CHOSEN,
        "chosen-model-for-all",
        "A model that one user chose is asked for everybody.",
        lie.keep_for_all,
        "gemini.chosen-model-asked",
    ),
    _row(
        CHOSEN,
        "chosen-model-lost-on-retry",
        "A retry does not ask the model that was chosen for the message.",
        Upstream(request=lie.first_model_when(on_retry())),
        "gemini.chosen-model-asked",
    ),
    _row(
        CHOSEN,
        "chosen-model-lost-after-tool",
        "After a tool, another model is asked than was chosen.",
        Upstream(request=lie.first_model_after_tool),
        "gemini.chosen-model-asked",
    ),
    _row(
        LEAVING,
        "leaving-stops-all",
        "When a visitor leaves, all answers under way end.",
        Wire(event=visit.stops(own=False), end=over),
        "stream.turn-answered",
    ),
    _row(
        LEAVING,
        "leaving-stops-own",
        "When a visitor leaves an answer, all that are under way for the same user end.",
        Wire(headers=note_token, event=visit.stops(own=True), end=over),
        "stream.turn-finished",
        "stream.turn-works",
    ),
    _row(
        LEAVING,
        "leaving-stores-nothing-said",
        "An answer that was left unsaid is stored empty.",
        visit.keep_empty,
        "persistence.no-empty-answer-stored",
    ),
    _row(
        FILES,
        "deleted-file-hides-thread",
        "A thread with a file that was deleted since cannot be read.",
        Wire(status=visit.deleted_file_breaks),
        "persistence.reload-answers",
    ),
    _row(
        USERS,
        "metadata-name-user",
        "A request's metadata say who the user is.",
        Wire(headers=visit.named_in_metadata),
        "security.stranger-refused",
    ),
    _row(
        USERS,
        "header-names-user",
        "A header says who the user is.",
        Wire(headers=visit.named_in_header),
        "security.stranger-refused",
    ),
    _row(
        FAULTS,
        "second-fault-tells-key",
        "The second fault in a thread tells the key for the model.",
        Wire(event=visit.key_in_second, end=dead_end),
        "errors.no-upstream-address",
    ),
    _row(
        FAULTS,
        "fault-tells-words-of-others",
        "A fault tells what was asked last, by whoever asked it.",
        Wire(event=visit.words_of_last),
        "security.other-users-words-unseen",
    ),
)
