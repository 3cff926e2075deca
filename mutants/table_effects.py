"""The mutants whose tools do more, or less, than they were asked to."""

from __future__ import annotations

from . import effect_lies as lie
from . import inside, tool_lies
from .mutant import Mutant, Patch

BEYOND = "a tool's effect beyond the one task"
OTHERS = "tasks of other users"
CONSENT = "no consent taken for a yes"
CLAIM = "a claim about a task that is not there"
BULK = "complete_all_tasks delete_all_tasks"


def _mutant(kind: str, name: str, says: str, change: Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


EFFECTS = (
    *(
        _mutant(
            BEYOND,
            f"create-drops-{word}",
            f"A new task lacks its {word}.",
            lie.verb("create_task", lie.without(field)),
            *named,
        )
        for word, field, *named in (
            ("description", "description", "tools.create-keeps-fields"),
            ("date", "due_date", "tools.created-facts-kept"),
            ("priority", "priority", "tools.create-keeps-fields", "tools.created-facts-kept"),
            ("tags", "tags", "tools.create-keeps-fields"),
        )
    ),
    _mutant(
        BEYOND,
        "update-resets-others",
        "What an update does not name is reset.",
        lie.verb("update_task", lie.and_then(lie.reset_others)),
        "tools.update-keeps-fields",
    ),
    _mutant(
        BEYOND,
        "update-resets-description",
        "An update of the title loses the description.",
        lie.verb("update_task", lie.and_then(lie.reset_description)),
        "tools.update-keeps-fields",
    ),
    _mutant(
        BEYOND,
        "update-changes-all",
        "An update gives all tasks the new title.",
        lie.verb("update_task", lie.and_then(lie.all_alike)),
        "tools.others-unchanged",
        "tools.update-changes-one-task",
    ),
    _mutant(
        BEYOND,
        "update-under-new-id",
        "An updated task has another id.",
        lie.verb("update_task", lie.other_id),
        "tools.changes-nothing-else",
    ),
    _mutant(
        BEYOND,
        "update-reopens-all",
        "An update opens all tasks again.",
        lie.verb("update_task", lie.and_then(lie.reopen)),
        "tools.tasks-as-expected",
    ),
    _mutant(
        BEYOND,
        "delete-takes-neighbour",
        "With a task another one is deleted.",
        lie.verb("delete_task", lie.and_then(lie.delete_neighbour)),
        "tools.delete-changes-one-task",
    ),
    _mutant(
        BEYOND,
        "delete-takes-namesakes",
        "With a task all of its title are deleted.",
        lie.verb("delete_task", lie.also_alike(lambda tasks, id: tasks.remove(id))),
        "tools.others-unchanged",
    ),
    _mutant(
        BEYOND,
        "complete-takes-namesakes",
        "With a task all of its title are completed.",
        lie.verb("complete_task", lie.also_alike(lambda tasks, id: tasks.change(id, completed=True))),
        "tools.others-unchanged",
    ),
    _mutant(
        BEYOND,
        "complete-takes-all",
        "With a task all are completed.",
        lie.verb("complete_task", lie.and_then(lie.complete_all)),
        "tools.others-unchanged",
        "tools.complete-changes-one-task",
    ),
    _mutant(
        BEYOND,
        "complete-deletes",
        "A task is completed by deleting it.",
        lie.verb("complete_task", lie.and_then(lie.delete_it)),
        "tools.complete-keeps-fields",
    ),
    _mutant(
        BEYOND,
        "complete-loses-tags",
        "A completed task has no tags.",
        lie.verb("complete_task", lie.and_then(lie.reset_tags)),
        "tools.complete-keeps-fields",
    ),
    _mutant(
        BEYOND,
        "list-completes",
        "Tasks that are listed are completed.",
        lie.verb("list_tasks", lie.and_then(lie.complete_all)),
        "tools.bulk-complete-needs-confirm",
        "tools.tasks-as-expected",
    ),
    _mutant(
        BEYOND,
        "list-throws-completed-away",
        "What is completed is deleted when tasks are listed.",
        lie.verb("list_tasks", lie.and_then(lie.delete_completed)),
        "tools.bulk-delete-needs-confirm",
    ),
    _mutant(
        BEYOND,
        "create-replaces-alike",
        "A new task takes the place of one that begins with the same word.",
        lie.verb("create_task", lie.merged_by_first_word),
        "tools.tasks-as-expected",
    ),
    _mutant(
        BEYOND,
        "bulk-delete-leaves-one",
        "One task stays when all are deleted.",
        lie.verb("delete_all_tasks", lie.all_but_one),
        "tools.bulk-delete-executes",
    ),
    _mutant(
        BEYOND,
        "bulk-complete-leaves-one",
        "One task stays open when all are completed.",
        lie.verb("complete_all_tasks", lie.all_but_one),
        "tools.bulk-complete-executes",
    ),
    _mutant(
        OTHERS,
        "list-shows-everybodys",
        "Tasks of all users are listed.",
        lie.list_everybodys,
        "tools.other-users-not-listed",
        "tools.tasks-of-one-user",
    ),
    _mutant(
        OTHERS,
        "change-anybodys",
        "A task of another user's is changed by its id.",
        lie.change_anybodys,
        "tools.update-other-user-refused",
        "tools.complete-other-user-refused",
    ),
    _mutant(
        OTHERS,
        "delete-anybodys",
        "A task of another user's is deleted by its id.",
        lie.remove_anybodys,
        "tools.delete-other-user-refused",
    ),
    _mutant(
        OTHERS,
        "bulk-complete-everybodys",
        "All users' tasks are completed at once.",
        lie.complete_everybodys,
        "tools.bulk-keeps-other-users-tasks",
    ),
    _mutant(
        OTHERS,
        "bulk-delete-everybodys",
        "All users' tasks are deleted at once.",
        lie.remove_everybodys,
        "tools.bulk-keeps-other-users-tasks",
    ),
    *(
        _mutant(
            CONSENT,
            name,
            says,
            inside.tool(BULK, tool_lies.changed(how)),
            "tools.bulk-complete-needs-boolean-true",
            "tools.bulk-delete-needs-boolean-true",
            *named,
        )
        for name, says, how, *named in (
            ("word-is-yes", "A bulk tool takes any word for a yes, “false” too.", lie.word_is_yes),
            ("null-is-yes", "A bulk tool takes null for a yes.", lie.null_is_yes),
            (
                "given-is-yes",
                "A bulk tool takes whatever it is given for a yes.",
                lie.given_is_yes,
                "tools.bulk-refused-unless-confirmed",
            ),
        )
    ),
    *(
        _mutant(
            CLAIM,
            f"{role}-claims-unknown",
            f"The {role} tool says that it is done with a task that is not there.",
            lie.verb(f"{role}_task", lie.claimed(word)),
            f"tools.{role}-no-false-success",
            *named,
        )
        for role, word, *named in (
            ("update", "updated"),
            ("complete", "completed"),
            ("delete", "deleted", "tools.unknown-task-not-claimed"),
        )
    ),
)
