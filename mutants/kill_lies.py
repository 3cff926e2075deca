"""Lies about turns that a kill broke off: what the server, started again, has lost, or runs once more.

What has to outlast a kill stands in a file beside the database: the server, started again, finds there what was open.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from chatkit.types import Page, ThreadItem

from reference_server.store import SqlStore

from .both_sides import with_wire
from .inside import Invoke, Method, adding, around, both, tool
from .mutant import Event, Memory, Patch, Wire
from .turn_lies import known


class Journal:
    """What of unfinished turns is written down: rows by thread, in a file that outlasts the process."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Any]] = {}
        self.found: dict[str, list[Any]] = {}
        """What an earlier process had left open."""

    def read(self) -> None:
        """Read what the process before this one left. Called before the server is made."""
        if self._file.exists():
            self.found = json.loads(self._file.read_text())
            self.rows = dict(self.found)

    def add(self, thread: str, row: Any) -> None:
        """Write a row down."""
        self.rows.setdefault(thread, []).append(row)
        self._write()

    def close(self, thread: str) -> None:
        """Cross a thread's rows out, but for what an earlier process left."""
        self.rows.pop(thread, None)
        if left := self.found.get(thread):
            self.rows[thread] = left
        self._write()

    def _write(self) -> None:
        # Whole or not at all: a kill may come at any moment.
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(self.rows))
        draft.replace(self._file)

    @property
    def _file(self) -> Path:
        return Path(os.environ["DATABASE_URL"].partition("///")[2]).with_suffix(".open.json")


JOURNAL = Journal()


def _seen(event: Event, memory: Memory) -> Iterable[Event]:
    known(event, memory)
    memory.stream.setdefault("thread", memory.thread_id)
    return (event,)


def _ended(memory: Memory) -> Iterable[Event]:
    """The turn's stream has come to its end: nothing of its thread is open any more."""
    if not memory.left and (thread := memory.stream.get("thread")):
        JOURNAL.close(thread)
    return ()


def _ended_later(memory: Memory) -> Iterable[Event]:
    if not memory.left and (thread := memory.stream.get("thread")):
        asyncio.get_running_loop().call_later(LATER_S, JOURNAL.close, thread)
    return ()


LATER_S = 0.2
"""Seconds after its end in which a turn is committed by what commits in the background."""

CLOSING = Wire(event=_seen, end=_ended)
CLOSING_LATER = Wire(event=_seen, end=_ended_later)
"""Changes nothing that is sent; crosses a thread's rows out when its turn has come to its end."""


def _noting(kind: str) -> Callable[[Method], Method]:
    def wrap(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, item: Any, *args: Any, **more: Any) -> None:
            await real(self, thread_id, item, *args, **more)
            if item.type == kind:
                JOURNAL.add(thread_id, item.id)

        return instead

    return wrap


def _hiding(real: Method) -> Method:
    async def instead(self: SqlStore, thread_id: str, *args: Any, **more: Any) -> Page[ThreadItem]:
        page: Page[ThreadItem] = await real(self, thread_id, *args, **more)
        lost = JOURNAL.found.get(thread_id, [])
        return page.model_copy(update={"data": [item for item in page.data if item.id not in lost]})

    return instead


def lost_when_killed(kind: str) -> Patch:
    """Items of this kind are committed a moment after the turn has ended: a kill before that loses them."""
    stored = both(JOURNAL.read, adding(_noting(kind)), around(SqlStore, "load_thread_items", _hiding))
    return with_wire(stored, CLOSING_LATER)


def _queued(real: Invoke) -> Invoke:
    """What a killed server had begun is run once more, before the first call after its start."""

    async def instead(context: Any, arguments: str) -> Any:
        again = [row for rows in JOURNAL.found.values() for row in rows]
        JOURNAL.found.clear()
        for row in again:
            await real(context, row)
        JOURNAL.add(str(context.context.thread.id), arguments)
        return await real(context, arguments)

    return instead


queue_killed = with_wire(both(JOURNAL.read, tool("create_task", _queued)), CLOSING)
"""Calls stand in a queue until their turn has ended; after a start the queue is worked off."""
