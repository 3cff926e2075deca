"""What was late beside other conversations is held once more alone: only what is late then, too, accuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..exchange import Exchange
from ..http.pending_reply import NO_CONNECTION
from ..transcript import CUT, Reply, Transcript
from .host import Host
from .pace import answer_s

TRIED = 4
"""Conversations that are held again at most: a server that hangs would make a run twice as long."""

DRAIN_S = 10.0
"""Seconds that a server has to come to the end of what it was asked before."""

AGAIN = "held_again"
"""Note of a transcript: why the conversation was held a second time."""


def is_late(t: Transcript) -> bool:
    """Whether a reply of it was not there by its deadline, or all of it took too long."""
    return CUT in t.notes or any(map(_late, t.replies))


def _late(reply: Reply) -> bool:
    """Whether an answer, or the connection before it, was not there by its deadline."""
    unconnected = reply.ended == "refused" and (reply.trouble or "").startswith(NO_CONNECTION)
    return reply.ended == "deadline" or unconnected


async def once_more(host: Host, late: Sequence[tuple[Exchange, str, Transcript]]) -> list[Transcript]:
    """Hold these again, one by one; for each the transcript that counts.

    After one that is late alone, too, the others keep their first: then it is the server.
    """
    found: list[Transcript] = []
    mended: list[str] = []
    hopeless = False
    for n, (exchange, dialect, first) in enumerate(late):
        if hopeless or n >= TRIED or _over(host):
            found.append(first)
            continue
        # What was left beside it may still be in its queue: a list waits its turn behind it.
        await answer_s(host.environment.client, host.environment.target, DRAIN_S)
        second = await host.hold(exchange, dialect, again=1)
        hopeless = is_late(second)
        if not hopeless:
            second = _noted(second, first)
            mended.append(exchange.name)
        found.append(first if hopeless and _over(host) else second)
    if mended:
        host.state.warnings.append(
            f"{', '.join(mended)} took too long beside other conversations, and not alone: the second time counts. "
            "Fewer at once: --side-by-side N; longer deadlines: --patience N."
        )
    return found


def _noted(second: Transcript, first: Transcript) -> Transcript:
    why = next((f"{r.label}: {r.trouble}" for r in first.replies if _late(r)), "all of it took too long")
    return replace(second, notes={**second.notes, AGAIN: why})


def _over(host: Host) -> bool:
    return host.time_is_over
