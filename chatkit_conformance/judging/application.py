"""Which MUST checks ask for an application whose tools keep tasks, and which of their neighbours ask for ChatKit.

ChatKit's client asks for no tool: a server without one, or with other ones, works with it. So what is asked of the
tools for tasks, and of what a turn with them shows, has a question of its own in the verdict. What every client needs
of a turn that has tools (that it ends, is answered, is shown, and is followed by another) is asked for ChatKit.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from ..check import TOOL_ROLES

OF_TASKS = (
    "tools.declared",
    *(f"tools.{role}-*" for role in TOOL_ROLES),
    "tools.bulk-*",
    "tools.created-*",
    "tools.deleted-*",
    "tools.updated-*",
    "tools.tasks-*",
    "tools.changes-nothing-else",
    "tools.done-not-told-failed",
    "tools.equal-calls-answered",
    "tools.executes-once",
    "tools.five-calls-at-once",
    "tools.not-run-again",
    "tools.other-users-not-listed",
    "tools.others-unchanged",
    "tools.result-reaches-model",
    "tools.results-told",
    "tools.same-title-own-task",
    "tools.several-steps",
    "tools.shown-*",
    "tools.two-calls-*",
    "tools.unknown-task-not-claimed",
    "tools.visible",
    "latency.tool-visible",
    "persistence.*-anywhere-tool-*",
    "persistence.restart-keeps-tasks",
)
"""Ids of checks that ask for tools that keep tasks."""

OF_CHATKIT = (
    "gemini.*",
    "tools.answer-follows",
    "tools.approv*",
    "tools.other-user-cannot-approve",
    "tools.refused-call-not-run",
    "tools.bad-arguments-*",
    "tools.handoff-*",
    "tools.nested-*",
    "tools.structured-*",
    "tools.text-around-calls",
    "tools.turn-after-*",
    "tools.turn-goes-on",
    "tools.unknown-tool-handled",
)
"""Ids of checks beside them whose answer ChatKit's client, or the model behind it, needs from any server."""


def of_tasks(id: str) -> bool:
    """Whether the check of this id asks for tools that keep tasks."""
    return any(fnmatchcase(id, glob) for glob in OF_TASKS)
