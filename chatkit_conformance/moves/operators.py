"""Moves of the operator: the server is restarted, or killed at event k; and the wait for a rate limit to pass."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..http.retry_after import seconds_told
from ..wire.status import TOO_MANY
from .leaving import SEEN_S, nth_event
from .move import MoveKind
from .reading import THREADS, USERS, read_thread
from .scripted_turn import plainly

if TYPE_CHECKING:
    from .act import Act

MOST_BURST = 400
"""Requests that are sent at most to meet a declared rate limit."""

LONGEST_WAIT_S = 65.0
"""Seconds that are waited at most for a limit to pass: a limit per minute, and some."""


async def _restart(act: Act) -> None:
    await act.talk.restart(kill=act.arg("kill"))


async def _kill_at(act: Act) -> None:
    """The server is killed at the nth event of a turn, and started again; then the thread is read."""
    thread = act.thread
    async with act.open_turn(thread, plainly(act.n, chunk_chars=4, gap_s=0.005)) as killed:
        await killed.opened.wait_for(nth_event(act.arg("event")), SEEN_S)
        await act.talk.restart(kill=True)
    await read_thread(act, thread, act.person, "back")


async def _wait(act: Act) -> None:
    """Requests until one is refused for being one too many; the server's own wait; one more request."""
    most = act.talk.target.limits.get("requests_per_minute")
    act.talk.require(most, "no limit is told: write requests_per_minute under [limits] in the target file.")
    params = {"limit": 1, "order": "desc"}
    act.talk.comes_again = False
    for n in range(min(int(most or 0) + 5, MOST_BURST)):
        made = await act.talk.ask("threads.list", params, label=act.label(f"burst-{n}"), user=act.person.user)
        if made.status == TOO_MANY:
            told_s = seconds_told(made.headers.get("retry-after", ""))
            await asyncio.sleep(min(60.0 if told_s is None else told_s, LONGEST_WAIT_S))
            break
    await act.talk.ask("threads.list", params, label=act.label("later"), user=act.person.user)
    act.talk.comes_again = True


OPERATORS = (
    MoveKind(
        name="restart",
        does="the server is restarted (killed: {kill})",
        play=_restart,
        who="operator",
        args={"kill": (False, True)},
        needs=("restart",),
        alone=True,
    ),
    MoveKind(
        name="kill-at",
        does="user {user} writes in thread {thread}, and the server is killed at event {event}",
        play=_kill_at,
        who="operator",
        args={"user": USERS, "thread": THREADS, "event": (3, 0, 1, 2, 5, 8, 12)},
        needs=("restart",),
        wants=("thread",),
        makes=("turn",),
        alone=True,
    ),
    MoveKind(
        name="wait-for-limit",
        does="user {user} sends requests until one is refused, waits as told, and sends one more",
        play=_wait,
        args={"user": USERS},
        needs=("rate_limit",),
        alone=True,
    ),
)
"""The kinds."""
