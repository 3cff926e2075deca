"""More mutants whose tools do other things than they were asked to."""

from __future__ import annotations

from . import task_lies as lie
from .effect_lies import and_then, verb
from .inside import both, tool
from .mutant import Mutant, Patch

BEYOND = "a tool's effect beyond the one task"
OTHERWISE = "a tool that does otherwise"
MANY = "several calls at once"
YES = "no consent taken for a yes"
BUTTON = "a button's effect beyond the one task"
OTHERS = "tasks of other users"
BULK = "complete_all_tasks delete_all_tasks"


def _row(kind: str, name: str, says: str, change: Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


TASKS = (
    _row(
        BEYOND,
        "complete-takes-alike",
        "With a task those that begin with the same word are completed.",
        verb("complete_task", and_then(lie.complete_alike)),
        "tools.tasks-as-expected",
    ),
    _row(
        BEYOND,
        "delete-takes-alike",
        "With a task those that begin with the same word are deleted.",
        verb("delete_task", lie.delete_alike),
        "tools.tasks-as-expected",
    ),
    _row(
        BEYOND,
        "delete-by-beginning",
        "An id is looked up by its beginning, so that one that is cut deletes the first task there is.",
        verb("delete_task", lie.delete_by_beginning),
        "tools.tasks-as-expected",
    ),
    _row(
        MANY,
        "later-step-never-ends",
        "Of several steps of a turn only the first one is ever finished.",
        lie.lose_later_steps,
        "stream.items-finished",
    ),
    _row(
        BEYOND,
        "button-loses-rows",
        "A list in which a button was pressed shows the last of its tasks alone.",
        lie.redraw_only_the_last,
        "widgets.list-keeps-rows",
    ),
    _row(
        BEYOND,
        "update-changes-newest",
        "An update gives the newest task the same facts.",
        verb("update_task", and_then(lie.change_newest)),
        "tools.tasks-as-expected",
    ),
    _row(
        BEYOND,
        "complete-resets-date",
        "A completed task has no date.",
        verb("complete_task", and_then(lie.reset_date)),
        "tools.complete-keeps-fields",
    ),
    _row(
        BEYOND,
        "complete-lowers-priority",
        "A completed task has a low priority.",
        verb("complete_task", and_then(lie.lower)),
        "tools.complete-keeps-fields",
    ),
    _row(
        BEYOND,
        "update-reopens",
        "A task that is done is open once anything of it was changed.",
        verb("update_task", and_then(lie.reopen_unless_said)),
        "tools.tasks-as-expected",
    ),
    _row(
        BEYOND,
        "update-completes",
        "An updated task is completed.",
        verb("update_task", and_then(lie.complete_it)),
        "tools.update-keeps-fields",
    ),
    _row(
        BEYOND,
        "delete-reopens-others",
        "With a deletion all other tasks are open again.",
        verb("delete_task", and_then(lie.reopen_others)),
        "tools.tasks-as-expected",
    ),
    _row(
        BEYOND,
        "create-completes-oldest",
        "With a new task the oldest is completed.",
        verb("create_task", and_then(lie.complete_oldest)),
        "tools.tasks-as-expected",
    ),
    _row(
        BEYOND,
        "bulk-complete-marks-titles",
        "Completing all writes so into their titles.",
        verb("complete_all_tasks", and_then(lie.mark_titles)),
        "tools.tasks-as-expected",
    ),
    _row(
        BEYOND,
        "list-renumbers",
        "Tasks have other ids once they were listed.",
        verb("list_tasks", and_then(lie.new_ids)),
        "tools.update-executes",
    ),
    _row(
        OTHERWISE,
        "update-adds-tags",
        "New tags stand beside the old ones.",
        verb("update_task", lie.tags_added),
        "tools.updated-facts-kept",
    ),
    _row(
        OTHERWISE,
        "update-cuts-title",
        "An update cuts the title.",
        verb("update_task", lie.title_cut),
        "tools.update-executes",
    ),
    _row(
        OTHERWISE,
        "create-capitals",
        "Words of a new title begin with capitals.",
        verb("create_task", lie.title_capital),
        "tools.create-executes",
    ),
    _row(
        OTHERWISE,
        "list-newest-three",
        "The list has the newest three tasks.",
        verb("list_tasks", lie.newest_three),
        "tools.tasks-as-expected",
    ),
    _row(
        OTHERWISE,
        "complete-again-opens",
        "Completing what is completed opens it again.",
        verb("complete_task", lie.completed_twice),
        "tools.complete-twice-stays",
    ),
    _row(
        OTHERWISE,
        "same-title-is-same-task",
        "Two tasks of one title are one.",
        lie.merge_alike,
        "tools.same-title-own-task",
    ),
    _row(
        MANY,
        "second-at-once-lost",
        "Of two tasks made at once the second is lost.",
        verb("create_task", lie.one_at_a_time),
        "tools.five-calls-at-once",
    ),
    _row(
        MANY,
        "third-in-turn-lost",
        "The third task of one turn is lost.",
        verb("create_task", lie.two_in_a_turn),
        "tools.five-calls-at-once",
    ),
    _row(
        YES,
        "yes-remembered",
        "Who has once confirmed need not do so again.",
        tool(BULK, lie.yes_remembered),
        "tools.bulk-refused-unless-confirmed",
        "tools.bulk-complete-without-arguments",
    ),
    _row(
        YES,
        "second-ask-is-yes",
        "Who asks twice in one turn has confirmed.",
        tool(BULK, lie.second_ask_is_yes),
        "tools.bulk-refused-unless-confirmed",
        "tools.tasks-as-expected",
    ),
    _row(
        BUTTON,
        "button-completes-all",
        "A button completes all tasks.",
        lie.button(lie.all_completed),
        "tools.tasks-as-expected",
    ),
    _row(
        OTHERS,
        "button-for-anybodys",
        "A button reaches tasks of other users.",
        both(lie.reach_anybodys),
        "tools.tasks-as-expected",
    ),
    _row(
        OTHERS,
        "create-for-other-user",
        "A new task is also put on the list of the user who made one before.",
        verb("create_task", lie.also_for_last),
        "tools.tasks-of-one-user",
        "security.threads-isolated",
    ),
)
