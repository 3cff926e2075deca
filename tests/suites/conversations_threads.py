"""Conversations about lists: pages of items and threads, a rename, a deletion, an answer asked for again."""

from __future__ import annotations

from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.build import (
    SSE,
    Data,
    answer,
    ask,
    asked,
    called,
    create,
    events_of,
    read,
    refusal,
    said,
    say,
    thread,
    transcript,
    user,
)

SAID = (("One.", "First."), ("Two.", "Second."), ("Three.", "Third."))


def rows_of_three() -> list[Data]:
    """The items of three turns."""
    rows = []
    for n, (question, told) in enumerate(SAID, 1):
        rows += [user(f"u-turn-{n}", asked(question, f"turn-{n}")), said(f"a{n}", told)]
    return rows


def page(rows: list[Data], after: str | None = None) -> Data:
    """A page; `after` says that there is more."""
    return {"data": rows, "has_more": after is not None} | ({"after": after} if after else {})


def item_pages() -> Transcript:
    """Six items in pages of two, both ways."""
    up, base = rows_of_three(), {"thread_id": "thr_1", "limit": 2}
    replies = [
        *(
            (create if n == 1 else say)(f"turn-{n}", question, answer(f"a{n}", told))
            for n, (question, told) in enumerate(SAID, 1)
        ),
        ask("whole", "items.list", {**base, "limit": 100, "order": "asc"}, page(up)),
    ]
    for order, rows in (("asc", up), ("desc", up[::-1])):
        for n in (1, 2, 3):
            part = rows[2 * n - 2 : 2 * n]
            after = part[-1]["id"] if n < 3 else None
            asks = {**base, "order": order} | ({"after": rows[2 * n - 3]["id"]} if n > 1 else {})
            replies.append(ask(f"items-{order}-{n}", "items.list", asks, page(part, after)))
    replies.append(ask("newest", "items.list", {"thread_id": "thr_1", "limit": 1}, page([up[-1]], "a3")))
    return transcript("item_pages", replies, [called("turn-1")])


def thread_pages() -> Transcript:
    """Three threads in pages of two, newest first."""
    rows = [thread(f"t{n}") for n in (3, 2, 1)]
    replies = [
        ask("threads-1", "threads.list", {"limit": 2}, page(rows[:2], "t2"), user="b"),
        ask("threads-2", "threads.list", {"limit": 2}, page(rows[2:]), user="b"),
        ask("plain", "threads.list", {}, page(rows), user="b"),
    ]
    return transcript("thread_pages", replies, threads=["t1", "t2", "t3"])


def rename_and_delete(*others: Data) -> Transcript:
    """A thread renamed, then deleted for good; `others` are listed beside it."""
    named = thread("thr_1", title="Ferns")
    replies = [
        create("turn-1", "Keep.", answer("a1", "Kept.")),
        read("before"),
        ask("rename", "threads.update", {"thread_id": "thr_1", "title": "Ferns"}, named),
        read("renamed"),
        read("renamed-later"),
        ask("list-before", "threads.list", {}, page([named, *others])),
        ask("delete", "threads.delete", {"thread_id": "thr_1"}, {}),
        refusal("gone", thread_id="thr_1"),
        refusal("gone-items", type="items.list", thread_id="thr_1"),
        refusal("gone-say", type="threads.add_user_message", thread_id="thr_1"),
        ask("list-after", "threads.list", {}, page(list(others))),
    ]
    return transcript("rename_and_delete", replies, title="Ferns")


def retry() -> Transcript:
    """An answer that was asked for again."""
    params = {"thread_id": "thr_1", "item_id": "u-turn-2"}
    again = {"type": "threads.retry_after_item", "params": params}
    stream = events_of(answer("a3", "new"))
    replies = [
        create("turn-1", "Good morning.", answer("a1", "Good morning to you.")),
        say("turn-2", "?", answer("a2", "old")),
        read("before"),
        Reply(label="retry", request=again, status=200, headers=SSE, events=stream),
        read("reload"),
        say("turn-3", "Thank you.", answer("a4", "You are welcome.")),
    ]
    return transcript("retry", replies, old="old", new="new", asked="u-turn-2")
