"""A handoff: the other agent answers, as itself, and the conversation goes on."""

from __future__ import annotations

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import agents_sdk, spec
from ..evidence import content_text, led_to, note, reply, shorten
from ..persistence.answered import answered_with

HANDOFFS = agents_sdk("Handoffs") + ": a handoff is a tool of the model's; the agent that it names then answers"


@check(
    "tools.handoff-answered",
    level=MUST,
    on=("handed_over",),
    clause=HANDOFFS + "; " + spec("SC-007"),
    cause="The run ends with the handoff, or what the other agent says goes where nobody listens.",
    fix="Let the run go on after a handoff, and stream whatever agent speaks.",
    capability="handoffs",
)
def handoff_answered(t: Transcript) -> Findings:
    """After a handoff the other agent's answer is shown, in the same turn."""
    yield from answered_with(t, "hand-over", str(note(t, "said")))


@check(
    "tools.handoff-changes-agent",
    level=SHOULD,
    needs=("model",),
    on=("handed_over",),
    clause=HANDOFFS + ", with its own instructions and tools",
    cause="The handoff is a tool without an effect, or the instructions are those of the first agent throughout.",
    fix="Give the tool to the SDK as a handoff (Agent(handoffs=[...])), not as a function.",
    capability="handoffs",
)
def handoff_changes_agent(t: Transcript) -> Findings:
    """After a handoff the model is asked with other instructions or other tools than before it."""
    made, tool = led_to(t, reply(t, "hand-over")), str(note(t, "tool"))
    first = next((n for n, c in enumerate(made) if any(tool in s.data for s in c.sent)), None)
    after = made[first + 1 :] if first is not None else []
    if first is None or not after:
        raise Untestable("The model was not asked again after the handoff.")
    if all(_agent(c) == _agent(made[first]) for c in after):
        got = f"instructions {shorten(_agent(made[first])[0])} and the same tools once more"
        yield Finding(expected="another agent's instructions or tools", got=got, reply="hand-over", call=after[-1].n)


def _agent(call: Call) -> tuple[str, tuple[str, ...]]:
    """The instructions and the tools of a request, by which agents are told apart."""
    said = [content_text(m.get("content")) for m in call.messages if m.get("role") in ("system", "developer")]
    return "\n".join(said), tuple(str(tool.get("name")) for tool in call.tools)


@check(
    "tools.turn-after-handoff-works",
    level=MUST,
    on=("handed_over",),
    clause=HANDOFFS + "; user specification, features: multi-turn conversation",
    cause="The stored turn cannot be told to the model again, or the thread remembers an agent that is not there.",
    fix="Keep names in the thread, not agents, and answer with the first agent where a name is unknown.",
    capability="handoffs",
)
def turn_after_handoff_works(t: Transcript) -> Findings:
    """The turn after one with a handoff is answered."""
    yield from answered_with(t, "after", "You are welcome.")
