"""Conversations about threads: pages of items and threads, a rename, a delete, a retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

MOST_PAGES = 40
"""Maximum number of pages: a server whose pages never end must not hang the run."""

NO_CURSOR = "nowhere_4f1d9c_0"
"""A cursor that no page ever contained."""


PAGER = "pager"
"""Whose list of threads no other conversation changes, where users that nobody named are taken; else b's or a's."""


async def _pages(
    talk: Talk, type: str, label: str, limit: int, user: str, *, first: int = 1, after: str | None = None, **params: Any
) -> None:
    """Request page after page until has_more is false; the replies are `label-1`, `label-2`, ...

    Args:
        first: the number of the first reply. after: the cursor that it starts from.
    """
    for n in range(first, MOST_PAGES + 1):
        more = {**params, "limit": limit} | ({"after": after} if after else {})
        made = await talk.ask(type, more, label=f"{label}-{n}", user=user)
        page = made.body if isinstance(made.body, dict) else {}
        after = page.get("after") if page.get("has_more") is True else None
        if not isinstance(after, str):
            return


@exchange(asks=3)
async def item_pages(talk: Talk) -> None:
    """A thread of three turns; its items in pages of two and of one, in both orders, and after an unknown cursor."""
    made = await talk.create("One.", reply("First."), label="turn-1")
    thread = made.thread_id
    if not thread:
        return
    await talk.say(thread, "Two.", reply("Second."), label="turn-2")
    await talk.say(thread, "Three.", reply("Third."), label="turn-3")
    whole = {"thread_id": thread, "order": "asc"}
    read = await talk.ask("items.list", {**whole, "limit": 100}, label="whole")
    more = read.body if isinstance(read.body, dict) else {}
    if more.get("has_more") is True and isinstance(more.get("after"), str):
        await _pages(talk, "items.list", "whole-page", 100, "a", first=2, after=more["after"], **whole)
    for order in ("asc", "desc"):
        await _pages(talk, "items.list", f"items-{order}", 2, "a", thread_id=thread, order=order)
    await talk.ask("items.list", {"thread_id": thread, "limit": 1}, label="newest")
    await _pages(talk, "items.list", "one", 1, "a", thread_id=thread, order="asc")
    await talk.ask("items.list", {**whole, "limit": 500}, label="large")
    await talk.ask("items.list", {**whole, "limit": None, "after": None}, label="nulls")
    await talk.ask("items.list", {**whole, "limit": 2, "after": NO_CURSOR}, label="gone-cursor")


@exchange(asks=3)
async def thread_pages(talk: Talk) -> None:
    """Three threads of a user who has no others; the list in pages of two and of one, in both orders, and more."""
    who = PAGER if talk.learnt.visitors else "b" if "b" in talk.target.users else "a"
    made = [await talk.create(f"Thread {n}.", reply("Yes."), label=f"thread-{n}", user=who) for n in (1, 2, 3)]
    talk.note("threads", [m.thread_id for m in made])
    await _pages(talk, "threads.list", "threads", 2, who, order="desc")
    await talk.ask("threads.list", {}, label="plain", user=who)
    await _pages(talk, "threads.list", "single", 1, who, order="desc")
    # A user of many runs has a long list: then large pages, or the walk would not come to its end.
    last = next((r for r in reversed(talk.replies) if r.label.startswith("threads-")), None)
    ended = last is not None and isinstance(last.body, dict) and last.body.get("has_more") is False
    await _pages(talk, "threads.list", "ascending", 2 if ended else 100, who, order="asc")
    nothing = {"limit": 2, "order": "desc", "after": NO_CURSOR}
    await talk.ask("threads.list", nothing, label="gone-cursor", user=who)
    await talk.ask("threads.list", {"limit": None, "order": "desc", "after": None}, label="nulls", user=who)


@exchange(asks=3)
async def rename_and_delete(talk: Talk) -> None:
    """A thread is renamed, continued and listed; deleted, then read, listed, sent a message, renamed, deleted again."""
    other = await talk.create("Leave this one alone.", reply("It stays."), label="neighbour")
    made = await talk.create("Keep this one.", reply("Kept."), label="turn-1")
    thread = made.thread_id
    if not thread:
        return
    await talk.reload(thread, label="before")
    title = "Ferns & friends — 植物"
    talk.note("title", title)
    await talk.ask("threads.update", {"thread_id": thread, "title": title}, label="rename")
    await talk.reload(thread, label="renamed")
    await talk.say(thread, "And on.", reply("On we go."), label="turn-2")
    await talk.ask("threads.get_by_id", {"thread_id": thread}, label="renamed-later")
    await talk.ask("threads.list", {"limit": 20, "order": "desc"}, label="list-before")
    if other.thread_id:
        await talk.reload(other.thread_id, label="neighbour-before")
    await talk.ask("threads.delete", {"thread_id": thread}, label="delete")
    await talk.ask("threads.get_by_id", {"thread_id": thread}, label="gone")
    await talk.ask("items.list", {"thread_id": thread}, label="gone-items")
    await talk.say(thread, "Still there?", reply("Yes."), label="gone-say")
    await talk.ask("threads.list", {"limit": 20, "order": "desc"}, label="list-after")
    await talk.ask("threads.update", {"thread_id": thread, "title": "Back again"}, label="gone-rename")
    asked = next((e.item_id for e in made.items_done("user_message")), "msg_nowhere")
    await talk.ask("threads.retry_after_item", {"thread_id": thread, "item_id": asked}, label="gone-retry")
    await talk.ask("threads.delete", {"thread_id": thread}, label="gone-delete")
    await talk.ask("threads.get_by_id", {"thread_id": thread}, label="gone-again")
    await talk.ask("threads.list", {"limit": 20, "order": "desc"}, label="list-again")
    await talk.ask("threads.list", {"limit": 100, "order": "asc"}, label="list-ascending")
    if other.thread_id:
        await talk.reload(other.thread_id, label="neighbour-after")


@exchange(asks=5)
async def retry(talk: Talk) -> None:
    """Two turns, the second one retried with another answer; a third turn; then the first one is retried."""
    first = {"attempts": [reply("Good morning to you."), reply("Good morning once more.")]}
    made = await talk.create("Good morning.", first, label="turn-1")
    thread = made.thread_id
    if not thread:
        return
    old, new = "A fern is a moss.", "A fern is a fern."
    talk.note("old", old)
    talk.note("new", new)
    again = await talk.say(thread, "What is a fern?", {"attempts": [reply(old), reply(new)]}, label="turn-2")
    asked = next((e.item_id for e in again.items_done("user_message")), "")
    if not asked:
        return
    talk.note("asked", asked)
    await talk.reload(thread, label="before")
    await talk.ask("threads.retry_after_item", {"thread_id": thread, "item_id": asked}, label="retry")
    await talk.reload(thread, label="reload")
    await talk.say(thread, "Thank you.", reply("You are welcome."), label="turn-3")
    greeting = next((e.item_id for e in made.items_done("user_message")), "")
    if greeting:
        await talk.ask("threads.retry_after_item", {"thread_id": thread, "item_id": greeting}, label="retry-first")
        await talk.reload(thread, label="reload-first")


LONG_TURNS = 11
"""Turns of the long thread: 22 items, two more than the SDK reads at once (server.py L97, DEFAULT_PAGE_SIZE = 20)."""


@exchange()
async def long_thread(talk: Talk) -> None:
    """Eleven short turns in one thread, then a reload of all its pages."""
    made = await talk.create("This is message 1.", reply("Answer 1."), label="turn-1")
    for n in range(2, LONG_TURNS + 1 if made.thread_id else 2):
        await talk.say(made.thread_id, f"This is message {n}.", reply(f"Answer {n}."), label=f"turn-{n}")
    if made.thread_id:
        await talk.reload(made.thread_id, label="reload")
