"""Lists of threads in the order asked for, and pages no longer than asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatkit_conformance.transcript import Reply, Transcript
from tests.suites.build import answer, ask, create, say, thread, transcript

BEGUN = ("thr_1", "thr_2", "thr_3")


def listed(*order: str, asked: str = "desc", limit: int = 50) -> Transcript:
    """Three threads are begun, the second is written in once more, and all are listed in this order."""
    turns = [create(f"{n}-begin", "Yes?", answer(f"a{n}", "Yes.", id), id=id) for n, id in enumerate(BEGUN, 1)]
    turns.append(say("4-say", "And?", answer("a4", "Yes.", "thr_2"), id="thr_2"))
    params = {"limit": limit, "order": asked}
    rows = {"data": [thread(id) for id in order], "has_more": False}
    replies = [_at(r, 10.0 * n) for n, r in enumerate([*turns, ask("5-list", "threads.list", params, rows)], 1)]
    expected = {"5-list": {"threads": list(BEGUN), "gone": [], "titles": {}, "whole": False}}
    return transcript("listed", replies, expected=expected)


def _at(r: Reply, at: float) -> Reply:
    return replace(r, sent_at=at, ended_at=at + 2)


def _orders(*orders: Sequence[str], asked: str = "desc") -> list[Transcript]:
    return [listed(*order, asked=asked) for order in orders]


BREAKS: Mapping[str, list[Transcript]] = {
    "protocol.list-in-order": [
        *_orders(BEGUN, ("thr_1", "thr_3", "thr_2"), ("thr_3", "thr_1", "thr_2")),
        *_orders(BEGUN[::-1], ("thr_2", "thr_3", "thr_1"), asked="asc"),
    ],
    "protocol.page-within-limit": [listed(*BEGUN, limit=2)],
}


def sound_lists() -> list[Transcript]:
    """Newest first."""
    return _orders(BEGUN[::-1])


def odd_lists() -> list[Transcript]:
    """By when they were used last; oldest first where that was asked for."""
    by_use = ("thr_2", "thr_3", "thr_1")
    return [*_orders(by_use), *_orders(BEGUN, by_use[::-1], asked="asc")]
