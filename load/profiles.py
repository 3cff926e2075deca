"""What a person does next: one step of a habit of the table in loading/people.py."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import gevent

from chatkit_conformance.load_analysis.kinds import KINDS, TALK, Kind
from chatkit_conformance.load_analysis.people import UserProfile

from .browser_tab import BrowserTab, Conversation
from .state import State

LISTED = 10
SECOND_TAB_AFTER_S = 0.3
"""Seconds into an answer at which a second tab reloads the thread."""

_LIST = {"type": "threads.list", "params": {"limit": LISTED, "order": "desc"}}


def tool_kinds(state: State) -> Iterator[Kind]:
    """The kinds that call tools, round and round; talk alone where the server's tools are not known."""
    known = [KINDS[name] for name in state.plan.kinds if KINDS[name].roles]
    return cycle(known or [TALK])


def step(profile: UserProfile, tabs: list[BrowserTab], kind: Kind, talk: Conversation, intended_at: float) -> None:
    """One step: a turn, or a look at history. `talk` is the thread gone on with."""
    if talk.turns >= profile.turns:
        talk.thread_id, talk.turns, talk.chars, talk.screen = "", 0, 0, []
    if profile.reads:
        _read(tabs[0])
        return
    if not talk.thread_id:
        talk.turns, talk.chars, talk.screen = 0, 0, []
    known = talk.thread_id
    writing = gevent.spawn(tabs[0].turn, kind, talk, intended_at, profile.leave_after)
    for other in tabs[1:]:
        gevent.sleep(SECOND_TAB_AFTER_S)
        if known:
            other.reload(known)
    writing.get()


def _read(tab: BrowserTab) -> None:
    """List the threads, open the newest ones and page through them."""
    listed = tab.read("threads.list", _LIST)
    data = listed.get("data") if isinstance(listed, dict) else None
    for thread in (data or [])[:2]:
        if isinstance(thread, dict) and thread.get("id"):
            tab.reload(str(thread["id"]))
