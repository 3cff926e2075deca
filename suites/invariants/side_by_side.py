"""A user's other threads while the model holds the answer in one of them."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.moves.notes import EXPECTED, LEFT_OUT
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import spec
from ..evidence import LIMITED
from ..persistence.together import SPEC_SEVERAL
from .usual_times import unless_busy


@check(
    "persistence.other-thread-goes-on",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_SEVERAL + "; " + spec("SC-001: first token of the answer within 2 s"),
    cause="A lock, a session or a connection of the user's is held for as long as an answer is streamed.",
    fix="Hold nothing for more than one thread while the model answers.",
    criteria=("SC-001",),
)
def other_thread_goes_on(t: Transcript) -> Findings:
    """While the model holds an answer for three seconds, the same user's other thread and list are answered."""
    told = t.notes.get(EXPECTED, {})
    asked = {turn.asked.reply.label: turn.asked.reply for turn in turns_in(t) if turn.calls}
    pairs = [(a.reply, held) for a in in_place(t) if (held := asked.get(told.get(a.reply.label, {}).get("beside", "")))]
    if not pairs:
        if why := t.notes.get(LEFT_OUT, {}).get("two-threads"):
            raise NotJudged(why)
        raise Untestable(f"nobody in {t.exchange} used another thread while the model held an answer")
    for r, held in pairs:
        if held.ended != "closed" or held.errors or r.status == LIMITED or not r.ended_at:
            continue
        if held.ended_at and r.ended_at > held.ended_at:
            unless_busy(t)  # what was answered meanwhile was so on any machine
            got = (
                f"{r.type} answered {r.ended_at - r.sent_at:.1f} s after it was sent, and after {held.label} had ended"
            )
            yield Finding(expected="an answer while the other thread's is held", got=got, reply=r.label)
