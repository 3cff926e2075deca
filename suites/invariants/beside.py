"""What a user asks for while an answer comes: it is answered then, and does not wait until the answer is whole."""

from __future__ import annotations

from collections.abc import Iterator

from chatkit_conformance.check import SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.asked import Asked, in_place
from chatkit_conformance.transcript import HELD_UP, STARVED, Reply, Transcript

from ..clauses import spec

WAITED_S = 2.0
"""Seconds below which nobody calls it waiting: the time in which the first words of an answer are to be there."""

TIMES = 5.0
"""How often as long as beside no answer it must have taken: a server that is slow as a whole is not held to this."""

READ_OR_CHANGED = ("threads.list", "threads.get_by_id", "items.list", "threads.update", "items.feedback")
"""Requests that a page makes beside an answer. A deletion is none: it may well wait until the answer has ended."""


def _ended(r: Reply) -> float:
    """When a reply had ended. Called for those alone that did."""
    assert r.ended_at is not None
    return r.ended_at


def _told(r: Reply) -> float:
    """When the last item of an answer was there. What waited for the answer may come before the stream is closed."""
    return max((e.at for e in r.events if e.type == "thread.item.done"), default=_ended(r))


def _took(r: Reply) -> float:
    """Seconds from the request to the end of its reply."""
    return _ended(r) - r.sent_at


def _whole(t: Transcript) -> Iterator[Asked]:
    """The requests in place that were answered to the end."""
    return (
        a for a in in_place(t) if a.reply.sent_at > 0 and a.reply.ended == "closed" and a.reply.ended_at is not None
    )


@check(
    "latency.answered-beside-answers",
    level=SHOULD,
    clause=spec("SC-001: first token of the answer within 2 s") + "; what is no answer has no reason to take longer",
    cause="One lock, one connection or one worker is held for as long as an answer lasts, and all else waits for it.",
    fix="Hold a thread's lock for its messages only; read, list and rename without it, in transactions of their own.",
)
def answered_beside_answers(t: Transcript) -> Findings:
    """A list, a thread that is read, a rename and feedback do not wait until an answer that is under way has ended."""
    from statistics import median

    made = [a.reply for a in _whole(t)]
    answers = [r for r in made if r.streamed]
    asked = [r for r in made if r.type in READ_OR_CHANGED]
    beside = [(r, [a for a in answers if a.sent_at < r.sent_at < _told(a)]) for r in asked]
    alone = [_took(r) for r in asked if not any(a.sent_at < _ended(r) and _ended(a) > r.sent_at for a in answers)]
    if not alone or not any(open_ones for _, open_ones in beside):
        raise Untestable(f"Nothing was read or changed in {t.exchange} while an answer came, and again when none did.")
    for r, open_ones in beside:
        long_ones = [a for a in open_ones if _told(a) > r.sent_at + WAITED_S]
        first = min(long_ones, key=_told, default=None)
        patience = max(WAITED_S, TIMES * median(alone))
        if first is None or _ended(r) < _told(first) or _took(r) <= patience:
            continue
        if _took(r) - t.notes.get(HELD_UP, 0.0) - t.notes.get(STARVED, 0.0) <= patience:
            raise NotJudged(f"The machine was busy, and {r.label} of {t.exchange} came late.")
        got = f"after {_took(r):.1f} s, {_ended(r) - _told(first):.1f} s behind the last of {first.label}"
        yield Finding(expected=f"{r.type} answered while {first.label} is under way", got=got, reply=r.label)
