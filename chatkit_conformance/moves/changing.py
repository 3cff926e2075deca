"""Moves that change a thread without talking: rename, delete, rate an answer."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from .marks import mark
from .move import MoveKind
from .reading import THREADS, USERS

if TYPE_CHECKING:
    from .act import Act
    from .state import Thread

DIGITS = "007"
"""The beginning of a title that could be taken for a number."""

TITLES = ("Ferns & friends — 植物", " with blanks ", '<b>"bold"</b> & \\', "x" * 200, DIGITS)
"""What threads are called; a mark is put behind it, or other digits."""


async def _rename(act: Act) -> None:
    await rename(act, act.thread, act.arg("title"))


async def rename(act: Act, thread: Thread, title: str, suffix: str = "") -> None:
    """Give a thread this title, with a mark behind it."""
    own = secrets.randbelow(10**9) if title == DIGITS else f" {mark(act.talk.new_nonce(), 'title')}"
    title = f"{title}{own}"
    params = {"thread_id": thread.id, "title": title}
    made = await act.talk.ask("threads.update", params, label=act.label(suffix), user=act.person.user)
    if made.accepted:
        thread.title = title


async def _delete(act: Act) -> None:
    await delete(act, act.thread)


async def delete(act: Act, thread: Thread, suffix: str = "") -> None:
    """Delete a thread of the acting user's."""
    params = {"thread_id": thread.id}
    made = await act.talk.ask("threads.delete", params, label=act.label(suffix), user=act.person.user)
    thread.gone = thread.gone or made.accepted


async def _rate(act: Act) -> None:
    thread = act.thread
    items = [
        e.item_id
        for made in act.talk.replies
        if made.streamed and made.thread_id == thread.id
        for e in made.items_done("assistant_message")
    ]
    act.talk.require(items, "no answer was finished that could be rated")
    params = {"thread_id": thread.id, "item_ids": items[-1:], "kind": act.arg("kind")}
    await act.talk.ask("items.feedback", params, label=act.label(), user=act.person.user)


CHANGING = (
    MoveKind(
        name="rename",
        does="user {user} renames thread {thread}",
        play=_rename,
        args={"user": USERS, "thread": THREADS, "title": TITLES},
        wants=("thread",),
    ),
    MoveKind(
        name="delete",
        does="user {user} deletes thread {thread}",
        play=_delete,
        args={"user": USERS, "thread": THREADS},
        wants=("thread",),
        makes=("gone",),
    ),
    MoveKind(
        name="rate",
        does="user {user} rates the newest answer of thread {thread} as {kind}",
        play=_rate,
        args={"user": USERS, "thread": THREADS, "kind": ("positive", "negative")},
        needs=("feedback",),
        wants=("thread", "answer"),
    ),
)
"""The kinds."""
