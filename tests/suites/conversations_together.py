"""Conversations that are right: at the same time, at the edges of pages, after deletes, retries and kills."""

from __future__ import annotations

from dataclasses import replace

from chatkit_conformance.transcript import Call, Reply, Transcript
from tests.suites import conversations_threads as paging
from tests.suites.build import (
    SSE,
    Data,
    answer,
    ask,
    asked,
    called,
    create,
    events_of,
    filled,
    get,
    read,
    refusal,
    said,
    say,
    sent,
    thread,
    transcript,
    user,
)
from tests.suites.timed import held

ITEMS = {"thread_id": "thr_1", "order": "asc"}


def plus(t: Transcript, *replies: Reply) -> Transcript:
    """The transcript with replies behind its own."""
    return replace(t, replies=filled((*t.replies, *replies)))


def item_pages() -> Transcript:
    """Pages of one, a large one, nulls, and a cursor of nothing."""
    rows = paging.rows_of_three()
    ones = [_one(k, rows) for k in range(len(rows))]
    return plus(
        paging.item_pages(),
        *ones,
        ask("large", "items.list", {**ITEMS, "limit": 500}, paging.page(rows)),
        ask("nulls", "items.list", {**ITEMS, "limit": None, "after": None}, paging.page(rows)),
        refusal("gone-cursor", 422, "items.list", **ITEMS, limit=2, after="nowhere"),
    )


def _one(k: int, rows: list[Data]) -> Reply:
    """One page of one item."""
    more = {"after": rows[k - 1]["id"]} if k else {}
    after = rows[k]["id"] if k < len(rows) - 1 else None
    return ask(f"one-{k + 1}", "items.list", {**ITEMS, **more, "limit": 1}, paging.page([rows[k]], after))


def thread_pages() -> Transcript:
    """The same for threads, and ascending."""
    rows = [thread(f"t{n}") for n in (3, 2, 1)]
    ones = [ask(f"single-{n + 1}", "threads.list", {"limit": 1}, paging.page([rows[n]]), user="b") for n in range(3)]
    return plus(
        paging.thread_pages(),
        *ones,
        ask("ascending-1", "threads.list", {"limit": 2, "order": "asc"}, paging.page(rows[::-1][:2], "t2"), user="b"),
        ask("ascending-2", "threads.list", {"limit": 2, "order": "asc"}, paging.page(rows[:1]), user="b"),
        ask("gone-cursor", "threads.list", {"limit": 2, "after": "nowhere"}, paging.page([]), user="b"),
        ask("nulls", "threads.list", {"limit": None, "after": None}, paging.page(rows), user="b"),
    )


def _turn_items(label: str, text: str, id: str, said_: str, thread_: str = "thr_1") -> list[Data]:
    return [user(f"u-{label}", asked(text, label), thread_), said(id, said_, thread_)]


def rename_and_delete() -> Transcript:
    """A deleted thread that stays deleted, beside one that stays."""
    t = paging.rename_and_delete(thread("thr_2"))
    neighbour = create("neighbour", "Stay.", answer("n1", "It stays.", "thr_2"), "thr_2")
    return plus(
        replace(t, replies=filled((neighbour, read("neighbour-before", "thr_2"), *t.replies))),
        refusal("gone-rename", type="threads.update", thread_id="thr_1", title="Back again"),
        refusal("gone-retry", type="threads.retry_after_item", thread_id="thr_1", item_id="u-turn-1"),
        refusal("gone-delete", type="threads.delete", thread_id="thr_1"),
        refusal("gone-again", thread_id="thr_1"),
        ask("list-again", "threads.list", {}, paging.page([thread("thr_2")])),
        read("neighbour-after", "thr_2"),
    )


def retry() -> Transcript:
    """A first message that was asked again after three turns."""
    params = {"thread_id": "thr_1", "item_id": "u-turn-1"}
    again = Reply(
        label="retry-first",
        request={"type": "threads.retry_after_item", "params": params},
        status=200,
        headers=SSE,
        events=events_of(answer("a9", "Good morning once more.")),
        sent_at=10.0,
    )
    t = plus(paging.retry(), again, read("reload-first"))
    first = [{"role": "user", "content": asked("Good morning.", "turn-1")}]
    return replace(
        t,
        calls=(
            called("turn-1", first, sent=sent("Good morning to you.")),
            called("turn-1", first, n=5, attempt=1, at=11.0, sent=sent("Good morning once more.")),
        ),
    )


