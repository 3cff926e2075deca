"""Conversations in which the answer comes from another agent than the one that was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import calls, reply

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

BOTH = ("gemini-3", "gemini-2.5")


async def elsewhere(talk: Talk, role: str, said: str) -> str:
    """Have the model call the tool of this role, and another agent say this; returns the nonce of the message for it.

    It is said wherever the other agent asks: with the call and its result in what it is told, without them, and, where
    it has no tools either, as one that stands beside the conversation.
    """
    nonce = talk.new_nonce()
    first = {"attempts": [calls(talk.tool_call(role)), reply(said)]}
    await talk.script_again(nonce, first, reply(said), side=reply(said))
    return nonce


@exchange(capability="handoffs", roles=("handoffs",), dialects=BOTH)
async def handed_over(talk: Talk) -> None:
    """The model hands over to another agent, which answers; a reload, one more turn, a reload."""
    talk.note("said", "Ferns like rain.")
    talk.note("tool", talk.tools["handoffs"].name)
    nonce = await elsewhere(talk, "handoffs", "Ferns like rain.")
    made = await talk.create("What do ferns like?", label="hand-over", nonce=nonce)
    if not made.thread_id:
        return
    await talk.reload(made.thread_id, label="reload")
    await talk.say(made.thread_id, "Thank you.", reply("You are welcome."), label="after")
    await talk.reload(made.thread_id, label="reload-after")
