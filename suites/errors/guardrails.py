"""A guardrail that trips: the user is told, nothing of it lives on, and the conversation goes on."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.heard import heard_in
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import agents_sdk
from ..evidence import answered, calls_of, note, shorten
from ..exchanges.guardrails import TURN
from ..invariants.answers import shown_in
from ..invariants.faults import reported
from ..persistence.answered import answered_with

BOTH = ("refused_message", "withheld_answer")
STOPS = "target file, [guardrails]: words that do not pass; " + agents_sdk("Guardrails") + ": a tripwire ends the run"
REMOVED = "openai-chatkit 1.6.5 chatkit/agents.py L794-802: where a guardrail trips, what the run has shown is removed"


def _stopped(t: Transcript) -> Turn:
    """The turn that the guardrail is to stop. Raises Untestable where it was not held."""
    turn = next((turn for turn in turns_in(t) if turn.stopped), None)
    if turn is None:
        raise Untestable(f"{t.exchange} ended before the turn that the guardrail is to stop.")
    return turn


def _declare(exchange: str, guard: str, what: str) -> None:
    """Declare what holds where this guard trips."""

    def told(t: Transcript) -> Findings:
        turn = _stopped(t)
        if not reported(t, turn):
            r = turn.asked.reply
            got = f"the user saw {shorten(shown_in(t)[turn.asked.n])}; {answered(r)}"
            yield Finding(expected="an `error` event, a notice, or words of the server's own", got=got, reply=r.label)

    told.__doc__ = f"{what} is answered with an error, a notice or words of the server's own."
    check(
        f"errors.{guard}-told",
        level=MUST,
        on=(exchange,),
        clause=STOPS,
        cause="The guardrail does not trip, or what it raises is swallowed: the stream ends without a word.",
        fix="Catch InputGuardrailTripwireTriggered and OutputGuardrailTripwireTriggered, and yield an `error` event.",
        capability=guard.replace("-", "_"),
        criteria=("SC-008",),
    )(told)

    def goes_on(t: Transcript) -> Findings:
        _stopped(t)
        yield from answered_with(t, "after", "Yes, I am still here.")

    goes_on.__doc__ = f"The turn after {what[0].lower()}{what[1:]} is answered."
    check(
        f"errors.turn-after-{guard}-works",
        level=MUST,
        on=(exchange,),
        clause=STOPS + "; user specification, features: multi-turn conversation",
        cause="What is kept of the stopped turn trips the guardrail in each turn after it, or breaks the next request.",
        fix="Let the input guardrail look at the newest message only, and keep nothing of an answer that was withheld.",
        capability=guard.replace("-", "_"),
        criteria=("SC-008",),
    )(goes_on)


_declare("refused_message", "input-guardrail", "A message that the input guardrail refuses")
_declare("withheld_answer", "output-guardrail", "An answer that the output guardrail withholds")


@check(
    "errors.withheld-answer-removed",
    level=SHOULD,
    on=("withheld_answer",),
    clause=REMOVED,
    cause="The answer was streamed before the guardrail saw it, and is left on the screen.",
    fix="Yield thread.item.removed for each item that the run showed, as stream_agent_response does.",
    capability="output_guardrail",
)
def withheld_answer_removed(t: Transcript) -> Findings:
    """An answer that the output guardrail withholds is not on the screen when its turn has ended."""
    turn = _stopped(t)
    if (said := str(note(t, "said"))) in shown_in(t)[turn.asked.n]:
        yield Finding(expected="no answer on the screen", got=f"answer {shorten(said)}", reply=TURN)


@check(
    "gemini.withheld-answer-not-sent",
    level=SHOULD,
    needs=("model",),
    on=("withheld_answer",),
    clause=REMOVED + "; the model is told what the user has seen",
    cause="A session of the Agents SDK, or a log of messages, keeps the answer that was removed from the thread.",
    fix="Build the history from the thread's items; remove from the session what is removed from the thread.",
    capability="output_guardrail",
)
def withheld_answer_not_sent(t: Transcript) -> Findings:
    """An answer that was withheld and removed is not told to the model in the turns after it."""
    turn, said = _stopped(t), str(note(t, "said"))
    if said in shown_in(t)[turn.asked.n]:
        raise Untestable("The answer that the guardrail withholds was left on the screen.")
    for call in calls_of(t, "after"):
        if heard_in(t)[call.n].has(said):
            yield Finding(expected="nothing of it", got=f"{shorten(said)} in the request", reply="after", call=call.n)
