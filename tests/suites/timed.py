"""Conversations in which moments matter: measured turns, and answers that are held. Moments are in seconds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Call, Reply, Sent, Transcript
from tests.suites.build import (
    PROGRESS,
    Data,
    added,
    answer,
    ask,
    asked,
    called,
    calling,
    create,
    delta,
    done,
    events_of,
    read,
    result,
    said,
    say,
    sent,
    thread,
    transcript,
)

Timed = tuple[float, Data]
"""When an event was read, and its data."""


def timed(reply: Reply, events: Iterable[Timed], **more: Any) -> Reply:
    """The reply with these events instead, at their moments."""
    rows = list(events)
    made = events_of([data for _, data in rows])
    return replace(reply, events=tuple(replace(e, at=at) for e, (at, _) in zip(made, rows, strict=True)), **more)


def says(*at: float, text: str = "") -> tuple[Sent, ...]:
    """The chunks of a whole answer that the model wrote at these moments: the text in pieces, or a word in each."""
    size = -(-len(text) // len(at))
    pieces = [text[n * size : (n + 1) * size] or "word " for n in range(len(at))]
    chunks: list[Data] = [{"delta": {"content": piece}} for piece in pieces]
    chunks[-1]["finish_reason"] = "stop"
    rows = [(moment, json.dumps({"choices": [chunk]})) for moment, chunk in zip(at, chunks, strict=True)]
    return tuple(Sent(at=moment, data=data) for moment, data in [*rows, (at[-1], "[DONE]")])


def words(id: str, at: Sequence[float]) -> list[Timed]:
    """A streamed answer: added and first words at the first moment, more words at each next, done with the last."""
    text = "word " * len(at)
    deltas = [(moment, delta(id, "word ")) for moment in at]
    return [(at[0], added(said(id, ""))), *deltas, (at[-1], done(said(id, text)))]


def _opening(reply: Reply, at: float) -> list[Timed]:
    """What comes before an answer, at one moment."""
    return [(at, event.data or {}) for event in reply.events]


def quiet_turns(
    *,
    created_s: float = 0.02,
    asked_s: float = 0.03,
    spoke_s: float = 0.18,
    words_s: float = 0.2,
    later_s: float = 0.2,
    reload_s: float = 0.01,
    list_s: float = 0.01,
    first: Sequence[Timed] = (),
    **notes: Any,
) -> Transcript:
    """A measured turn, one more, and two reads. `first`: events that come before the words of the first turn."""
    page = {"data": [thread()], "has_more": False}
    new, later = create("quiet-1", "Count.", ()), say("quiet-later", "On.", ())
    opening = [(created_s, {"type": "thread.created", "thread": thread()}), (created_s, new.events[1].data or {})]
    replies = [
        timed(new, [*opening, *first, *words("a1", (words_s, words_s + 0.1))], ended_at=words_s + 0.1),
        timed(later, [*_opening(later, 10.0), *words("a2", (later_s + 10.0,))], sent_at=10.0, ended_at=later_s + 10.0),
        read("quiet-reload", sent_at=20.0, ended_at=20.0 + reload_s),
        ask("quiet-list", "threads.list", {}, page, sent_at=30.0, ended_at=30.0 + list_s),
    ]
    call = called("quiet-1", at=asked_s, sent=says(spoke_s, spoke_s + 0.1), finished_at=spoke_s + 0.1)
    return transcript("quiet_turns", replies, [call], **notes)


def quiet_tool(
    *, shown_s: float | None = 0.04, events: Sequence[Data] = (PROGRESS,), label: str = "tool-1"
) -> Transcript:
    """The model calls a tool after half a second and speaks a second later; what shows it comes `shown_s` after it."""
    shown = [] if shown_s is None else [(0.5 + shown_s, data) for data in events]
    new = create(label, "Add.", ())
    rows = [*_opening(new, 0.05), *shown, *words("a1", (1.6,))]
    reply = timed(new, sorted(rows, key=lambda row: row[0]))
    after = [
        {"role": "user", "content": asked("Add.", label)},
        calling(("c0", "create_task", {})),
        result("c0", "Done."),
    ]
    calls = [
        called(label, after[:1], at=0.1, sent=sent("", ("c0", "create_task", {}), at=0.5), finished_at=0.5),
        called(label, after, n=1, position=1, at=0.7, sent=says(1.5), finished_at=1.5),
    ]
    return transcript("quiet_tool", [reply], calls)


def held_answer(*, read_at: float = 1.25, went_on_at: float = 1.45) -> Transcript:
    """An answer that the model holds after its second chunk; its first words are read at `read_at`."""
    text = "Line 1. Line 2."
    made = create("held", "Write.", ())
    rows = [
        *_opening(made, 1.0),
        *zip((read_at, read_at, read_at + 0.1, read_at + 0.2), answer("a1", text), strict=True),
    ]
    calls = [called("held", sent=says(1.1, 1.2, went_on_at, text=text), finished_at=went_on_at)]
    return transcript("held_answer", [timed(made, rows)], calls, answer=text)


def held(call: Call, went_on_at: float, text: str = "") -> Call:
    """The call as one that held after its first chunk."""
    return replace(call, sent=says(1.1, went_on_at, text=text), finished_at=went_on_at)
