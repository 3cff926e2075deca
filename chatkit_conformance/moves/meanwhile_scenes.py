"""Scenes of what a user does while their thread is answered, and of what is left of it afterwards.

A button that is pressed, and a title that is given before the browser leaves: the answer that was under way must not
put back what it had read when it began.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from .changing import TITLES, rename
from .leaving import GONE_S
from .move import Move, MoveKind
from .reading import WITH, read_list, read_thread
from .scripted_turn import by_tools, plainly
from .shown import press_first
from .talking import NOTICED_S, held_turn, while_held
from .tools import created, task_call, title_of

if TYPE_CHECKING:
    from .act import Act


async def _press_meanwhile(act: Act) -> None:
    """A task is made, and its button pressed in mid-answer; then the thread is read."""
    thread, person = act.thread, act.person
    title = title_of(act.talk.new_nonce())
    rounds = [[task_call(act, "create", title=title)]]
    made = await act.turn(thread, by_tools(lambda _: rounds, n=act.n), suffix="made")
    await created(act, made, person, [title])
    async with held_turn(act, thread, suffix="held", n=act.n + 1) as (answering, gate):
        await while_held(act, gate, answering, press_first(act), NOTICED_S)
    await read_thread(act, thread, person, "after")


async def _rename_and_leave(act: Act) -> None:
    """A title is given in mid-answer, and the browser leaves; then the thread and the list are read."""
    thread, talk = act.thread, act.talk
    async with held_turn(act, thread, suffix="held") as (left, gate):
        # A server may let the rename wait for the answer: then it is done once the browser has left.
        other = asyncio.create_task(rename(act, thread, TITLES[0], "renamed"))
        await asyncio.wait({other}, timeout=NOTICED_S)
    try:
        await talk.calls(left.turn.nonce, timeout_s=GONE_S, finished=True)
        await talk.open_gate(gate)
        await other
    finally:
        other.cancel()
        with suppress(asyncio.CancelledError):
            await other
    await act.turn(thread, plainly(act.n + 1), suffix="again")
    await read_thread(act, thread, act.person, "after")
    await read_list(act, act.person, "list")


LEAVES, DELETES = "leaves", "deletes the thread"
"""What a second tab does whose message waits until the first one's is answered."""


async def _wait_behind(act: Act) -> None:
    """Two tabs write in one thread; the second one leaves, or deletes the thread, before the first one is answered."""
    thread = act.thread
    async with held_turn(act, thread, suffix="first") as (first, gate):
        async with act.open_turn(thread, plainly(act.n + 1), suffix="second") as second:
            await second.opened.wait_for(lambda event: True, NOTICED_S)
            if act.arg("end") == DELETES:
                gone = act.stage.play(Move(kind="delete", args={"user": act.arg("user"), "thread": act.arg("thread")}))
                await while_held(act, gate, first, gone, NOTICED_S)
                await second.opened.finish()
        await act.talk.open_gate(gate)
        await first.opened.finish()
    if act.arg("end") == LEAVES:
        await act.turn(thread, plainly(act.n + 2), suffix="then")
        await read_thread(act, thread, act.person, "after")


MEANWHILE_SCENES = (
    MoveKind(
        name="press-meanwhile",
        does="user {user} presses a button in thread {thread} ({how}) while another message in it is answered",
        play=_press_meanwhile,
        who="second tab",
        args={**WITH, "how": ("button", "button-sync")},
        needs=("actions", "role:create"),
        wants=("thread",),
        makes=("turn", "tools", "task"),
    ),
    MoveKind(
        name="rename-and-leave",
        does="user {user} renames thread {thread} in mid-answer, and leaves",
        play=_rename_and_leave,
        who="second tab",
        args=WITH,
        wants=("thread",),
        makes=("turn",),
    ),
    MoveKind(
        name="wait-behind",
        does="user {user} writes in thread {thread} in a second tab, which {end} before the first one is answered",
        play=_wait_behind,
        who="second tab",
        args={**WITH, "end": (LEAVES, DELETES)},
        wants=("thread",),
        makes=("turn",),
        makes_by={"end": {DELETES: ("gone",)}},
    ),
)
"""The kinds."""
