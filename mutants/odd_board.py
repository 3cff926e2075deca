"""A near miss whose tools that make and list tasks draw nothing: another one draws the tasks, with their buttons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reference_server import tools
from reference_server.tasks.task import TaskList
from reference_server.tasks.verbs import VERBS, Outcome, Verb

LISTING = "list_tasks"


def _undrawn(verb: Verb) -> Verb:
    """The tool, shown by a step in place of a widget."""

    async def run(tasks: TaskList, asked: Any) -> Outcome:
        return replace(await verb.run(tasks, asked), widget=None, detail=None)

    return replace(verb, run=run, draws=False)


def board_apart() -> None:
    """`show_board` draws the tasks, and no other tool does."""
    listing = next(verb for verb in VERBS if verb.name == LISTING)
    board = replace(
        listing,
        name="show_board",
        description="Lay the user's tasks out on the page, each with a button.",
        during="Laying out the tasks…",
    )
    vars(tools)["VERBS"] = (*(_undrawn(verb) if verb.draws else verb for verb in VERBS), board)
    tools.DURING[board.name] = board.during
    tools._DRAWING = frozenset({board.name})
