"""A rename, a list and feedback while an answer comes: when each was asked for, and when it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import HELD_UP, Reply, Transcript
from tests.suites.build import Data, ask, called, create, thread, transcript
from tests.suites.timed import timed, words

ENDS_S = 12.0
"""When the answer ends, which begins at 0 s."""

ASKED: Mapping[str, tuple[str, Data, Data]] = {
    "rename": ("threads.update", {"thread_id": "thr_1", "title": "Ferns"}, thread(title="Ferns")),
    "list": ("threads.list", {"limit": 20, "order": "desc"}, {"data": [thread(title="Ferns")], "has_more": False}),
}


def beside_answer(*, at_s: float = 2.0, took_s: float = 0.1, usual_s: float = 0.1, held_s: float = 0.0) -> Transcript:
    """An answer of twelve seconds; a rename and a list beside it, and the same two again once it is whole.

    Args:
        at_s: when they were asked for. took_s, usual_s: the seconds that they took beside it, and later.
        held_s: see HELD_UP.
    """
    turn = create("turn-1", "Talk for a while.", ())
    begun = [(0.2, event.data or {}) for event in turn.events]
    replies = [timed(turn, [*begun, *words("a1", (1.0, ENDS_S - 0.1))], sent_at=0.1, ended_at=ENDS_S)]
    replies += [_asked(name, f"{name}-beside", at_s, took_s) for name in ASKED]
    replies += [_asked(name, name, ENDS_S + 10.0, usual_s) for name in ASKED]
    notes = {HELD_UP: held_s} if held_s else {}
    return replace(transcript("beside_answer", replies, [called("turn-1")], **notes), ended_at=2 * ENDS_S + 10.0)


def _asked(name: str, label: str, at_s: float, took_s: float) -> Reply:
    type, params, body = ASKED[name]
    return ask(label, type, params, body, sent_at=at_s, ended_at=at_s + took_s)


BREAKS: Mapping[str, list[Transcript]] = {
    "latency.answered-beside-answers": [
        beside_answer(took_s=10.1),
        beside_answer(took_s=14.0, usual_s=1.0),
        beside_answer(took_s=9.95),  # when all of the answer was there, and the stream not closed yet
        beside_answer(took_s=10.1, held_s=4.0),  # the machine was busy, and not for that long
    ],
}


def odd_beside() -> list[Transcript]:
    """A server that is slow whatever goes on; an answer that ends soon; late but before its end; a busy machine.

    Late, and the answer ends only then: whoever holds the answer back until the list is there opens it at that moment.
    """
    return [
        beside_answer(took_s=10.5, usual_s=9.0),
        beside_answer(at_s=11.0, took_s=1.2),
        beside_answer(took_s=4.0),
        beside_answer(took_s=9.8),
        beside_answer(took_s=10.1, held_s=15.0),
    ]
