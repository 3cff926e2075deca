"""Mutants that spell otherwise what was said."""

from __future__ import annotations

from . import spelling_lies as lie
from .answer_lies import on_items
from .instruction_lies import with_rows
from .mutant import Mutant, Upstream, Wire
from .promise_lies import in_message
from .read_lies import texts, without_joiners
from .turn_lies import retold, retold_rows

LETTERS = "letters lost or changed"
BYTES = "a stream that cannot be read, or says too much"
CARRIED = "a picture, file, quotation or tag in its own turn only"


def _row(kind: str, name: str, says: str, change: Wire | Upstream, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


SPELLING = (
    _row(
        LETTERS,
        "question-as-html",
        "A message is read back as HTML.",
        Wire(answer=on_items(texts("user_message", lie.as_html))),
        "persistence.reload-equals-stream",
    ),
    _row(
        LETTERS,
        "answer-as-html",
        "An answer is read back as HTML.",
        Wire(answer=on_items(texts("assistant_message", lie.as_html))),
        "persistence.reload-equals-stream",
    ),
    _row(
        LETTERS,
        "answer-told-as-html",
        "Answers are told and stored as HTML.",
        Wire(event=retold(lie.as_html), answer=on_items(retold_rows(lie.as_html))),
        "stream.answer-from-model",
    ),
    _row(
        LETTERS,
        "backslashes-eaten",
        "Backslashes of an answer are gone when it is read back.",
        Wire(answer=on_items(texts("assistant_message", lie.without_backslashes))),
        "persistence.reload-equals-stream",
    ),
    _row(
        LETTERS,
        "question-joiners-lost",
        "Joined signs of a message fall apart when it is read back.",
        Wire(answer=on_items(texts("user_message", without_joiners))),
        "persistence.reload-equals-stream",
    ),
    _row(
        LETTERS,
        "question-windows-lines",
        "Lines of a message end with CR LF when it is read back.",
        Wire(answer=on_items(texts("user_message", lie.windows_lines))),
        "persistence.reload-equals-stream",
    ),
    _row(
        CARRIED,
        "quotation-above-message",
        "What is quoted also stands above the message's own words.",
        Wire(request=in_message(lie.quotation_above)),
        "stream.user-message-echoed",
    ),
    _row(
        CARRIED,
        "tag-data-unstored",
        "A tag is read back without what it stands for.",
        Wire(answer=on_items(lie.tags_without_data)),
        "protocol.tags-kept",
    ),
    _row(
        CARRIED,
        "message-cut-for-model",
        "The model is sent the first 4,000 characters of a message.",
        Upstream(request=with_rows(lie.cut_for_model)),
        "gemini.message-to-its-end",
    ),
    _row(
        BYTES,
        "letters-torn",
        "Bytes of an event are read in pieces, and letters on a border are lost.",
        Wire(frame=lie.read_in_pieces),
        "stream.answer-from-model",
    ),
    _row(
        BYTES,
        "last-blank-line-missing",
        "No blank line follows the last event.",
        Wire(frame=lie.blank_line_before),
        "stream.turn-finished",
    ),
    _row(
        BYTES,
        "heartbeat-as-data",
        "Before each event stands one that is no JSON.",
        Wire(frame=lie.word_between),
        "stream.frames-readable",
    ),
    _row(
        BYTES,
        "deltas-all-so-far",
        "Each delta has all the text so far.",
        Wire(event=lie.all_so_far),
        "stream.deltas-add-up",
    ),
    _row(
        BYTES,
        "times-as-numbers",
        "Times of streamed items are numbers.",
        Wire(event=lie.times_as_numbers),
        "stream.events-valid",
    ),
    _row(
        BYTES,
        "times-with-and-without-zone",
        "Times of the user's messages have a zone, and no other time has one.",
        Wire(event=lie.zoned_questions),
        "protocol.times-of-one-kind",
    ),
    _row(
        LETTERS,
        "indented-answer-stripped",
        "A finished answer has no blanks at its beginning.",
        Wire(event=lie.stripped_at_done),
        "stream.indentation-kept",
    ),
    _row(
        BYTES,
        "first-step-of-a-kind",
        "Of several calls of one tool the first is shown.",
        Wire(event=lie.first_step_of_a_kind),
        "tools.each-call-shown",
    ),
    _row(
        BYTES,
        "first-rated-item-looked-up",
        "Of items that are rated at once the first is looked up.",
        Wire(request=lie.first_rated_alone),
        "protocol.feedback-refused",
    ),
)
