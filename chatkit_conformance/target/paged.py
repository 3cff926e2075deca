"""Whether a list tool gives its tasks by pages: then the newest may be on one that a conversation never reads."""

from __future__ import annotations

from .tools import Tool
from .vocabulary import words

GOES_ON = frozenset(
    {
        "offset",
        "skip",
        "start",
        "start_index",
        "page",
        "page_number",
        "page_token",
        "page_index",
        "cursor",
        "after",
        "after_id",
        "next_token",
        "continuation_token",
        "seite",
        "pagina",
    }
)
"""Arguments that ask a list for what comes after its first page."""


def is_paged(tool: Tool) -> bool:
    """Whether the tool can be asked for another page than the first."""
    properties = tool.schema.get("properties")
    return isinstance(properties, dict) and any("_".join(words(name)) in GOES_ON for name in properties)
