"""Conversations that are right: turns with a tool that were cut off, and nothing came of it."""

from __future__ import annotations

from typing import Any

from chatkit_conformance.transcript import Call, Reply, Transcript
from tests.suites.build import Data, added, answer, asked, create, delta, get, read, said, say, steps, transcript, user

WHOLE, LAST, LIST, BACK = "whole", "last", "list", "I am here, and I am listening."
"""The labels and the answer that `suites/exchanges/boundaries.py` uses."""

NAMES = {"create": "create_task", "read": "list_tasks"}
TITLES = {
    WHOLE: "Post 01 aa",
    "sent": "Post 02 bb",
    "words": "Post 03 cc",
    "answered": "Post 04 dd",
    LAST: "Post 05 ee",
}
MADE = [name for name in TITLES if name != "sent"]
"""The turns whose tool has run: the one cut off before it was told as not done, by saying nothing."""


def task(name: str, id: str = "") -> Data:
    """The task of a turn."""
    return {"id": id or f"t-{name}", "title": TITLES[name]}


def broken_off(exchange: str, ended: str, tasks: list[Data] | None, **notes: Any) -> Transcript:
    """A whole turn, three that were cut off, and the list: these tasks, or one of each turn whose tool ran."""
    shown = {
        "sent": [],
        "words": [added(said("a-words", "", "thr_words")), delta("a-words", "The task")],
        "answered": answer("a-answered", "It is on your list.", "thr_answered"),
    }
    replies: list[Reply] = [create(WHOLE, "Add.", answer("a0", "It is on your list.", "thr_0"), "thr_0")]
    replies.append(read(f"reload-{WHOLE}", "thr_0"))
    calls = _made(WHOLE, 0)
    for n, (name, events) in enumerate(shown.items(), 1):
        thread = f"thr_{name}"
        replies += [
            create(f"turn-{name}", f"Add {name}.", events, thread, ended=ended, sent_at=1.0, ended_at=3.0),
            read(f"reload-{name}", thread, sent_at=5.0),
            say(f"next-{name}", "There?", answer(f"b-{name}", BACK, thread), thread, sent_at=6.0),
            read(f"later-{name}", thread, sent_at=7.0) if name != "words" else get("later-words", _kept(), thread),
        ]
        calls += _made(name, 10 * n) if name in MADE else []
    replies.append(create(LAST, "Add.", answer("a8", "It is on your list.", "thr_9"), "thr_9"))
    replies.append(say(LIST, "List.", answer("a9", "That is all.", "thr_9"), "thr_9"))
    calls += _made(LAST, 80)
    rows = [task(name) for name in MADE] if tasks is None else tasks
    calls += steps(LIST, "List.", ("list_tasks", {}, {"tasks": rows}), n=90)
    return transcript(exchange, replies, calls, names=NAMES, titles=TITLES, boundaries=list(shown), **notes)


def _kept() -> list[Data]:
    """The thread of the turn that was broken off after its first words, which are kept."""
    asked_for = (("turn-words", "Add words."), ("next-words", "There?"))
    first, then = (user(f"u-{label}", asked(text, label), "thr_words") for label, text in asked_for)
    return [first, said("a-words", "The task", "thr_words"), then, said("b-words", BACK, "thr_words")]


def _made(name: str, n: int) -> list[Call]:
    label = name if name in (WHOLE, LAST) else f"turn-{name}"
    return steps(label, "Add.", ("create_task", {"title": TITLES[name]}, {"task": task(name)}), n=n)


def left(tasks: list[Data] | None = None) -> Transcript:
    """Turns that the browser left."""
    return broken_off("left_at_boundaries", "left", tasks)


def killed(tasks: list[Data] | None = None) -> Transcript:
    """Turns in which the server was killed."""
    restarts = [{"from": 2.0, "to": 4.0, "kill": True}]
    return broken_off("killed_at_boundaries", "cut", tasks, restarts=restarts)


def boundaries() -> list[Transcript]:
    """All of them."""
    return [left(), killed()]