def long_thread() -> Transcript:
    """Three turns in a thread that is read back in two pages."""
    turns: list[Reply] = []
    rows: list[Data] = []
    for n in (1, 2, 3):
        make = create if n == 1 else say
        text = f"This is message {n}."
        turns.append(make(f"turn-{n}", text, answer(f"a{n}", f"Answer {n}.")))
        rows += _turn_items(f"turn-{n}", text, f"a{n}", f"Answer {n}.")
    first = thread("thr_1", rows[:4])
    first["items"] |= {"has_more": True, "after": "a2"}
    pages = [
        ask("reload", "threads.get_by_id", {"thread_id": "thr_1"}, first),
        ask("reload-page-2", "items.list", {**ITEMS, "after": "a2"}, paging.page(rows[4:])),
    ]
    return transcript("long_thread", [*turns, *pages])


FIRST, SECOND = "The first tab gets this answer.", "And this one is for the second tab."


def two_tabs() -> Transcript:
    """Two tabs that were both answered."""
    mid = [user("u-first", asked("One.", "first"))]
    replies = [
        create("first", "One.", answer("a1", FIRST), sent_at=0.9, ended_at=2.5),
        replace(get("mid", mid), sent_at=1.15, ended_at=1.16),
        say("second", "Two.", answer("a2", SECOND), sent_at=1.25, ended_at=3.0),
        read("tab-1", sent_at=4.0),
        read("tab-2", sent_at=5.0),
        say("after", "Both?", answer("a3", "Both tabs are here."), sent_at=6.0),
    ]
    return transcript("two_tabs", replies, answers=[FIRST, SECOND], asked="u-first")


WORDS = ("amber", "birch", "cedar")


def several_threads() -> Transcript:
    """Three threads that were answered side by side."""
    turns, reloads = [], []
    calls: list[Call] = []
    for word in WORDS:
        text, id = f"About {word}: {word} is all that is told here.", f"thr_{word}"
        turns.append(create(word, "Tell.", answer(f"a-{word}", text, id), id))
        reloads.append(read(f"reload-{word}", id))
        calls.append(held(called(word, n=len(calls)), went_on_at=1.5, text=text))
    return transcript("several_threads", [*turns, *reloads], calls, words=list(WORDS))


def changed_midway() -> Transcript:
    """A thread that was renamed and deleted in mid-answer."""
    title = "Renamed in mid-answer"
    replies = [
        create("turn-1", "Talk.", answer("a1", "The first answer.")),
        ask("rename", "threads.update", {"thread_id": "thr_1", "title": title}, thread(title=title)),
        read("renamed"),
        say("turn-2", "More.", answer("a2", "The second answer."), sent_at=1.0, ended_at=4.0),
        ask("delete", "threads.delete", {"thread_id": "thr_1"}, {}, sent_at=2.0),
        refusal("gone", thread_id="thr_1"),
        refusal("gone-items", type="items.list", thread_id="thr_1"),
        ask("list", "threads.list", {}, paging.page([])),
    ]
    return transcript("changed_midway", replies, title=title)


def killed_at_done() -> Transcript:
    """A server that was killed, and knew all when it came back."""
    replies = [
        create("killed", "A fact.", answer("a1", "Noted, and kept."), ended="cut", sent_at=1.0, ended_at=3.0),
        read("reload", sent_at=5.0),
        say("next", "Which?", answer("a2", "Quillfeather."), sent_at=6.0),
    ]
    restarts = [{"from": 2.0, "to": 4.0, "kill": True}]
    return transcript("killed_at_done", replies, done="a1", restarts=restarts)


def together() -> list[Transcript]:
    """All of them."""
    return [
        item_pages(),
        thread_pages(),
        rename_and_delete(),
        retry(),
        long_thread(),
        two_tabs(),
        several_threads(),
        changed_midway(),
        killed_at_done(),
    ]
