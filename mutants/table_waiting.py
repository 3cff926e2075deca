"""The mutants that fail where something waits, is elsewhere, or comes again."""

from __future__ import annotations

from . import inside
from . import waiting_lies as lie
from .mutant import Mutant, Patch, Upstream, Wire


def _row(name: str, says: str, change: Wire | Upstream | Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named)


WAITING = (
    _row(
        "waiting-tab-locks",
        "A second tab that leaves while its message waits locks the thread.",
        lie.waiting_tab_locks,
        "stream.ends-closed",
    ),
    _row(
        "waiting-message-revives",
        "A thread that is deleted while a message waits in it is there again.",
        lie.waiting_message_revives,
        "persistence.deleted-is-gone",
    ),
    _row(
        "retry-within-page",
        "A retry finds a message among the newest 20 items alone, and does nothing where it is older.",
        lie.retry_within_page,
        "stream.turn-works",
    ),
    _row(
        "last-user-instructed",
        "The instructions name whoever was answered before.",
        lie.last_user_instructed,
        "security.threads-isolated",
    ),
    _row(
        "list-once-a-turn",
        "Tasks that are listed twice in a turn are as they were the first time.",
        inside.tool("list_tasks", lie.once_a_turn),
        "tools.tasks-as-expected",
    ),
    _row(
        "button-on-any-task",
        "A button with another's task in its payload changes that task.",
        lie.any_task,
        "tools.tasks-as-expected",
    ),
    _row(
        "button-means-place",
        "A button of a list means a place in it, where another task stands once one was deleted.",
        lie.task_of_place,
        "tools.tasks-as-expected",
    ),
    _row(
        "saved-item-moves",
        "A widget whose button was pressed is at the thread's end after a reload.",
        lie.saved_behind,
        "persistence.order-oldest-first",
    ),
    _row(
        "blank-pieces-lost",
        "Pieces of an answer that are blank are thrown away.",
        Upstream(chunk=lie.no_blanks),
        "stream.answer-from-model",
    ),
    _row(
        "done-in-words-ends",
        "An answer ends where its own words are the sign that ends a stream.",
        Upstream(chunk=lie.after_done),
        "stream.answer-from-model",
    ),
    _row(
        "cut-call-unanswered",
        "Of several calls at once, one whose arguments are cut off has no result.",
        Upstream(request=lie.no_result),
        "gemini.results-paired",
    ),
)
