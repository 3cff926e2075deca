"""Conversations about threads: pages of items and threads, a rename, a delete, a retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

MOST_PAGES = 12
"""Pages that are asked for at most: a server whose pages never end must not hold the run."""


async def _pages(talk: Talk, type: str, label: str, limit: int, user: str, **params: Any) -> None:
    """Ask for page after page until there is no more; the replies are `label-1`, `label-2`, ..."""
    after: str | None = None
    for n in range(1, MOST_PAGES + 1):
        more = {**params, "limit": limit} | ({"after": after} if after else {})
        made = await talk.ask(type, more, label=f"{label}-{n}", user=user)
        page = made.body if isinstance(made.body, dict) else {}
        after = page.get("after") if page.get("has_more") is True else None
        if not isinstance(after, str):
            return


@exchange()
async def item_pages(talk: Talk) -> None:
    """A thread of three turns, then its items two at a time, from the front and from the back, and all at once."""
    made = await talk.create("One.", reply("First."), label="turn-1")
    thread = made.thread_id
    if not thread:
        return
    await talk.say(thread, "Two.", reply("Second."), label="turn-2")
    await talk.say(thread, "Three.", reply("Third."), label="turn-3")
    await talk.ask("items.list", {"thread_id": thread, "limit": 100, "order": "asc"}, label="whole")
    for order in ("asc", "desc"):
        await _pages(talk, "items.list", f"items-{order}", 2, "a", thread_id=thread, order=order)
    await talk.ask("items.list", {"thread_id": thread, "limit": 1}, label="newest")


@exchange()
async def thread_pages(talk: Talk) -> None:
    """Three threads of user b, then the list of threads two at a time, newest first, and once without parameters."""
    made = [await talk.create(f"Thread {n}.", reply("Yes."), label=f"thread-{n}", user="b") for n in (1, 2, 3)]
    talk.note("threads", [m.thread_id for m in made])
    await _pages(talk, "threads.list", "threads", 2, "b", order="desc")
    await talk.ask("threads.list", {}, label="plain", user="b")


@exchange()
async def rename_and_delete(talk: Talk) -> None:
    """A thread is renamed, talked in, looked at and listed; then deleted, looked at, listed and talked to."""
    made = await talk.create("Keep this one.", reply("Kept."), label="turn-1")
    thread = made.thread_id
    if not thread:
        return
    title = "Ferns & friends — 植物"
    talk.note("title", title)
    await talk.ask("threads.update", {"thread_id": thread, "title": title}, label="rename")
    await talk.ask("threads.get_by_id", {"thread_id": thread}, label="renamed")
    await talk.say(thread, "And on.", reply("On we go."), label="turn-2")
    await talk.ask("threads.get_by_id", {"thread_id": thread}, label="renamed-later")
    await talk.ask("threads.list", {"limit": 20, "order": "desc"}, label="list-before")
    await talk.ask("threads.delete", {"thread_id": thread}, label="delete")
    await talk.ask("threads.get_by_id", {"thread_id": thread}, label="gone")
    await talk.ask("items.list", {"thread_id": thread}, label="gone-items")
    await talk.say(thread, "Still there?", reply("Yes."), label="gone-say")
    await talk.ask("threads.list", {"limit": 20, "order": "desc"}, label="list-after")


@exchange()
async def retry(talk: Talk) -> None:
    """Two turns; the second is asked for again after its user message and answered otherwise; then a reload."""
    made = await talk.create("Good morning.", reply("Good morning to you."), label="turn-1")
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
    await talk.ask("threads.retry_after_item", {"thread_id": thread, "item_id": asked}, label="retry")
    await talk.reload(thread, label="reload")
    await talk.say(thread, "Thank you.", reply("You are welcome."), label="turn-3")
