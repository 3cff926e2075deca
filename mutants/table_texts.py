"""The mutants that lose blanks, tell words twice, or tell a cut answer as whole."""

from __future__ import annotations

from . import text_lies as lie
from .answer_lies import on_items
from .mutant import Mutant, Upstream, Wire
from .stream_lies import release

BLANKS = "blanks and line breaks lost"
DOUBLED = "words told twice"
CUT = "a cut answer told as whole"


def _reload(name: str, says: str, type: str, how: lie.How, *named: str) -> Mutant:
    wire = Wire(answer=on_items(lie.rows_of(type, how)))
    return Mutant(name=name, lie=says, kind=BLANKS, change=wire, named=named)


def _finished(name: str, says: str, reasons: tuple[str, ...], *named: str) -> Mutant:
    change = Upstream(chunk=lie.finished_as_whole(*reasons))
    return Mutant(name=name, lie=says, kind=CUT, change=change, named=named)


ANSWER, QUESTION = "assistant_message", "user_message"

TEXTS = (
    _reload(
        "answer-stripped",
        "Blanks at the ends of an answer are gone after a reload.",
        ANSWER,
        lie.stripped,
        "persistence.reload-equals-stream",
    ),
    _reload(
        "answer-unindented",
        "Indentation of an answer is gone after a reload.",
        ANSWER,
        lie.unindented,
        "persistence.reload-equals-stream",
        "persistence.thread-as-expected",
    ),
    _reload(
        "answer-without-last-break",
        "The line break at an answer's end is gone after a reload.",
        ANSWER,
        lie.without_last_break,
        "persistence.reload-equals-stream",
    ),
    _reload(
        "answer-single-blanks",
        "Double blanks in an answer are one after a reload.",
        ANSWER,
        lie.single_blanks,
        "persistence.reload-equals-stream",
        "persistence.thread-as-expected",
    ),
    _reload(
        "answer-single-breaks",
        "Empty lines in an answer are gone after a reload.",
        ANSWER,
        lie.single_breaks,
        "persistence.reload-equals-stream",
        "persistence.thread-as-expected",
    ),
    _reload(
        "answer-tabs-lost",
        "Tabs in an answer are blanks after a reload.",
        ANSWER,
        lie.spaces_for_tabs,
        "persistence.reload-equals-stream",
    ),
    _reload(
        "question-stripped",
        "Blanks at the ends of a message are gone after a reload.",
        QUESTION,
        lie.stripped,
        "persistence.reload-equals-stream",
    ),
    _reload(
        "question-unindented",
        "Indentation of a message is gone after a reload.",
        QUESTION,
        lie.unindented,
        "persistence.reload-equals-stream",
    ),
    Mutant(
        name="history-single-blanks",
        lie="The model is sent the user's words with single blanks.",
        kind=BLANKS,
        change=Upstream(request=lie.texts_in_history("user", lie.single_blanks)),
        named=("gemini.history-verbatim",),
    ),
    Mutant(
        name="history-unindented",
        lie="The model is sent its own answers without indentation.",
        kind=BLANKS,
        change=Upstream(request=lie.texts_in_history("assistant", lie.unindented)),
        named=("gemini.history-verbatim",),
    ),
    Mutant(
        name="added-words-again",
        lie="An answer is begun with its first words, which come again as its first delta.",
        kind=DOUBLED,
        change=Wire(event=lie.in_item_too, end=release),
        named=("stream.deltas-add-up",),
    ),
    Mutant(
        name="part-words-again",
        lie="A part of an answer is begun with its first words, which come again as its first delta.",
        kind=DOUBLED,
        change=Wire(event=lie.in_part_too, end=release),
        named=("stream.deltas-add-up",),
    ),
    Mutant(
        name="first-words-last",
        lie="The first words of an answer come once more at its end.",
        kind=DOUBLED,
        change=Wire(event=lie.first_delta_again),
        named=("stream.deltas-add-up",),
    ),
    _finished(
        "filtered-told-whole",
        "An answer that a filter cut is told as whole.",
        ("content_filter",),
        "errors.shortened-reported",
    ),
    _finished(
        "length-told-whole",
        "An answer that ran out of tokens is told as whole.",
        ("length",),
        "errors.shortened-reported",
    ),
    _finished(
        "malformed-told-whole",
        "An answer that ended in a call which cannot be read is told as whole.",
        ("function_call_filter", "MALFORMED"),
        "errors.shortened-reported",
    ),
    Mutant(
        name="cut-told-whole",
        lie="An answer whose stream broke off is told as whole.",
        kind=CUT,
        change=lie.take_cut_for_whole,
        named=("errors.fault-reported",),
    ),
)
