"""Mutants that were written without a look at any check: what a team writes in a sprint and means well."""

from __future__ import annotations

from . import sprint_files as files
from . import sprint_lies as lie
from .mutant import Mutant, Patch, Upstream, Wire


def _row(name: str, says: str, change: Wire | Upstream | Patch, *named: str, target: str = "") -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named, target=target)


SPRINT = (
    _row(
        "letters-per-read",
        "A letter that two network reads share is broken.",
        lie.letters_per_read,
        "stream.answer-from-model",
        "stream.text-other-scripts",
    ),
    _row(
        "events-per-read",
        "An event that two network reads share is lost.",
        lie.events_per_read,
        "stream.turn-works",
        "stream.text-other-scripts",
    ),
    _row(
        "first-event-of-read",
        "Of the events of one network read, the first is taken.",
        lie.first_event_of_read,
        "stream.answer-from-model",
        "stream.turn-works",
    ),
    _row(
        "answer-tags-stripped",
        "What looks like a tag is taken out of an answer.",
        lie.answer_tags_stripped,
        "stream.answer-from-model",
        "stream.text-other-scripts",
    ),
    _row("answer-escaped", "An answer is shown as HTML.", lie.answer_escaped, "stream.answer-from-model"),
    _row(
        "answer-fences-stripped",
        "The fences of code are taken out of an answer.",
        lie.answer_fences_stripped,
        "stream.answer-from-model",
    ),
    _row(
        "answer-blank-lines-joined",
        "Several empty lines are one.",
        lie.answer_blank_lines_joined,
        "stream.answer-from-model",
    ),
    _row(
        "answer-lines-split",
        "Every line separator of Unicode is a line end.",
        lie.answer_lines_split,
        "stream.text-other-scripts",
    ),
    _row(
        "typed-nfkc",
        "A user's text is normalised (NFKC).",
        lie.typed_nfkc,
        "stream.user-message-echoed",
        "gemini.history-user-messages",
    ),
    _row("typed-nfc", "A user's text is normalised (NFC).", lie.typed_nfc, "gemini.history-verbatim"),
    _row(
        "typed-sanitized",
        "What looks like a tag is taken out of a user's text.",
        lie.typed_sanitized,
        "stream.user-message-echoed",
        "gemini.history-user-messages",
    ),
    _row(
        "typed-unprintable-dropped",
        "What does not print is left out.",
        lie.typed_unprintable_dropped,
        "stream.user-message-echoed",
    ),
    _row(
        "typed-at-16000",
        "A user's text ends after 16,000 characters.",
        lie.typed_at_16000,
        "protocol.long-message-kept",
    ),
    _row(
        "quotation-at-200",
        "A quotation ends after 200 characters.",
        lie.quotation_at_200,
        "gemini.quotation-reaches-model",
    ),
    _row("task-title-escaped", "A task's title is kept as HTML.", lie.task_title_escaped, "tools.create-other-scripts"),
    _row(
        "task-title-three-bytes",
        "Emoji in a task's title are question marks.",
        lie.task_title_three_bytes,
        "tools.create-other-scripts",
    ),
    _row(
        "task-title-at-80", "A task's title ends after 80 characters.", lie.task_title_at_80, "tools.long-result-whole"
    ),
    _row(
        "task-title-capital",
        "A task's title begins with a capital.",
        lie.task_title_capital,
        "tools.five-calls-at-once",
    ),
    _row(
        "window-of-characters",
        "A long message leaves the window as any other.",
        lie.window_of_characters,
        "protocol.long-message-answered",
    ),
    _row(
        "history-cached-by-place",
        "What was taken back is told.",
        lie.history_cached,
        "gemini.history-answers",
        "gemini.history-user-messages",
        "persistence.retry-forgets-removed",
    ),
    _row(
        "tools-declared-again",
        "A later turn has each tool twice.",
        Upstream(request=lie.tools_declared_again),
        "gemini.requests-valid",
    ),
    _row("title-asked-each-turn", "A title is asked for in each turn, and not used.", lie.title_asked_each_turn),
    _row(
        "one-answer-per-user",
        "A user's other thread waits.",
        lie.one_answer_per_user,
        "persistence.threads-at-once-side-by-side",
        "persistence.other-thread-goes-on",
    ),
    _row(
        "double-message-dropped",
        "A message that is said twice is dropped.",
        lie.double_message_dropped,
        "stream.turn-works",
    ),
    _row(
        "same-title-same-task",
        "A second task of one title is not made.",
        lie.same_title_same_task,
        "tools.same-title-own-task",
    ),
    _row(
        "complete-toggles",
        "A task that is completed twice is open.",
        lie.complete_toggles,
        "tools.complete-twice-stays",
    ),
    _row("update-wipes-due", "A new title takes the due day.", lie.update_wipes_due, "tools.update-keeps-fields"),
    _row(
        "retry-without-files",
        "A retry has neither file nor quotation.",
        files.retry_without_files,
        "gemini.history-files",
    ),
    _row("pictures-are-png", "Each picture is called a PNG.", files.pictures_are_png, "gemini.picture-type-true"),
    _row("file-name-ascii", "A file's name is made plain.", files.file_name_ascii, "attachments.name-kept"),
    _row(
        "deleted-file-is-fatal",
        "A thread whose file was deleted is dead.",
        files.deleted_file_is_fatal,
        "stream.turn-works",
    ),
    _row(
        "files-outlive-thread",
        "A deleted thread's files can be read.",
        files.files_outlive_thread,
        "attachments.deleted-is-gone",
    ),
    _row(
        "unanswered-cleaned",
        "An unanswered message is gone after a restart.",
        lie.unanswered_cleaned,
        "persistence.killed-anywhere-keeps-message",
    ),
    _row(
        "failures-use-quota",
        "Failed turns count, and are never given back.",
        lie.failures_use_quota,
        "stream.turn-works",
    ),
)
