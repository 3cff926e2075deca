"""Scenes of a team: another agent answers, a guardrail stops a turn, a call waits for the user's yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..script import calls, reply
from ..target.target import GUARDS
from ..transcript import STOPPED
from .move import MoveKind
from .reading import WITH, read_thread
from .scripted_turn import ScriptedTurn, answer_of, plainly

if TYPE_CHECKING:
    from .act import Act

OTHERS = ("handoffs", "nested_agents", "structured_output")
"""Roles of tools by which another agent works: one that answers, one that is asked, one that answers in JSON."""

INNER = "Farne mögen Regen."
"""What an agent says that is a tool; what is said then is the turn's answer."""


async def _other_agent(act: Act) -> None:
    """A tool hands over to another agent, or asks one; it is said wherever that one asks the model. Then one more turn.

    The other agent may be told the call and its result, neither, or have no tools either, so that its request looks as
    one beside the conversation.
    """
    role = act.arg("how")

    def script_turn(nonce: str) -> ScriptedTurn:
        text, made = answer_of(nonce, act.n), act.talk.tool_call(role)
        said = INNER if role == "nested_agents" else text
        # With the nonce in it, what the inner agent asks is known again, if it passes on what it was called with.
        told = {name: f"Ferns. (ref {nonce})" for name, value in made["arguments"].items() if isinstance(value, str)}
        call = {**made, "arguments": {**made["arguments"], **told}} if role == "nested_agents" else made
        steps = ({"attempts": [calls(call), reply(said)]}, reply(text))
        # Of JSON a server shows what it likes.
        answer = "" if role == "structured_output" else text
        return ScriptedTurn(steps=steps, answer=answer, tools=({"role": role, **call},), side=reply(said))

    await act.turn(act.thread, script_turn)
    await act.turn(act.thread, plainly(act.n + 1), suffix="then")


async def _guarded(act: Act) -> None:
    """The user's message, or the model's answer, is one that a guardrail stops; the thread is read, and goes on."""
    thread, words = act.thread, act.talk.target.guardrails.get(act.arg("by"), "")
    act.talk.require(words, f'the target file has no words for it: write {act.arg("by")} = "..." under [guardrails].')
    asks = act.arg("by") == "input_guardrail"

    def script_turn(nonce: str) -> ScriptedTurn:
        text = answer_of(nonce, act.n) if asks else words
        return ScriptedTurn(steps=(reply(text, chunk_chars=8),), answer="")

    label = f"{act.n}-{act.move.kind}"
    act.talk.note(STOPPED, [*act.talk.notes.get(STOPPED, ()), label])
    await act.turn(thread, script_turn, words=words if asks else "What is in the jar?")
    stopped = thread.turns[-1]
    stopped.item, stopped.kept = "", False  # a server need not keep it, and to ask it again would be stopped again
    await read_thread(act, thread, act.person, "read")
    await act.turn(thread, plainly(act.n + 1), suffix="then")


TEAM = (
    MoveKind(
        name="other-agent",
        does="user {user} is answered in thread {thread} by another agent ({how})",
        play=_other_agent,
        who="model",
        args={**WITH, "how": OTHERS},
        needs_by={"how": {how: (how, f"role:{how}") for how in OTHERS}},
        wants=("thread",),
        makes=("turn", "tools"),
    ),
    MoveKind(
        name="guarded",
        does="a turn of user {user} in thread {thread} is one that the {by} stops",
        play=_guarded,
        args={**WITH, "by": GUARDS},
        needs_by={"by": {by: (by,) for by in GUARDS}},
        wants=("thread",),
        makes=("turn",),
    ),
)
"""The kinds."""
