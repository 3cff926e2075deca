"""More mutants whose reloads, lists and threads are not what was shown."""

from __future__ import annotations

from . import read_lies as lie
from .answer_lies import on, on_items, on_page
from .mutant import Mutant, Patch, Wire

LETTERS = "letters lost or changed"
BLANKS = "blanks and line breaks lost"
RELOADS = "times, order or parts changed on reload"
LISTS = "lists and pages of another moment or order"
OTHER = "a change to one thread that reaches another"


def _row(kind: str, name: str, says: str, change: Wire | Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


ANSWER, QUESTION = "assistant_message", "user_message"

READS = (
    _row(
        LETTERS,
        "answer-joiners-lost",
        "Joined signs of an answer fall apart on reload.",
        Wire(answer=on_items(lie.texts(ANSWER, lie.without_joiners))),
        "persistence.reload-equals-stream",
    ),
    _row(
        LETTERS,
        "question-composed",
        "Letters of a message have another form on reload.",
        Wire(answer=on_items(lie.texts(QUESTION, lie.composed))),
        "persistence.reload-equals-stream",
    ),
    _row(
        LETTERS,
        "answer-rare-letters-lost",
        "Rare signs of an answer are question marks on reload.",
        Wire(answer=on_items(lie.texts(ANSWER, lie.without_rare))),
        "persistence.reload-equals-stream",
    ),
    _row(
        BLANKS,
        "list-strips-answers",
        "Blanks at the ends of an answer are gone where items are listed.",
        Wire(answer=on_page("items.list", lambda page: lie.texts(ANSWER, lie.stripped)(page["data"]))),
        "persistence.reload-equals-stream",
    ),
    _row(
        RELOADS,
        "answers-merged",
        "The answers of one turn are one on reload.",
        Wire(answer=on_items(lie.merged)),
        "persistence.reload-equals-stream",
    ),
    _row(
        RELOADS,
        "second-reload-less",
        "The second reload of a thread is without its last item.",
        Wire(answer=on("threads.get_by_id", lie.second_time_less)),
        "persistence.reload-equals-stream",
    ),
    _row(
        LISTS,
        "titles-unlisted",
        "Threads have no title where they are listed.",
        Wire(answer=on("threads.list", lie.untitled)),
        "persistence.title-persists",
    ),
    _row(
        LISTS,
        "ascending-items-lose-one",
        "Oldest first, one item between two pages is lost.",
        lie.lose_in_ascending,
        "protocol.items-pages-complete",
    ),
    _row(
        LISTS,
        "list-kept-a-second",
        "A list of threads is as it was a second ago.",
        lie.keep_lists,
        "persistence.deleted-stays-deleted",
    ),
    _row(
        LISTS,
        "deleted-listed-oldest-first",
        "Oldest first, deleted threads are listed.",
        lie.list_ghosts,
        "persistence.deleted-stays-deleted",
    ),
    _row(
        OTHER,
        "rename-reaches-another",
        "A rename gives another thread the same title.",
        lie.rename_another,
        "persistence.reload-equals-stream",
    ),
    _row(
        OTHER,
        "delete-reaches-another",
        "With a thread another one is deleted.",
        lie.delete_another,
        "stream.turn-works",
    ),
    _row(
        RELOADS,
        "renamed-is-new",
        "A thread that is renamed was made just now.",
        lie.make_anew_when_renamed,
        "persistence.reload-equals-stream",
    ),
    _row(
        OTHER,
        "message-in-wrong-thread",
        "A reload shows the newest message of all threads.",
        Wire(event=lie.noted_message, answer=on("threads.get_by_id", lie.with_noted)),
        "security.messages-isolated",
    ),
)
