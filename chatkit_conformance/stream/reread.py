"""Each time a thread is read back: what that shows, beside what was shown of it until then.

A thread is read back by `threads.get_by_id` and by `items.list` from its beginning, with the pages that follow. What
was shown is built along the clock: of a stream that was still open, only what had come when the thread was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..transcript import JSON, Event, Reply, Transcript
from .asked import Asked, asked_in, still_open
from .once import once
from .reducer import Difference, Screen, differences
from .reload import Item, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """A thread, read back.

    Args:
        label: of its first reply. user: who asked. n: the place of its first reply in the transcript.
        thread: the thread's own fields; {} where only its items were read.
        items: all rows of its pages, the oldest first.
        complete: whether its last page says that there is no more.
        quiet: whether no answer of the thread was under way meanwhile.
        shown: ids of the items that had been shown as done by then.
        differences: where it is not what was shown.
        pages: its replies.
    """

    label: str
    user: str
    n: int
    thread_id: str
    thread: dict[str, JSON]
    items: tuple[Item, ...]
    complete: bool
    quiet: bool = True
    shown: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    pages: tuple[Reply, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The ids of its items."""
        return [str(item.get("id")) for item in self.items]


@once
def rereads(t: Transcript) -> tuple[Reread, ...]:
    """Every time that a thread was read back by its owner, in the order of the requests."""
    threads: dict[str, list[Asked]] = {}
    for asked in asked_in(t):
        if asked.thread_id:
            threads.setdefault(asked.thread_id, []).append(asked)
    gone = _deleted_files(asked_in(t))
    found = [read for history in threads.values() for read in _of_thread(history, gone)]
    return tuple(sorted(found, key=lambda read: read.n))


def _deleted_files(asked: Iterable[Asked]) -> frozenset[str]:
    """The files that were deleted at some time: a message that carried one may show it or not."""
    deletes = (a.reply for a in asked if a.reply.type == "attachments.delete" and 200 <= a.reply.status < 300)
    return frozenset(str(r.params.get("attachment_id")) for r in deletes)


def _without_files(item: Item, gone: frozenset[str]) -> Item:
    """The item without the files that were deleted."""
    files = item.get("attachments")
    if not gone or not isinstance(files, list):
        return item
    kept = [file for file in files if not isinstance(file, dict) or str(file.get("id")) not in gone]
    return {**item, "attachments": kept}


def _of_thread(history: list[Asked], gone: frozenset[str]) -> Iterator[Reread]:
    """The times that one thread was read back, each held against what was shown by then."""
    owner = history[0].reply.user
    begun = any(a.reply.of("thread.created") for a in history)
    screen = Screen(whole=begun)
    contested = _contested(history)
    timed = all(a.reply.sent_at > 0 for a in history)
    renamed: Reply | None = None
    for step in sorted(_steps(history, timed), key=lambda step: step.at):
        r = step.reply
        if r.user != owner:
            screen.whole = screen.whole and not r.of("thread.item.done")
        elif step.read is not None:
            yield _held(step.read, screen.view(), history, timed, gone, contested)
        elif step.event is not None:
            screen.apply(step.event, r)
            if renamed is not None and step.event.type == "thread.updated" and still_open(r, renamed):
                screen.thread["title"] = renamed.params.get("title")  # the stream tells the thread as it was before
        elif step.begins:
            screen.ask(r)
        else:
            screen.answer(r)
            renamed = r if r.type == "threads.update" and r.accepted else renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What happens at one moment: a request, an event, an answer's end, or a thread that is read back."""

    at: tuple[float, int]
    reply: Reply
    begins: bool = False
    event: Event | None = None
    read: Reread | None = None


def _steps(history: list[Asked], timed: bool) -> Iterator[_Step]:
    reads = {read.n: read for read in _reads(history)}
    seq = 0
    for a in history:
        r = a.reply
        moments: list[tuple[float, dict[str, Any]]] = [(r.sent_at, {"begins": True})]
        if a.n in reads:
            moments.append((r.sent_at, {"read": reads[a.n]}))
        moments += [(max(e.at, r.sent_at), {"event": e}) for e in r.events]
        moments.append((max(r.ended_at or r.sent_at, r.events[-1].at if r.events else 0.0), {}))
        for at, what in moments:
            seq += 1
            yield _Step(at=(at if timed else 0.0, seq), reply=r, **what)


