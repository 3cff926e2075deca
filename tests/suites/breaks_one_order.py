"""Tabs that write, rename and read one thread at once. Moments are in seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.build import Data, added, ask, asked, create, delta, done, get, said, say, thread, transcript, user
from tests.suites.edits import body, items
from tests.suites.timed import timed

FERNS, MOSS = "Ferns", "Moss"


def _turn(made: Reply, sent_at: float, told_at: float, ended_at: float, answer: str) -> Reply:
    """A turn whose message is acknowledged at one moment, and answered at another."""
    opening = [(told_at, event.data or {}) for event in made.events]
    text = f"Answer {answer}."
    words: list[Data] = [added(said(answer, "")), delta(answer, text), done(said(answer, text))]
    rows = [*opening, *((ended_at - 0.05, data) for data in words)]
    return timed(made, rows, sent_at=sent_at, ended_at=ended_at)


def _message(label: str) -> Data:
    return user(f"u-{label}", asked("Go on.", label))


def _answered(label: str, answer: str) -> list[Data]:
    return [_message(label), said(answer, f"Answer {answer}.")]


ANSWERS = (said("a2", "Answer a2."), said("a3", "Answer a3."))


def _read(label: str, rows: Sequence[Data], sent_at: float, ended_at: float, title: str | None = None) -> Reply:
    return replace(get(label, rows, title=title), sent_at=sent_at, ended_at=ended_at)


def _rename(label: str, title: str, sent_at: float, ended_at: float) -> Reply:
    params = {"thread_id": "thr_1", "title": title}
    return ask(label, "threads.update", params, thread(title=title), sent_at=sent_at, ended_at=ended_at)


def crowd() -> Transcript:
    """Two messages, two titles and two readings, all of which overlap; then a reading of what is left of it."""
    one = _answered("one", "a1")
    replies = [
        _turn(create("one", "Go on.", ()), 0.1, 0.2, 1.0, "a1"),
        _turn(say("two", "Go on.", ()), 2.0, 2.4, 3.0, "a2"),
        _turn(say("three", "Go on.", ()), 2.1, 2.5, 3.1, "a3"),
        _rename("called-1", FERNS, 2.2, 2.6),
        _read("seen-1", [*one, _message("two")], 2.3, 2.45),
        _read("seen-2", [*one, _message("two"), _message("three")], 2.55, 2.7, FERNS),
        _rename("called-2", MOSS, 2.65, 2.75),
        _read("last", [*one, _message("two"), _message("three"), *ANSWERS], 4.0, 4.1, MOSS),
    ]
    return transcript("long_2", replies)


def _swapped(old: list[Data]) -> list[Data]:
    return [*old[:2], old[3], old[2], *old[4:]]


def _lost(old: list[Data]) -> list[Data]:
    return [*old[:2], *old[3:]]


BREAKS: Mapping[str, list[Transcript]] = {
    "persistence.one-order-of-messages": [
        items(crowd(), "last", _lost),
        items(crowd(), "last", _swapped),
        items(crowd(), "seen-2", lambda old: old[:2]),
    ],
    "persistence.one-order-of-titles": [body(crowd(), "last", title=FERNS)],
}
