"""How a recorded answer ended, as far as it was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..transcript import Ended, Event, Reply
from ..wire.sse import MOST_RECORDED


def ended_as(events: Sequence[Event], trouble: str | None) -> Ended:
    """How it ended: where we read no further, it is we who left.

    Args:
        trouble: what is wrong with its end, or None.
    """
    if len(events) >= MOST_RECORDED:
        return "left"
    return "cut" if trouble else "closed"


def unread(replies: Iterable[Reply]) -> tuple[str, ...]:
    """What to know of answers that were not read to their end, as sentences."""
    return tuple(
        f"{reply.label}: its first {MOST_RECORDED:,} events are judged; the rest, and how it ended, is not."
        for reply in replies
        if len(reply.events) >= MOST_RECORDED
    )
