"""How fast the server is by itself: by that it is waited for, and so many conversations are held with it at once.

A deadline that is the same for all would call a server late that stands behind a slow line, or that answers one request
at a time while we send sixteen. So the first turn is timed alone, and what is late is late by that measure.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from ..http.client import Client
from ..http.retry_after import MOST_S
from ..target.target import Target
from .list_request import LIST

QUICK_S = 0.5
"""Seconds of a plain turn up to which a server is waited for as long as any."""

MOST = 6.0
"""By how much deadlines are stretched at most for a slow server. What `--patience` says comes on top."""

AT_ONCE = 4
"""Requests that are sent together to see whether they hold each other up."""

CROWDED = 2.0
"""By how much they must be slower together than alone to say so: on a busy machine half as slow again is chance."""

WARM = 6.0
"""By how much a turn takes longer than a list at most, on a server that is warm: beyond that its start was slow."""

TOLD = 2.0
"""By how much deadlines are stretched, from which on the run says so."""

FEWEST = 2
"""Conversations that are held side by side with the slowest server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPace:
    """How fast a server is.

    Args:
        alone_s: seconds of a plain turn with nothing beside it. crowding: how many times slower its answers are when
            four are asked for at once.
    """

    alone_s: float = 0.0
    crowding: float = 1.0

    @property
    def factor(self) -> float:
        """By how much deadlines are stretched."""
        return min(max(1.0, self.alone_s / QUICK_S), MOST)

    def side_by_side(self, most: int) -> int:
        """How many conversations are held at once: fewer where they hold each other up."""
        if self.crowding < CROWDED or self.alone_s <= QUICK_S:
            return most
        return max(min(FEWEST, most), int(most * CROWDED / (self.crowding * max(1.0, self.alone_s))))

    def notice(self, most: int) -> str:
        """A sentence for a slow server, or "". `most`: conversations that are held at once with others."""
        if self.factor < TOLD:
            return ""
        held = self.side_by_side(most)
        fewer = f", and {held} conversations are held at once in place of {most}" if held < most else ""
        return (
            f"the server took {self.alone_s:.1f} s for a plain turn with nothing beside it: it is waited for "
            f"{self.factor:.1f} times as long as others{fewer}. If that is not enough: --patience N, --side-by-side N."
        )


async def pace_of(client: Client, target: Target, alone_s: float) -> ServerPace:
    """How fast the server is.

    Args:
        alone_s: seconds of its first turn. A quick server is asked nothing more.
    """
    if alone_s <= QUICK_S:
        return ServerPace(alone_s=alone_s)
    one = await answer_s(client, target)
    together = await asyncio.gather(*(answer_s(client, target) for _ in range(AT_ONCE)))
    # A first turn may be slow because all is cold: what it took beyond a warm answer's time is not what others take.
    return ServerPace(alone_s=max(one, min(alone_s, WARM * one)), crowding=max(together) / max(one, 0.001))


async def answer_s(client: Client, target: Target, deadline_s: float | None = None) -> float:
    """Seconds that the server takes now for a list of threads."""
    headers = target.users["a"].sent() if "a" in target.users else {}
    reply = await client.send(label="pace", payload=LIST, headers=headers, deadline_s=deadline_s, held_back_s=MOST_S)
    return (reply.ended_at or time.monotonic()) - reply.sent_at
