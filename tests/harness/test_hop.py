"""What a hop does, told from pairs of replies: what two runs of one server differ in anyway is not told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from chatkit_conformance.judging.hop import hop_changes
from chatkit_conformance.transcript import RESTARTS, Event, Reply, Transcript

STREAM = {"content-type": "text/event-stream"}


def stream(label: str, *at: float, **more: Any) -> Reply:
    """A streamed answer whose events came at these seconds."""
    events = tuple(Event(index=n, at=when, raw="{}", data={"type": "x"}) for n, when in enumerate(at))
    return Reply(label=label, status=200, events=events, **{"headers": STREAM, "ended_at": max(at, default=0), **more})


def run(replies: Sequence[Reply], **notes: Any) -> list[Transcript]:
    """A run of one conversation."""
    return [Transcript(exchange="talk", replies=tuple(replies), notes=notes)]


def told(before: Sequence[Reply], after: Sequence[Reply], **notes: Any) -> list[str]:
    """Kind and name of what the hop does."""
    return [f"{c.kind} {c.what}".strip() for c in hop_changes(run(before), run(after, **notes))]


SLOW = [stream(f"turn-{n}", 0.1, 0.2, 0.4, 0.9) for n in range(4)]
KEPT = [stream(f"turn-{n}", 0.9, 0.9, 0.9, 0.9) for n in range(4)]
SOON = [stream(f"turn-{n}", 0.11, 0.11, 0.11) for n in range(4)]


def test_a_stream_that_comes_at_once_was_kept_back() -> None:
    """Its first event comes with its last, and the values of one that shows it best are told."""
    (change,) = hop_changes(run(SLOW), run(KEPT))
    assert change.kind == "buffers"
    assert "all events of 4 of 4 streams come at once" in change.said
    assert "after 0.90 s together with the last; without the hop after 0.10 s, the last 0.80 s later" in change.said


def test_a_pause_of_the_models_is_time_too() -> None:
    """A model that waits for its reader waits in vain behind such a hop: that the first words come late tells it."""
    quick = [stream(f"turn-{n}", 0.1, 0.101, 0.102) for n in range(4)]
    assert told(quick, KEPT) == ["buffers"]


@pytest.mark.parametrize(
    ("before", "after", "notes"),
    [
        (SLOW, SLOW, {}),
        (SLOW, KEPT[:3] + SLOW[3:], {}),
        ([stream(f"turn-{n}", 0.1, 0.101, 0.102) for n in range(4)], SOON, {}),
        (KEPT, KEPT, {}),
        (SLOW, KEPT, {RESTARTS: []}),
    ],
    ids=["same", "most", "no time between", "both", "restarted"],
)
def test_what_does_not_show_buffering_is_not_told(
    before: Sequence[Reply], after: Sequence[Reply], notes: dict[str, Any]
) -> None:
    """Some streams at once, or a server that sends all at once itself: nothing of it is a hop's."""
    assert told(before, after, **notes) == []


def headed(*values: Mapping[str, str]) -> list[Reply]:
    """Answers with these headers, each by a label of its own."""
    return [Reply(label=f"r-{n}", status=200, headers=dict(value)) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (headed(*[{"x-a": "1"}] * 3), headed(*[{}] * 3), ["drops x-a"]),
        (headed(*[{"x-a": "1"}] * 3), headed({}, {}, {"x-a": "1"}), []),
        (headed(*[{"x-a": "1"}] * 3), headed(*[{"x-a": "2"}] * 3), ["rewrites x-a"]),
        (headed(*({"x-id": str(n)} for n in range(9))), headed(*({"x-id": str(n + 9)} for n in range(9))), []),
        (headed(*[{"x-left": "9"}] * 3), headed({"x-left": "8"}, {"x-left": "7"}, {"x-left": "6"}), []),
        (headed(*[{"server": "a", "date": "x"}] * 3), headed(*[{"via": "b"}] * 3), []),
        (headed({}), headed({"content-encoding": "br", "content-type": "text/html; x"}), ["compresses br"]),
    ],
    ids=["dropped", "not always", "rewritten", "ids", "counters", "a hop's own", "compressed"],
)
def test_headers_are_told_where_the_answers_agree(
    before: Sequence[Reply], after: Sequence[Reply], said: list[str]
) -> None:
    """A header counts as dropped or rewritten where each answer shows it; ids and counters differ by themselves."""
    assert told(before, after) == said


def test_a_header_that_only_streams_lose_is_told() -> None:
    """The other answers keep it: streams are a kind of their own."""
    kept = headed(*[{"cache-control": "no-store"}] * 3)
    streams = [stream(f"s-{n}", 0.1, headers={**STREAM, "cache-control": "no-store"}) for n in range(3)]
    bare = [replace(reply, headers=STREAM) for reply in streams]
    (change,) = hop_changes(run([*kept, *streams]), run([*kept, *bare]))
    assert (change.kind, change.what, change.replies) == ("drops", "cache-control", 3)
    assert "of its streams" in change.said


def test_a_stream_that_breaks_off_is_cut() -> None:
    """The server ended it itself, and behind the hop it is cut, after the seconds that are told."""
    cut = [replace(reply, ended="cut", ended_at=0.6, trouble="the connection broke") for reply in SLOW]
    (change,) = hop_changes(run(SLOW), run(cut))
    assert (change.kind, change.replies) == ("cuts", 4)
    assert "break off after 0.60 s (the connection broke)" in change.said


@pytest.mark.parametrize(
    ("status", "times", "said"),
    [(413, 1, ["answers 413"]), (504, 1, ["answers 504"]), (404, 1, []), (404, 3, ["answers 404"]), (429, 3, [])],
)
def test_an_answer_of_the_hops_own_is_told(status: int, times: int, said: list[str]) -> None:
    """A gateway's status counts at once, another where it comes several times; a rate is the server's own."""
    before = headed(*[{}] * times)
    assert told(before, [replace(reply, status=status) for reply in before]) == said


def test_who_left_before_the_answer_saw_nothing() -> None:
    """That no header had come when we left is no answer of the hop's."""
    before = headed(*[{}] * 3)
    assert told(before, [replace(reply, status=0, ended="left") for reply in before]) == []
