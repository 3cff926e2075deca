"""Calls that cannot work: bad arguments, an unknown tool."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import GEMINI_CALLING, SPEC_FAULTS
from ..evidence import answer_text, answered, calls_of, last_rounds, outcome, reply, shorten, turn

BAD = ("not-json", "no-title")


def stated(r: Reply) -> bool:
    """Whether a turn ended whole and told the user something: an answer, an error or a notice."""
    return bool(r.errors or r.of("notice") or answer_text(r).strip()) and r.ended == "closed"


@check(
    "tools.bad-arguments-handled",
    level=MUST,
    on=("bad_arguments",),
    clause=SPEC_FAULTS + "; edge cases: malformed answers from the model",
    cause="An exception of the tool or of its argument parser broke the stream.",
    fix="Return the problem to the model as the tool's result, or yield an `error` event.",
    criteria=("SC-008",),
)
def bad_arguments_handled(t: Transcript) -> Findings:
    """A call with invalid arguments ends in an answer or an error event, and the stream closes normally."""
    for label in BAD:
        r = turn(t, label)
        if not stated(r):
            got = f"{answered(r)}, ended {r.ended}, answer {shorten(answer_text(r))}"
            yield Finding(expected="an answer or an `error` event", got=got, reply=label)


@check(
    "tools.bad-arguments-reach-model",
    level=SHOULD,
    needs=("model",),
    on=("bad_arguments",),
    clause=GEMINI_CALLING + "; it can then correct its call",
    cause="The turn ends at the first bad call instead of reporting the error to the model.",
    fix="Give the tool a failure_error_function that names the argument, and let the turn go on.",
)
def bad_arguments_reach_model(t: Transcript) -> Findings:
    """An error in a call's arguments goes back to the model as that call's result."""
    for label in BAD:
        made = last_rounds(calls_of(t, label))
        if not any(text.strip() for round in made for _, text in round.results):
            got = f"no result; {len(calls_of(t, label))} requests, the user saw {shorten(answer_text(turn(t, label)))}"
            yield Finding(expected="a result that reports the error", got=got, reply=label)


@check(
    "tools.bad-arguments-then-next-turn",
    level=MUST,
    on=("bad_arguments",),
    clause=SPEC_FAULTS,
    cause="The invalid call was stored, and is sent to the model again in every later turn.",
    fix="Leave calls that never ran out of the history, or store them with their error as the result.",
    criteria=("SC-008",),
)
def bad_arguments_next(t: Transcript) -> Findings:
    """The turn after a call with invalid arguments is answered."""
    labels = [f"after-{label}" for label in BAD if any(r.label == f"after-{label}" for r in t.replies)]
    if not labels:
        raise Untestable("No thread was created, so there is no next turn.")
    for label in labels:
        r = reply(t, label)
        if "I am here." not in answer_text(r):
            yield Finding(expected="answer “Yes, I am here.”", got=outcome(r), reply=label)


@check(
    "tools.unknown-tool-handled",
    level=MUST,
    on=("unknown_tool",),
    clause=SPEC_FAULTS + "; edge cases: malformed answers from the model",
    cause="The agent loop raises on an unknown tool, and the user sees nothing.",
    fix="Catch ModelBehaviorError and yield an `error` event, or return to the model that there is no such tool.",
    criteria=("SC-008",),
)
def unknown_tool_handled(t: Transcript) -> Findings:
    """A call of an undeclared tool ends in an answer or an error event."""
    r = turn(t, "fault")
    if not stated(r):
        got = f"{answered(r)}, ended {r.ended}, answer {shorten(answer_text(r))}"
        yield Finding(expected="an answer or an `error` event", got=got, reply="fault")
