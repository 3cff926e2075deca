"""What a right server may refuse for its size alone: no document of ChatKit's says how much it must take."""

from __future__ import annotations

from ..transcript import Reply

USUAL_PAGE = 100
"""Rows that every server is expected to give in one page: more may be refused, as APIs often have a greatest limit."""

USUAL_TITLE = 80
"""Characters of a title that every server is expected to take."""

USUAL_TEXT = 4_000
"""Characters of a message that every server is expected to take."""


def refused_for_size(r: Reply) -> str:
    """Why this refusal is the server's right, in words, or "": the request asks for more than usual, and got a 4xx."""
    if not r.refused:
        return ""
    limit, title, message = (r.params.get(key) for key in ("limit", "title", "input"))
    if isinstance(limit, int) and limit > USUAL_PAGE:
        return f"it asks for a page of {limit}, which the server does not give"
    if isinstance(title, str) and len(title) > USUAL_TITLE:
        return f"its title has {len(title)} characters, which the server does not take"
    parts = message.get("content") if isinstance(message, dict) else None
    texts = [part.get("text") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    length = sum(len(text) for text in texts if isinstance(text, str))
    return f"its message has {length:,} characters, which the server does not take" if length > USUAL_TEXT else ""
