"""Takes away what a run made on a server that stays: its threads get a title that says whose, and are deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ..http.client import Client
from ..http.retry_after import MOST_S

TITLE = "chatkit-conformance: {exchange}"
"""What threads of a run are called that could not be deleted, or that were to stay."""

ANSWER_S = 5.0
"""Seconds that one answer may take."""

ALL_S = 10.0
"""Seconds for all of it."""

SHOWN = 5
"""Ids of threads that are named where some stayed."""


async def tidied(client: Client, made: Mapping[str, tuple[str, Mapping[str, str]]], *, keep: bool) -> list[str]:
    """Give each thread its title, and delete it; returns what is left, as sentences.

    Args:
        made: thread id -> its exchange, and the headers of its user. keep: whether they stay.
    """
    left = list(made)
    try:
        async with asyncio.timeout(ALL_S):
            for id, (exchange, headers) in made.items():
                params = {"thread_id": id, "title": TITLE.format(exchange=exchange)}
                await _ask(client, "threads.update", params, headers)
                if not keep and await _ask(client, "threads.delete", {"thread_id": id}, headers) < 300:
                    left.remove(id)
    except TimeoutError:
        pass
    if not left:
        return []
    shown = ", ".join(left[:SHOWN]) + (f" and {len(left) - SHOWN} more" if len(left) > SHOWN else "")
    why = "were left, as asked" if keep else "could not be deleted"
    return [f"{len(left)} threads of this run {why}: {shown}. Their title is {TITLE.format(exchange='...')!r}."]


async def _ask(client: Client, type: str, params: Mapping[str, object], headers: Mapping[str, str]) -> int:
    payload = {"type": type, "params": params}
    reply = await client.send(
        label="tidying", payload=payload, headers=headers, deadline_s=ANSWER_S, held_back_s=MOST_S
    )
    return reply.status or 599
