"""A third batch that was written without a look at any check: siblings of what was told, and others."""

from __future__ import annotations

from . import counter_lies as lie
from .effect_lies import verb
from .mutant import Mutant, Patch, Upstream, Wire

SHOWCASE = "showcase.toml"


def _row(name: str, says: str, change: Wire | Upstream | Patch, *named: str, target: str = "") -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named, target=target)


COUNTER = (
    _row(
        "words-escaped-for-model",
        "What a user types, the model is told as HTML.",
        lie.words_escaped,
        "gemini.user-text-unchanged",
        "gemini.history-user-messages",
    ),
    _row(
        "tags-after-words",
        "The model is told the tags of a message after all its words.",
        lie.tags_after_words,
        "gemini.tag-reaches-model",
    ),
    _row(
        "answers-told-once",
        "Of answers that begin alike the model is told one.",
        lie.answers_told_once,
        "gemini.history-answers",
    ),
    _row(
        "left-words-forgotten",
        "A message whose answer was left is not told again.",
        lie.left_words_forgotten,
        "errors.unanswered-message-in-history",
    ),
    _row(
        "loops-cut",
        "A piece of text that came a moment ago is left out.",
        Upstream(chunk=lie.loops_cut),
        "stream.text-other-scripts",
    ),
    _row(
        "no-limit-no-more",
        "A page without a limit says that it is all.",
        Wire(answer=lie.all_without_limit),
        "persistence.thread-as-expected",
    ),
    _row("button-newest-task", "A button acts on the newest task.", lie.button_newest_task, "tools.tasks-as-expected"),
    _row(
        "thread-age-moves",
        "A thread is as old as its last save.",
        lie.thread_age_moves,
        "persistence.reload-equals-stream",
        "persistence.thread-time-stays",
    ),
    _row(
        "unanswered-takes-last",
        "A question without an answer gets that of the one before.",
        lie.unanswered_takes_last,
        "client-tools.unexpected-answers-harmless",
        target=SHOWCASE,
    ),
    _row(
        "answers-in-small-letters",
        "What is typed into a form is kept in small letters.",
        lie.answers_in_small_letters,
        "client-tools.answers-recorded",
        target=SHOWCASE,
    ),
    _row(
        "numbers-coerced",
        "A title of digits loses its zeros.",
        verb("create_task", lie.as_number),
        "tools.five-calls-at-once",
    ),
    _row(
        "calls-share-task",
        "Calls of one turn all change the first one's task.",
        lie.calls_share_task,
        "tools.tasks-as-expected",
    ),
    _row(
        "tags-in-memory",
        "The tags of a task are gone after a restart.",
        lie.tags_in_memory,
        "persistence.restart-keeps-tasks",
    ),
)
