"""Names of exchanges, grouped by the evidence that they hold, for checks that are on many."""

from __future__ import annotations

from .exchanges.faults import NAMES as FAULTS

TEXT = ("three_turns", "two_threads", "other_scripts", "held_answer")
TASKS = ("tool_create", "tool_update", "tool_complete", "tool_delete")
TOOLS = (*TASKS, "bulk_tools", "two_calls", "text_around_calls")
SOUND = (*TEXT, "item_pages", *TOOLS)
"""Conversations in which neither the model nor the user does anything wrong."""
STREAMS = (*SOUND, "rename_and_delete", "retry", "bad_arguments", "unknown_tool", *FAULTS)
"""Every conversation whose streams are read to their end."""
RELOADS = ("three_turns", "item_pages", "other_scripts", "two_threads", *TOOLS, "retry", "client_leaves")
"""Conversations that read their thread back."""
