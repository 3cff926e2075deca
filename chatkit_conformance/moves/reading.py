"""Moves that read: a thread, the list, both page by page; and what is looked at when a conversation is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..talk import PAGES
from ..transcript import Reply
from .move import JSON, MoveKind
from .signing_in import sign_in_again
from .state import Person, Thread

if TYPE_CHECKING:
    from .act import Act

LIST_ITEMS = 50
"""Threads asked for where the whole list is read."""


async def read_thread(act: Act, thread: Thread, person: Person, suffix: str = "") -> Reply:
    """Read a thread anew, all its pages."""
    label = act.label(suffix)
    act.expect(label, thread=thread.to_json())
    return await act.talk.reload(thread.id, label=label, user=person.user)


async def read_list(
    act: Act, person: Person, suffix: str = "", *, limit: int = LIST_ITEMS, order: str = "desc"
) -> None:
    """Read a user's list of threads, all its pages; the replies are `label`, `label-2`, ..."""
    label = act.label(suffix)
    told = all(thread.id for thread in person.threads)  # one that was left before its id came may well be there
    await read_pages(act, "threads.list", label, person, limit, order=order)
    act.expect(
        label,
        threads=[thread.id for thread in person.threads if thread.id and not thread.gone],
        gone=[thread.id for thread in person.threads if thread.id and thread.gone],
        titles={t.id: t.title for t in person.threads if t.title is not None and not t.gone},
        whole=act.stage.own and told,
    )


async def read_pages(
    act: Act, type: str, label: str, person: Person, limit: int, *, start: str | None = None, **params: JSON
) -> None:
    """Read a list to its end; the replies are `label`, `label-page-2`, ... By a limit of 0 the server chooses it.

    Args:
        start: the cursor to begin behind, or None to begin at the beginning.
    """
    after = start
    for n in range(1, PAGES + 1):
        more = {**params, **({"limit": limit} if limit else {}), **({"after": after} if after else {})}
        made = await act.talk.ask(type, more, label=label if n == 1 else f"{label}-page-{n}", user=person.user)
        page = made.body if isinstance(made.body, dict) else {}
        after = page.get("after") if page.get("has_more") is True else None
        if not isinstance(after, str):
            return


async def look(act: Act) -> None:
    """Look at all that is there: each user's list and threads, those that were deleted too.

    Who looks has signed in again: what is theirs is theirs by who they are, not by the token that they had.
    """
    for n, person in enumerate(act.stage.state.people):
        if not person.threads and n:
            continue
        sign_in_again(act.talk.visited, act.talk.target, person.user)
        await read_list(act, person, f"list-{n}")
        for i, thread in enumerate(person.threads):
            if thread.id and not thread.gone:
                await read_thread(act, thread, person, f"thread-{n}-{i}")
            elif thread.id:
                await look_for_gone(act, thread, person, f"gone-{n}-{i}")


async def look_for_gone(act: Act, thread: Thread, person: Person, suffix: str = "") -> None:
    """Ask for a thread that was deleted."""
    label = act.label(suffix)
    act.expect(label, refused="the thread was deleted")
    await act.talk.ask("threads.get_by_id", {"thread_id": thread.id}, label=label, user=person.user)


async def _read(act: Act) -> None:
    """The thread as a client reads it, or its items page by page; by 0, in pages as long as the server likes."""
    limit, order = act.arg("by"), act.arg("order")
    if limit is None:
        await read_thread(act, act.thread, act.person)
        return
    thread, label = act.thread, act.label()
    act.expect(label, thread=thread.to_json())
    await read_pages(act, "items.list", label, act.person, limit, thread_id=thread.id, order=order)


async def _list(act: Act) -> None:
    await read_list(act, act.person, limit=act.arg("by"), order=act.arg("order"))


USERS = (0, 1, 2)
THREADS = (0, 1, 2, 3)
WITH: Mapping[str, tuple[JSON, ...]] = {"user": USERS, "thread": THREADS}
"""The arguments of what a user does in a thread."""

READING = (
    MoveKind(
        name="read",
        does="user {user} reads thread {thread} (items a page: {by}, {order})",
        play=_read,
        args={"user": USERS, "thread": THREADS, "by": (None, 7, 3, 1, 0), "order": ("asc", "desc")},
        wants=("thread",),
    ),
    MoveKind(
        name="list",
        does="user {user} reads the list of threads (threads a page: {by}, {order})",
        play=_list,
        args={"user": USERS, "by": (LIST_ITEMS, 2, 1), "order": ("desc", "asc")},
    ),
)
"""The kinds."""
