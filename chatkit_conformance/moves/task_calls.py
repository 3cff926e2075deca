"""What moves that call tools can be told: which tools, and whose tasks. Checks read it without loading the moves."""

from __future__ import annotations

ROLES = ("create", "read", "update", "complete", "delete")
"""Roles of the tools that are called for one task, or for the list."""

BULK = ("bulk-complete", "bulk-delete")
"""Roles of the tools that are called for all tasks."""

UNKNOWN_ID, THEIR_TASK = "unknown-id", "another's task"
NOT_THEIRS = tuple(f"{whose}:{role}" for whose in (UNKNOWN_ID, THEIR_TASK) for role in ("complete", "update", "delete"))
"""Calls for a task that the user does not have: that nobody has, or that is another user's."""
