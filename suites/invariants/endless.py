"""A model that calls tools without an end: somebody has to stop it, and that is the server."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_FAULTS
from ..evidence import answered

KIND = "endless-tools"

MOST = 99
"""Requests of one turn to which the model answers with one more call. The Agents SDK stops after 10, LangGraph after
25, Pydantic AI after 50; the scripted model gives in at the hundredth."""


@check(
    "errors.endless-tools-ended",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_FAULTS + "; openai-agents, DEFAULT_MAX_TURNS: a run ends after 10 turns of the model",
    cause="The loop that runs tools goes on as long as the answer has tool calls.",
    fix="Count the rounds (max_turns), and end the turn with an error that says so.",
)
def endless_tools_ended(t: Transcript) -> Findings:
    """A turn in which the model calls tools without an end is ended before its hundredth request to the model."""
    judged = 0
    for turn in turns_in(t):
        wanted = [call for call in turn.calls if call.fault == KIND]
        judged += bool(wanted)
        if len(wanted) > MOST:
            r = turn.asked.reply
            got = f"{len(turn.calls)} requests to the model in one turn, then {answered(r)}"
            yield Finding(expected="an end after fewer rounds of tools", got=got, reply=r.label, call=wanted[-1].n)
    if not judged:
        raise Untestable(f"In no turn of {t.exchange} did the model call tools without an end.")
