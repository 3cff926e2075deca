"""Turns that a guardrail is to stop, in the middle of a conversation."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import TURNS
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import agents_sdk
from ..evidence import answered, shorten
from .answers import shown_in
from .faults import reported


@check(
    "errors.stopped-turn-told",
    level=MUST,
    clause="target file, [guardrails]: words that do not pass; "
    + agents_sdk("Guardrails")
    + ": a tripwire ends the run",
    cause="The guardrail does not trip in this situation, or what it raises is swallowed: the stream ends silently.",
    fix="Catch InputGuardrailTripwireTriggered and OutputGuardrailTripwireTriggered, and yield an `error` event.",
    criteria=("SC-008",),
    capability="output_guardrail",
)
def stopped_turn_told(t: Transcript) -> Findings:
    """A turn that a guardrail stops says so with an error, a notice or words of the server's own, wherever it comes."""
    turns = [turn for turn in turns_in(t) if turn.stopped and turn.asked.reply.label in t.notes.get(TURNS, {})]
    if not turns:
        raise Untestable(f"no turn of {t.exchange} was one that a guardrail is to stop")
    for turn in turns:
        if not reported(t, turn):
            r = turn.asked.reply
            got = f"the user saw {shorten(shown_in(t)[turn.asked.n])}; {answered(r)}"
            yield Finding(expected="an `error` event, a notice, or words of the server's own", got=got, reply=r.label)
