"""Lies about turns that were broken off: what a server runs again, or takes back, when the browser goes away."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Iterable
from typing import Any

from chatkit_conformance.stream.event_kinds import is_text

from .both_sides import with_wire
from .inside import Invoke, tool
from .mutant import Event, Memory, Wire
from .turn_lies import dead_end, known

_BACKGROUND: set[asyncio.Task[Any]] = set()


def _seen(event: Event, memory: Memory) -> Iterable[Event]:
    known(event, memory)
    memory.stream.setdefault("thread", memory.thread_id)
    return (event,)


def _thread_of(context: Any) -> str:
    return str(context.context.thread.id)


def _made_again(real: Invoke) -> Invoke:
    """A call of a turn that did not end is run once more at the next message of its thread."""

    @functools.wraps(real)
    async def instead(context: Any, arguments: str) -> Any:
        result = await real(context, arguments)
        PENDING[_thread_of(context)] = (real, context, arguments)
        return result

    return instead


PENDING: dict[str, tuple[Invoke, Any, str]] = {}
"""Calls of turns that have not ended, by thread."""


def _resume(request: Event, memory: Memory) -> Event:
    thread = request.get("params", {}).get("thread_id", "")
    if request.get("type") == "threads.add_user_message" and thread in PENDING:
        _begin(*PENDING.pop(thread))
    return request


def _begin(run: Invoke, context: Any, arguments: str) -> None:
    task = asyncio.ensure_future(run(context, arguments))
    _BACKGROUND.add(task)
    task.add_done_callback(_BACKGROUND.discard)


def _done(memory: Memory) -> Iterable[Event]:
    if not memory.left:
        PENDING.pop(memory.stream.get("thread", ""), None)
    return ()


resume_left = with_wire(tool("create_task", _made_again), Wire(request=_resume, event=_seen, end=_done))
"""A turn that the browser left is resumed at the next message, from its tool on."""


def _deferred(real: Invoke) -> Invoke:
    """Say that the task was made, and make it when the turn has ended."""

    async def instead(context: Any, arguments: str) -> str:
        PENDING[_thread_of(context)] = (real, context, arguments)
        return json.dumps({"ok": True, "task": json.loads(arguments)})

    return instead


def _at_last(memory: Memory) -> Iterable[Event]:
    pending = PENDING.pop(memory.stream.get("thread", ""), None)
    if pending and not memory.left:
        _begin(*pending)
    return ()


def _taken_back(request: Event, memory: Memory) -> Event:
    PENDING.pop(request.get("params", {}).get("thread_id", ""), None)
    return request


make_at_end = with_wire(tool("create_task", _deferred), Wire(request=_taken_back, event=_seen, end=_at_last))
"""A tool's change is committed with its turn: a turn that is broken off takes it along."""


def _locked_early(event: Event, memory: Memory) -> Iterable[Event]:
    """A thread that was left before it had an answer stays locked."""
    first = "dead" not in memory.stream
    state = known(event, memory)
    if first:
        memory.stream["dead"] = state.get("silent", 0) > 0
        state["silent"] = state.get("silent", 0) + 1
        memory.stream["silent"] = True
    # The error that ends a turn which was left is sent to nobody.
    if memory.stream["silent"] and not memory.left and (is_text(event) or event.get("type") == "error"):
        memory.stream["silent"] = False
        state["silent"] -= 1
    dead = memory.stream["dead"] and event.get("item", {}).get("type") != "user_message"
    return () if dead else (event,)


lock_early = Wire(event=_locked_early, end=dead_end)
"""The lock of a turn is given back with the first word of its answer, and by nothing else."""
