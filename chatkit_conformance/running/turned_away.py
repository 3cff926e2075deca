"""What met the server's limit beside other conversations is held once more alone, when the limit has passed."""

from __future__ import annotations

from collections.abc import Sequence

from ..exchange import Exchange
from ..http.retry_after import REFUSED
from ..transcript import Transcript
from .host import Host
from .pace import answer_s

Held = tuple[Exchange, str, Transcript]
"""A conversation: what was held, in which dialect, and what became of it."""

VAIN = 3
"""Conversations that met it alone, too, after which no other is held again: it limits what one conversation does."""


def is_refused(t: Transcript) -> bool:
    """Whether the server's limit turned away a request of it for good."""
    return REFUSED in t.notes


async def after_the_limit(host: Host, refused: Sequence[Held]) -> list[Transcript]:
    """Hold these again, one by one; for each the transcript that counts."""
    found: list[Transcript] = []
    vain = 0
    if refused:
        await host.environment.client.limit.rest()
    for exchange, dialect, first in refused:
        if vain >= VAIN or host.time_is_over:
            found.append(first)
            continue
        await answer_s(host.environment.client, host.environment.target)  # waits until user a is let in again
        second = await host.hold(exchange, dialect, again=1)
        vain += is_refused(second)
        found.append(first if host.time_is_over else second)
    return found
