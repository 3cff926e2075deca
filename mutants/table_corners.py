"""Mutants that were written without a look at any check: well-meant code, in a corner of a conversation."""

from __future__ import annotations

from . import corner_lies as lie
from .mutant import Mutant, Patch, Upstream, Wire

SHOWCASE = "showcase.toml"
BESIDE = "latency.answered-beside-answers"


def _row(name: str, says: str, change: Wire | Upstream | Patch, *named: str, target: str = "") -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named, target=target)


CORNERS = (
    _row(
        "first-part-only",
        "Of a message in parts the model is told the first.",
        lie.first_part_only,
        "gemini.history-user-messages",
    ),
    _row(
        "summary-never-renewed",
        "What came after a first summary is lost.",
        Upstream(request=lie.summary_kept),
        "gemini.history-user-messages",
    ),
    _row("tags-lost-on-retry", "A retry loses the message's tags.", lie.retry_loses_tags, "protocol.tags-kept"),
    _row(
        "chosen-tool-lost-on-retry",
        "A retry forgets the tool that the user chose.",
        lie.retry_forgets_tool,
        "gemini.chosen-tool-asked",
    ),
    _row(
        "delete-ends-all-answers",
        "Deleting a thread ends the user's other answers.",
        lie.delete_ends_all_turns,
        "stream.turn-works",
    ),
    _row("list-waits-for-answer", "The list of threads waits until the answer is whole.", lie.list_waits, BESIDE),
    _row("rename-waits-for-answer", "A rename waits until the answer is whole.", lie.rename_waits, BESIDE),
    _row(
        "deleted-file-kills-turns",
        "A file that was sent and deleted kills each later turn.",
        lie.deleted_file_fatal,
        "stream.turn-works",
    ),
    _row(
        "equal-files-go-together",
        "Deleting one of two equal files deletes both.",
        lie.bytes_shared,
        "gemini.history-files",
    ),
    _row(
        "form-first-value-only",
        "Of several values in a form, one is kept.",
        lie.first_value,
        "client-tools.answers-recorded",
        target=SHOWCASE,
    ),
    _row(
        "left-turn-loses-steps",
        "Who leaves an answer loses the steps before it.",
        lie.left_turn_loses_steps,
        "persistence.reload-equals-stream",
    ),
    Mutant(
        name="odd-delete-waits",
        lie="A thread is deleted once its answer is whole, and the request waits for that.",
        kind="at the same time",
        change=lie.delete_waits,
        near_miss=True,
    ),
)