def _reads(history: list[Asked]) -> Iterator[Reread]:
    """The pages of one thread, put together."""
    for place, a in enumerate(history):
        r, body = a.reply, a.reply.body
        if not r.accepted or not isinstance(body, dict) or r.params.get("after") is not None:
            continue
        if r.type not in ("threads.get_by_id", "items.list"):
            continue
        page = body.get("items") if r.type == "threads.get_by_id" else body
        order = "asc" if r.type == "threads.get_by_id" else str(r.params.get("order") or "desc")
        rows, pages, complete = _follow(page, order, [b.reply for b in history[place + 1 :]], r)
        yield Reread(
            label=r.label,
            user=r.user,
            n=a.n,
            thread_id=a.thread_id,
            thread={key: value for key, value in body.items() if key != "items"} if page is not body else {},
            items=tuple(rows if order == "asc" else reversed(rows)),
            complete=complete,
            pages=pages,
        )


def _follow(page: JSON, order: str, later: list[Reply], first: Reply) -> tuple[list[Item], tuple[Reply, ...], bool]:
    """The rows of a page and of those that its cursor leads to, their replies, and whether the end was reached."""
    rows: list[Item] = []
    pages = [first]
    while isinstance(page, dict):
        data = page.get("data")
        rows += [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
        if page.get("has_more") is not True:
            return rows, tuple(pages), isinstance(data, list)
        found = next((n for n, r in enumerate(later) if _continues(r, page.get("after"), order, first.user)), None)
        if found is None:
            break
        pages.append(later[found])
        page, later = later[found].body, later[found + 1 :]
    return rows, tuple(pages), False


def _continues(r: Reply, cursor: JSON, order: str, user: str) -> bool:
    wanted = r.type == "items.list" and r.accepted and r.user == user and cursor is not None
    return wanted and r.params.get("after") == cursor and (r.params.get("order") or "desc") == order


def _contested(history: list[Asked]) -> Mapping[str, int]:
    """What a retry may have taken away or not, and from which place in the transcript on.

    That is what a stream showed in which the retry was asked for meanwhile, and what one showed that was open beside
    the turn that is asked again: it may stand before its message or behind it.
    """
    found: dict[str, int] = {}
    for retry in (a for a in history if a.reply.type == "threads.retry_after_item"):
        item = retry.reply.params.get("item_id")
        asked = [a for a in history if any(e.item_id == item for e in a.reply.items_done("user_message"))]
        for a in (a for a in history if a.n < retry.n):
            if still_open(a.reply, retry.reply) or any(_both_open(a.reply, b.reply) for b in asked if b is not a):
                shown = (*a.reply.of("thread.item.added"), *a.reply.items_done())
                new = {e.item_id: retry.n for e in shown if e.item.get("type") != "user_message"}
                found = new | found  # the first of several retries stays
    return found


def _both_open(one: Reply, other: Reply) -> bool:
    """Whether two answers were under way at the same time."""
    earlier, later = (one, other) if one.sent_at <= other.sent_at else (other, one)
    return still_open(earlier, later)


def _held(
    read: Reread, view: View, history: list[Asked], timed: bool, gone: frozenset[str], retried: Mapping[str, int]
) -> Reread:
    """The reading beside what was shown when it was asked for."""
    began, ended = read.pages[0].sent_at, max(r.ended_at or r.sent_at for r in read.pages)
    streams = [a.reply for a in history if a.reply.streamed] if timed else []
    busy = [r for r in streams if r.sent_at <= ended and (r.ended_at or r.sent_at) > began]
    moved = {e.item_id for r in busy for e in r.events if began < e.at <= ended}
    there = set(read.ids)
    renames = [a.reply for a in history if a.reply.type == "threads.update"] if timed else []
    named = any(r.sent_at <= ended and (r.ended_at or r.sent_at) > began for r in renames)  # either title is right
    contested = {id for id, n in retried.items() if n < read.n}
    unsure = moved | contested
    shown = tuple(_without_files(item, gone) for item in view.items if str(item.get("id")) not in unsure)
    items = [_without_files(item, gone) for item in read.items if str(item.get("id")) not in contested]
    judged = replace(
        view,
        thread={key: value for key, value in view.thread.items() if key != "title" or not named},
        items=shown if read.complete else tuple(item for item in shown if str(item.get("id")) in there),
        whole=view.whole and not busy,
    )
    rows: JSON = {**read.thread, "items": {"data": items}} if read.thread else items
    return replace(
        read,
        quiet=not busy,
        shown=tuple(str(item.get("id")) for item in shown if str(item.get("id")) in view.finished),
        differences=tuple(differences(judged, rows)),
    )
