"""The mutants that list what no filter is true of, keep what was made empty, and bring back what is gone."""

from __future__ import annotations

from . import filter_lies as lie
from .mutant import Mutant, Patch


def _row(name: str, says: str, change: Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, change=change, named=named)


FILTERS = (
    _row(
        "one-filter-alone",
        "Where a list is asked for by a priority, its other filters are not looked at.",
        lie.first_filter_alone,
        "tools.filtered-lists",
    ),
    _row(
        "filter-not-used",
        "A list's priority is declared, and not looked at.",
        lie.priority_unused,
        "tools.filtered-lists",
    ),
    _row(
        "tags-never-emptied",
        "An update with an empty list of tags keeps the tags, and says that it was done.",
        lie.keep_tags,
        "tools.emptied-tags-gone",
    ),
    _row(
        "update-revives",
        "An update of a task that was deleted brings it back.",
        lie.revive,
        "tools.tasks-as-expected",
    ),
    _row(
        "update-tells-old",
        "A tool that changes a task answers with the task as it was before.",
        lie.tell_old,
        "tools.update-tells-new",
    ),
)
