"""Threads as they are listed and read: the title that was given, what was deleted, every thread that was begun."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import Asked, asked_in, in_place
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import types
from ..evidence import answer_text, answered, same_title, shorten
from ..pages import pages_read

DELETES = types("291-301") + " and store.py L152-155: a thread and its items are deleted"


def _after(earlier: Reply, later: Reply) -> bool:
    """Whether a request was sent when the earlier one had been answered; moments that are not known do not count."""
    return not earlier.ended_at or not later.sent_at or later.sent_at >= earlier.ended_at


def _rows(r: Reply) -> list[dict[str, Any]]:
    data = r.body.get("data") if isinstance(r.body, dict) else None
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def _titles(a: Asked, thread: str) -> Iterator[tuple[object, int | None]]:
    """The titles under which an answer shows a thread, with the event's index."""
    r = a.reply
    for e in r.of("thread.updated"):
        value = (e.data or {}).get("thread")
        if isinstance(value, dict) and value.get("id") == thread:
            yield value.get("title"), e.index
    if r.accepted and isinstance(r.body, dict):
        if r.type == "threads.get_by_id" and a.thread_id == thread:
            yield r.body.get("title"), None
        if r.type == "threads.list":
            yield from ((row.get("title"), None) for row in _rows(r) if row.get("id") == thread)


@check(
    "persistence.title-persists",
    level=MUST,
    clause=types("277-288") + ": threads.update sets a thread's title",
    cause="The title is changed on a copy that is not saved, or a later turn overwrites it.",
    fix="Save the thread in threads.update, and load it again at the start of each turn; title a thread only once.",
)
def title_persists(t: Transcript) -> Findings:
    """A title that the user set is shown wherever the thread is, after later turns too, until the user sets another."""
    renames = [a for a in in_place(t) if a.reply.type == "threads.update" and a.reply.accepted]
    if not renames:
        raise Untestable(f"No thread of {t.exchange} was given a title.")
    for rename in renames:
        wanted, thread = rename.reply.params.get("title"), rename.thread_id
        others = [a.reply for a in asked_in(t) if a.reply.type == "threads.update" and a.thread_id == thread]
        others = [r for r in others if r is not rename.reply and not _after(r, rename.reply)]
        for a in asked_in(t)[rename.n + 1 :]:
            if a.reply.type == "threads.update" and a.thread_id == thread and a.reply.accepted:
                break
            alone = all(_after(a.reply, other) for other in others)  # no other title was given by the end of it
            for title, event in _titles(a, thread) if alone and _after(rename.reply, a.reply) else ():
                if not same_title(wanted, title):
                    got = f"title {shorten(title)}"
                    yield Finding(expected=f"title {shorten(wanted)}", got=got, reply=a.reply.label, event=event)


@check(
    "persistence.deleted-stays-deleted",
    level=MUST,
    clause=DELETES,
    cause="Renaming, retrying or listing an unknown thread makes it: an upsert, or a list that is kept elsewhere.",
    fix="Load the thread first, and refuse where there is none.",
)
def deleted_stays_deleted(t: Transcript) -> Findings:
    """A deleted thread is not read, listed, answered or renamed any more, whatever is asked of it."""
    deletes = [a for a in in_place(t) if a.reply.type == "threads.delete" and a.reply.accepted]
    if not deletes:
        raise Untestable(f"No thread of {t.exchange} was deleted.")
    for deleted in deletes:
        thread = deleted.thread_id
        for a in asked_in(t)[deleted.n + 1 :]:
            if _after(deleted.reply, a.reply) and (shown := _still_there(a, thread)):
                yield Finding(expected=f"no thread {thread!r}", got=shown, reply=a.reply.label)


def _still_there(a: Asked, thread: str) -> str:
    """How an answer shows a thread that was deleted, or ""."""
    r = a.reply
    if r.type == "threads.list" and any(row.get("id") == thread for row in _rows(r)):
        return "it is listed"
    if a.thread_id != thread or not r.accepted:
        return ""
    if r.streamed and answer_text(r):
        return f"an answer in it: {shorten(answer_text(r))}"
    read = r.type in ("threads.get_by_id", "threads.update") and isinstance(r.body, dict) and r.body.get("id") == thread
    return answered(r) if read or (r.type == "items.list" and _rows(r)) else ""


