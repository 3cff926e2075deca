"""Conversations that meet a guardrail: a message that the server refuses, an answer that it withholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import STOPPED

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

TURN = "stopped"
"""Label of the turn that the guardrail is to stop."""


async def _stopped(talk: Talk, message: str, said: str) -> None:
    """A turn that goes well, the one that is to be stopped, a reload, one more turn, a reload."""
    talk.note("said", said)
    talk.note(STOPPED, [TURN])
    first = await talk.create("Are you there?", reply("Yes, I am here."), label="before")
    if not first.thread_id:
        return
    await talk.say(first.thread_id, message, reply(said, chunk_chars=8), label=TURN)
    await talk.reload(first.thread_id, label="reload")
    await talk.say(first.thread_id, "Are you still there?", reply("Yes, I am still here."), label="after")
    await talk.reload(first.thread_id, label="reload-after")


def _words(talk: Talk, guard: str) -> str:
    words = talk.target.guardrails.get(guard, "")
    talk.require(words, f'the target file has no words for it: write {guard} = "..." under [guardrails].')
    return words


@exchange(capability="input_guardrail")
async def refused_message(talk: Talk) -> None:
    """A message that the input guardrail refuses, between two that it does not; reloads."""
    message = _words(talk, "input_guardrail")
    await _stopped(talk, message, "The jar on the left holds all of it.")


@exchange(capability="output_guardrail")
async def withheld_answer(talk: Talk) -> None:
    """An answer that the output guardrail withholds, between two that it does not; reloads."""
    said = _words(talk, "output_guardrail")
    await _stopped(talk, "What is in the jar?", said)
