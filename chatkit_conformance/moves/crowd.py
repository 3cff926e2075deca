"""The move of many at once: tabs of one user write, rename and read one thread, none waiting for another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .changing import rename
from .move import MoveKind
from .reading import THREADS, USERS
from .scripted_turn import plainly

if TYPE_CHECKING:
    from .act import Act

TABS = 3
"""Tabs that write."""

TIMES = 3
"""Times that each does what it does; the reader reads twice as often."""


async def _crowd(act: Act) -> None:
    """Everybody is there by the time that the others begin; one tab alone renames, so that the last title is known."""
    thread = act.thread

    async def write(tab: int) -> None:
        for n in range(TIMES):
            await act.turn(thread, plainly(act.n + tab + n), suffix=f"tab-{tab}-{n}")

    async def read() -> None:
        for n in range(2 * TIMES):
            params = {"thread_id": thread.id}
            await act.talk.ask("threads.get_by_id", params, label=act.label(f"seen-{n}"), user=act.person.user)

    async def call() -> None:
        for n in range(TIMES):
            await rename(act, thread, f"Called {n}", suffix=f"called-{n}")

    async with asyncio.TaskGroup() as group:
        for each in (*(write(tab) for tab in range(TABS)), read(), call()):
            group.create_task(each)


CROWD = MoveKind(
    name="crowd",
    does="tabs of user {user} write, rename and read thread {thread} at once",
    play=_crowd,
    who="second tab",
    args={"user": USERS, "thread": THREADS},
    wants=("thread",),
    makes=("turn",),
)
