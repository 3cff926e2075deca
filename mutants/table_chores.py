"""Mutants whose chores go wrong in ways of their own."""

from __future__ import annotations

from . import chore_lies as lie
from .effect_lies import verb
from .inside import tool
from .instruction_lies import with_rows
from .mutant import Mutant, Patch, Upstream

OTHERWISE = "a tool that does otherwise"
YES = "no consent taken for a yes"
OTHERS = "tasks of other users"
CALLS = "calls that go back otherwise"
DOUBLED = "the past doubled or out of order"
BULK = "complete_all_tasks delete_all_tasks"


def _row(kind: str, name: str, says: str, change: Upstream | Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


CHORES = (
    _row(
        OTHERWISE,
        "date-a-day-early",
        "A new task is due a day early.",
        verb("create_task", lie.day_early),
        "tools.created-facts-kept",
    ),
    _row(OTHERWISE, "tags-split-at-commas", "A tag with a comma is two.", verb("create_task", lie.tags_at_commas)),
    _row(
        OTHERWISE,
        "update-ignores-empty",
        "An update takes what is false or empty for not given.",
        verb("update_task", lie.only_what_holds),
        "tools.tasks-as-expected",
        "tools.updated-facts-kept",
    ),
    _row(
        OTHERWISE,
        "failures-told-done",
        "A tool that failed says that all is well.",
        tool("*", lie.failures_done),
        "tools.unknown-task-not-claimed",
    ),
    _row(
        OTHERWISE,
        "list-of-before",
        "A list is what it was when it was asked for first.",
        tool("list_tasks", lie.of_before),
        "tools.tasks-as-expected",
    ),
    _row(
        YES,
        "first-task-goes-unasked",
        "Before a bulk deletion is confirmed, the first task is gone.",
        verb("delete_all_tasks", lie.one_beforehand),
        "tools.bulk-refused-unless-confirmed",
        "tools.tasks-as-expected",
    ),
    _row(
        YES,
        "yes-of-anybody",
        "Once anybody has confirmed, nobody need do so.",
        tool(BULK, lie.yes_of_anybody),
        "tools.bulk-refused-unless-confirmed",
    ),
    _row(
        OTHERS,
        "titles-change-hands",
        "A task of the same title is taken from the user who has one.",
        verb("create_task", lie.one_of_each_title),
        "tools.tasks-as-expected",
    ),
    _row(
        OTHERS,
        "instructions-tell-tasks-of-all",
        "The model is told the tasks of all users in every call.",
        lie.tell_tasks_of_all,
        "security.threads-isolated",
    ),
    _row(
        CALLS,
        "signatures-lost-in-second-round",
        "Calls of a turn's second round go back without their signatures.",
        Upstream(request=with_rows(lie.unsigned_from(2))),
        "gemini.signatures-replayed",
    ),
    _row(
        CALLS,
        "signatures-by-tool",
        "A second call of a tool goes back with the first one's signature.",
        Upstream(request=with_rows(lie.signed_by_name)),
        "gemini.signatures-replayed",
    ),
    _row(
        DOUBLED,
        "history-twice-when-long",
        "From the tenth message on, what was said before is sent two times.",
        Upstream(request=with_rows(lie.doubled_when_long)),
        "gemini.history-once",
    ),
)
