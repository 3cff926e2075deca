"""Moves in which the browser does not wait: it leaves at event k and comes back, or does something else meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..http.pieces import Pieces
from .move import Move, MoveKind
from .reading import THREADS, USERS, read_thread
from .scripted_turn import plainly
from .talking import HELD_S, NOTICED_S, held_turn

if TYPE_CHECKING:
    from ..transcript import Event
    from .act import Act

SEEN_S = 1.0
"""Seconds that are waited for the event at which we leave; a server that shows less is left all the same."""

ASKED_S = 0.3
"""Seconds in which the server may ask the model after we left: it need not any more."""

GONE_S = 3.0
"""Seconds in which the server may notice that we left, before the model goes on."""

MANY = 24
"""Connections dropped one after another: more than the places of a usual pool (20 in SQLAlchemy's and httpx's)."""


HALF = Pieces(number=2, sent=1)
"""Half of a request, and then nothing."""


async def _leave(act: Act) -> None:
    if act.arg("event") < 0:
        await _half(act)
        return
    thread, gate = act.thread, act.talk.gate()
    for n in range(act.arg("times")):
        scripted = plainly(act.n, chunk_chars=4, hold_after=max(1, act.arg("event")), gate=gate, hold_max_s=HELD_S)
        async with act.open_turn(thread, scripted, suffix=str(n + 1) if n else "") as left:
            await left.opened.wait_for(nth_event(act.arg("event")), SEEN_S)
        if left.note["left"] and await act.talk.calls(left.turn.nonce, timeout_s=ASKED_S):
            await act.talk.calls(left.turn.nonce, timeout_s=GONE_S, finished=True)
    await act.talk.open_gate(gate)
    await read_thread(act, thread, act.person, "back")


async def _half(act: Act) -> None:
    """Half of a request, and the connection is dropped: nobody has said anything."""
    thread = act.thread
    await act.turn(thread, plainly(act.n), pieces=HALF)
    thread.turns.pop()  # half a JSON text says nothing, so no server may have taken it for a message
    await read_thread(act, thread, act.person, "back")


def nth_event(index: int) -> Callable[[Event], bool]:
    """Whether an event is the nth of its reply, or a later one."""

    def is_it(event: Event) -> bool:
        return event.index >= index

    return is_it


async def _meanwhile(act: Act) -> None:
    """A turn is held in mid-answer, another move is made, and the answer goes on."""
    args = {name: act.arg(name) for name in ("user", "thread")}
    async with held_turn(act, act.thread) as (answering, gate):
        elsewhere, move = act.arg("inner") == ELSEWHERE, Move(kind=act.arg("inner"), args=args)
        other = asyncio.create_task(_elsewhere(act) if elsewhere else act.stage.play(move))
        try:
            # A server may let the second wait for the first: then the gate has to open before it is done.
            await asyncio.wait({other}, timeout=NOTICED_S)
            await act.talk.open_gate(gate)
            await answering.opened.finish()
            await other
        finally:
            other.cancel()
            with suppress(asyncio.CancelledError):
                await other


async def _elsewhere(act: Act) -> None:
    """The same user begins another thread and leaves it in mid-answer."""
    async with held_turn(act, None, suffix="elsewhere"):
        pass


ELSEWHERE = "leave another thread"

INNER = ("read", "list", "rename", "delete", "rate", "say", "use-tool", "stranger", ELSEWHERE)

LEAVING = (
    MoveKind(
        name="leave",
        does="user {user} writes in thread {thread}, leaves at event {event} (-1: in mid-request), {times} times",
        play=_leave,
        args={"user": USERS, "thread": THREADS, "event": (4, 0, 1, 2, 3, 6, -1), "times": (1, MANY)},
        wants=("thread",),
        makes=("turn",),
    ),
    MoveKind(
        name="meanwhile",
        does="user {user} writes in thread {thread}, and before the answer is over: {inner}",
        play=_meanwhile,
        who="second tab",
        args={"user": USERS, "thread": THREADS, "inner": INNER},
        needs_by={"inner": {"rate": ("feedback",), "use-tool": ("any-tool",)}},
        wants=("thread",),
        wants_by={"inner": {"stranger": ("two",)}},
        makes=("turn",),
        makes_by={"inner": {"delete": ("gone",), "use-tool": ("task", "tools")}},
    ),
)
"""The kinds."""
