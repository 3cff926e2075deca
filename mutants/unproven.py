"""MUST checks for which there is no mutant, each with the reason. A row that a mutant kills after all is stale."""

from __future__ import annotations

GENERATED = "It judges generated conversations; whoever breaks it is let go by a written one before they are held."

WITHOUT: dict[str, str] = {
    "gemini.history-own-results": "Our server tells later turns what it showed, and no result of a tool word for word.",
    "gemini.past-calls-are-json": "Our server tells later turns what it showed, and no call of a tool.",
    "persistence.deleted-is-gone": GENERATED,
    "persistence.list-as-expected": GENERATED,
    "persistence.disconnect-anywhere-keeps-answer": "A server that loses what was read at one boundary lost it at all.",
}
