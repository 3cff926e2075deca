"""Pages that were read, wherever they stand in an answer."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.check import Untestable
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.transcript import Reply, Transcript


def pages_read(t: Transcript) -> list[tuple[Reply, dict[str, Any]]]:
    """Every page that a request in place was answered with. Raises Untestable where there is none."""
    found = []
    for a in in_place(t):
        body = a.reply.body if a.reply.accepted else None
        page = body.get("items") if isinstance(body, dict) and a.reply.type == "threads.get_by_id" else body
        if a.reply.type in ("threads.get_by_id", "threads.list", "items.list") and isinstance(page, dict):
            found.append((a.reply, page))
    if not found:
        raise Untestable(f"No page was read in {t.exchange}.")
    return found
