"""Mutants that were written without a look at any check: what a team's first server gets wrong."""

from __future__ import annotations

from . import desk_lies as lie
from . import retry_lies as again
from . import told_lies as told
from .effect_lies import verb
from .mutant import Mutant, Patch, Upstream, Wire

SHOWCASE = "showcase.toml"
TASKS = "tools.tasks-as-expected"
WORDS = "gemini.history-user-messages"


def _row(name: str, says: str, change: Wire | Upstream | Patch, *named: str, target: str = "") -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named, target=target)


DESK = (
    _row(
        "due-day-early",
        "A due day that is changed is the day before.",
        verb("update_task", lie.day_early),
        "tools.updated-facts-kept",
    ),
    _row("update-cannot-reopen", "A task that is done stays so.", verb("update_task", lie.false_is_nothing), TASKS),
    _row("filters-ored", "A list has what fits one of several filters.", verb("list_tasks", lie.any_filter)),
    _row(
        "bulk-first-ten",
        "Completing all completes the first ten.",
        verb("complete_all_tasks", lie.first_page),
        TASKS,
    ),
    _row("parallel-updates-lost", "Of two changes of a task at once, one is lost.", lie.parallel_updates_lost, TASKS),
    _row(
        "task-id-is-count",
        "A new task takes the id of another when one was deleted.",
        lie.task_id_is_count,
        TASKS,
    ),
    _row(
        "list-kept-for-thread",
        "A thread has its list of tasks from when it first asked.",
        lie.list_kept_for_thread,
        TASKS,
    ),
    _row(
        "long-result-cut",
        "Of a tool's result the model gets 2000 characters.",
        lie.long_result_cut,
        "tools.long-result-whole",
    ),
    _row("result-by-call-id", "A call with the id of an earlier one has its result.", lie.result_by_call_id),
    _row(
        "retry-removes-one",
        "A retry leaves the turns after that one.",
        again.retry_removes_one,
        "persistence.thread-as-expected",
    ),
    _row(
        "retry-retitles",
        "A retry gives the thread its first title again.",
        again.retry_retitles,
        "persistence.title-as-expected",
    ),
    _row("titles-escaped", "Titles are kept as HTML.", again.titles_escaped, "persistence.title-as-expected"),
    _row(
        "retry-forgets-model", "A retry asks the usual model.", again.retry_forgets_model, "gemini.chosen-model-asked"
    ),
    _row(
        "model-choice-leaks",
        "The model that a user chose is everybody's.",
        again.model_choice_leaks,
        "gemini.chosen-model-asked",
    ),
    _row(
        "partial-stored-twice",
        "What was said before the user left is stored twice.",
        again.partial_stored_twice,
        "persistence.answer-stored-once",
    ),
    _row(
        "partial-lost-after-tool",
        "What was said before the user left is lost where a tool was used.",
        again.partial_lost_after_tool,
        "persistence.partial-answer-kept",
    ),
    _row(
        "files-by-name",
        "Two files of one name have the bytes of the later.",
        lie.files_by_name,
        "gemini.history-files",
    ),
    _row("first-file-only", "Of several files the model gets the first.", told.first_file_only, "gemini.own-file-sent"),
    _row(
        "browser-output-flat",
        "What is nested in a browser's output, the model is not told.",
        lie.flat_output,
        target=SHOWCASE,
    ),
    _row(
        "answers-by-position",
        "A form's answers go to its questions in the order in which they come.",
        lie.answers_by_position,
        "client-tools.answers-recorded",
        target=SHOWCASE,
    ),
    _row(
        "lock-in-memory",
        "A locked thread is open after a restart.",
        lie.lock_in_memory,
        "persistence.restart-keeps-status",
        target=SHOWCASE,
    ),
    _row(
        "cursor-counts-rows",
        "A cursor is a count of rows: what is deleted moves it.",
        lie.cursor_counts_rows,
        "protocol.cursor-keeps-place",
    ),
    _row(
        "disliked-forgotten",
        "An answer that was disliked is not told to the model.",
        told.disliked_forgotten,
        "gemini.history-answers",
    ),
    _row(
        "failed-words-forgotten",
        "A message whose answer failed is not told to the model again.",
        told.failed_words_forgotten,
        "errors.unanswered-message-in-history",
    ),
    _row(
        "same-words-once",
        "What a user says twice, the model is told once.",
        told.same_words_once,
        "gemini.history-ordered",
        "persistence.equal-messages-remembered",
        WORDS,
    ),
    _row(
        "wordless-left-out",
        "A picture that was sent without a word is not told to the model again.",
        told.wordless_left_out,
        "gemini.wordless-picture-told",
    ),
    _row(
        "tabs-become-blanks",
        "Line ends and tabs of a message are blanks to the model.",
        told.tabs_become_blanks,
        "gemini.user-text-unchanged",
        WORDS,
    ),
    _row(
        "long-loop-loses-question",
        "After many rounds of tools the model is not told what was asked.",
        Upstream(request=told.long_loop),
        "stream.turn-works",
        WORDS,
    ),
    _row(
        "pictures-in-other-base64",
        "Pictures go to the model in the base64 that is for addresses.",
        Upstream(request=told.other_alphabet),
        "gemini.pictures-readable",
    ),
    _row(
        "words-in-instructions",
        "The user's words stand in the instructions.",
        Upstream(request=told.words_in_instructions),
    ),
    _row(
        "equal-pieces-dropped",
        "Of two equal pieces of text one is lost.",
        Upstream(chunk=told.equal_pieces),
        "stream.text-other-scripts",
    ),
    _row(
        "breaker-for-all",
        "After the model has refused one user, it is asked for nobody.",
        told.breaker_for_all,
        "errors.next-turn-works",
    ),
)