@check(
    "protocol.has-more-has-cursor",
    level=MUST,
    clause=types("24-30") + ": after is the cursor of the next page",
    cause="`after` is not set, so a client cannot request the next page, or an empty page promises more for ever.",
    fix="Set after to the id of the page's last row whenever has_more is true, and has_more only where there is more.",
)
def has_more_has_cursor(t: Transcript) -> Findings:
    """A page with has_more true has an `after` cursor, and one without rows another cursor than it was asked with.

    The SDK takes hidden items out of a page that is read already (server.py, items.list): such a page may be empty.
    """
    for r, page in pages_read(t):
        rows, after = page.get("data"), page.get("after")
        goes_on = isinstance(after, str) and (bool(rows) or after not in (r.params.get("after"), ""))
        if page.get("has_more") is True and not goes_on:
            got = f"after {after!r}, {len(rows) if isinstance(rows, list) else 0} rows"
            yield Finding(expected="a cursor that goes on", got=got, reply=r.label)


def _walks(t: Transcript) -> Iterator[tuple[Asked, list[str], bool]]:
    """Each time that a user read the list of threads from its beginning: the ids of all pages, and whether it ended.

    One between whose pages a thread was deleted is judged by protocol.cursor-keeps-place.
    """
    gone = [a for a in asked_in(t) if a.reply.type == "threads.delete"]
    asked = [a for a in in_place(t) if a.reply.type == "threads.list" and a.reply.accepted]
    for place, first in enumerate(asked):
        if first.reply.params.get("after") is not None or not isinstance(first.reply.body, dict):
            continue
        ids, page, later = [], first.reply.body, asked[place + 1 :]
        end = first.n
        while True:
            data = page.get("data")
            ids += [str(row.get("id")) for row in data if isinstance(row, dict)] if isinstance(data, list) else []
            cursor = page.get("after") if page.get("has_more") is True else None
            found = next((n for n, a in enumerate(later) if cursor and _goes_on(a, first, cursor)), None)
            if found is None:
                changed = any(first.n < a.n < end and a.reply.user == first.reply.user for a in gone)
                yield first, ids, page.get("has_more") is not True and not changed
                break
            end = later[found].n
            page, later = later[found].reply.body, later[found + 1 :]


def _goes_on(a: Asked, first: Asked, cursor: str) -> bool:
    order = first.reply.params.get("order") or "desc"
    same = a.reply.user == first.reply.user and (a.reply.params.get("order") or "desc") == order
    return same and a.reply.params.get("after") == cursor and isinstance(a.reply.body, dict)


@check(
    "protocol.created-thread-listed",
    level=MUST,
    clause=types("68-80") + ": threads.list lists threads",
    cause="The thread is saved only at the end of a turn or under another user, or a page's cursor skips a row.",
    fix="Save the thread when it is created, under the user of the request; begin a page right behind its cursor.",
)
def created_thread_listed(t: Transcript) -> Findings:
    """Every thread that was created, and not deleted, is in its user's list of threads, on one of its pages."""
    asked, judged = asked_in(t), 0
    for first, ids, ended in _walks(t):
        made = [
            a
            for a in asked[: first.n]
            if a.thread_id and a.reply.of("thread.created") and a.reply.items_done() and not a.wrong
        ]
        gone = {a.thread_id for a in asked if a.reply.type == "threads.delete"}
        mine = [a.thread_id for a in made if a.reply.user == first.reply.user and a.thread_id not in gone]
        judged += ended and bool(mine)
        for thread in mine if ended else ():
            if thread not in ids:
                got = f"{len(ids)}: {shorten(ids[:6])}"
                yield Finding(expected=f"thread {thread!r} in the list", got=got, reply=first.reply.label)
    if not judged:
        raise Untestable(f"No list of threads was read to its end in {t.exchange} after one was created.")
