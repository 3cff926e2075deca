"""The mutants that go wrong on any day, where nothing fails and nobody attacks."""

from __future__ import annotations

from . import daily_lies as lie
from .effect_lies import verb
from .mutant import Mutant, Patch, Upstream, Wire
from .turn_lies import note_token


def _row(name: str, says: str, change: Wire | Upstream | Patch, *named: str, target: str = "") -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named, target=target)


DAILY = (
    _row(
        "token-is-user",
        "Who has a new token has nothing of what is theirs.",
        lie.token_is_user,
        "persistence.thread-as-expected",
        "persistence.list-as-expected",
    ),
    _row(
        "users-without-case",
        "Users whose ids differ by capital letters alone are one.",
        lie.ignore_case,
        "security.stranger-refused",
    ),
    _row(
        "tab-saves-tasks-whole",
        "A turn that makes a task undoes what was made in another tab meanwhile.",
        lie.save_tasks_whole,
        "tools.tasks-as-expected",
    ),
    _row(
        "tabs-share-new-thread",
        "Of two threads that a user begins at once, the second is the first.",
        Wire(headers=note_token, request=lie.tabs_share, event=lie.making, end=lie.made),
        "protocol.thread-created",
        "security.threads-isolated",
    ),
    _row(
        "refused-words-told-later",
        "A message that was refused is told to the model in the user's next turn.",
        lie.hold_refused_words,
        "security.threads-isolated",
    ),
    _row(
        "full-page-loses-last",
        "A last page that is just full loses its last row.",
        Wire(answer=lie.full_page),
        "protocol.items-pages-complete",
    ),
    _row(
        "leap-day-moved",
        "The 29th of February is kept as the 1st of March.",
        verb("create_task", lie.no_leap_days),
        "tools.created-facts-kept",
    ),
    _row(
        "words-composed",
        "Letters with accents of their own are stored as one sign.",
        lie.compose_words,
        "persistence.reload-equals-stream",
        "gemini.history-user-messages",
    ),
    _row("upload-cut", "Of a file the first 256 KiB are kept.", lie.cut_uploads, "attachments.own-bytes-whole"),
    _row(
        "deleted-task-again",
        "A task with the title of a deleted one is that one again.",
        lie.old_task_again,
        "tools.created-facts-kept",
    ),
    _row(
        "thread-takes-tasks-along",
        "With a thread the tasks are deleted that were made in it.",
        lie.take_tasks_along,
        "tools.tasks-as-expected",
    ),
    _row("second-press-fails", "A button that was pressed already fails.", lie.one_press),
    _row(
        "falsy-output-lost",
        "What the browser answers is told as nothing where it is false, 0 or empty.",
        lie.falsy_output_lost,
        "client-tools.zero-told",
        target="showcase.toml",
    ),
    _row(
        "repeated-without-tools",
        "A request that is sent once more has no tools.",
        Upstream(request=lie.without_tools_again()),
        "tools.still-declared",
    ),
    _row(
        "list-of-threads-stale",
        "The list of threads is read anew only when one is begun.",
        lie.keep_list_of_threads,
        "persistence.deleted-stays-deleted",
    ),
    _row(
        "late-title-wins",
        "A title that is made in the background replaces the user's own.",
        lie.title_late,
        "persistence.title-persists",
    ),
    _row(
        "files-in-memory",
        "The bytes of files are gone after a restart.",
        lie.files_in_memory,
        "gemini.history-files",
    ),
    _row(
        "times-move",
        "Every item is as old as the request that reads it.",
        lie.times_move,
        "persistence.reload-equals-stream",
    ),
    _row(
        "titles-unique",
        "Two threads of one user cannot have the same title.",
        lie.unique_titles,
        "persistence.rename-answers-thread",
    ),
)
