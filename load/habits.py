"""What a person does next: one step of a habit of the table in loading/people.py."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import gevent

from chatkit_conformance.loading.kinds import KINDS, TALK, Kind
from chatkit_conformance.loading.people import Habit

from .desk import Conversation, Desk
from .state import State

LISTED = 10
SECOND_TAB_AFTER_S = 0.3
"""Seconds into an answer at which a second tab reloads the thread."""

_LIST = {"type": "threads.list", "params": {"limit": LISTED, "order": "desc"}}


def tool_kinds(state: State) -> Iterator[Kind]:
    """The kinds that call tools, round and round; talk alone where the server's tools are not known."""
    known = [KINDS[name] for name in state.plan.kinds if KINDS[name].roles]
    return cycle(known or [TALK])


def step(habit: Habit, desks: list[Desk], kind: Kind, talk: Conversation, intended_at: float) -> None:
    """One step: a turn, or a look at history. `talk` is the thread gone on with."""
    if talk.turns >= habit.turns:
        talk.thread_id, talk.turns, talk.chars, talk.screen = "", 0, 0, []
    if habit.reads:
        _read(desks[0])
        return
    if not talk.thread_id:
        talk.turns, talk.chars, talk.screen = 0, 0, []
    known = talk.thread_id
    writing = gevent.spawn(desks[0].turn, kind, talk, intended_at, habit.leave_after)
    for other in desks[1:]:
        gevent.sleep(SECOND_TAB_AFTER_S)
        if known:
            other.reload(known)
    writing.get()


def _read(desk: Desk) -> None:
    """List the threads, open the newest ones and page through them."""
    listed = desk.read("threads.list", _LIST)
    data = listed.get("data") if isinstance(listed, dict) else None
    for thread in (data or [])[:2]:
        if isinstance(thread, dict) and thread.get("id"):
            desk.reload(str(thread["id"]))
