"""How a turn with tools ends: with what the model says once it has their results."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.notes import TURNS
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.target.target import ROLES
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_TOOLS


@check(
    "tools.turn-goes-on",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS,
    capability="tasks",
    cause="The run stops at the tool's result (tool_use_behavior), or after a number of rounds, without a word.",
    fix="Ask the model again with the results: its next message is the answer to the user.",
    criteria=("SC-007",),
)
def turn_goes_on(t: Transcript) -> Findings:
    """A turn does not end without an error at a call of the server's tools for tasks: the model is asked again."""
    judged = [turn for turn in turns_in(t) if _judged(t, turn)]
    if not judged:
        raise Untestable(f"in {t.exchange} no tool for tasks was called in a turn in which nothing was wrong")
    for turn in judged:
        call, last = turn.last
        if last.calls:
            names = [name for _, name, _ in last.calls]
            got = f"a turn that ended at the model's call of {', '.join(names)}"
            yield Finding(expected="the model asked again", got=got, reply=turn.asked.reply.label, call=call.n)


def _judged(t: Transcript, turn: Turn) -> bool:
    """Whether nothing was wrong in a turn in which tools for tasks were called, and no others."""
    note, r = t.notes.get(TURNS, {}).get(turn.asked.reply.label), turn.asked.reply
    if not note or not note.get("answer") or note.get("beside") or note.get("fault") or not turn.answering:
        return False
    plain = turn.sound and not turn.excused and not turn.asked.wrong and not turn.asked.overlaps
    roles = {tool["role"] for tool in note["tools"]}
    return plain and bool(roles) and roles <= set(ROLES) and r.streamed and r.ended == "closed" and not r.errors
