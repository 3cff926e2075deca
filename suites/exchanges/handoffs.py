"""Conversations in which the answer comes from another agent than the one that was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import calls, reply

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

BOTH = ("gemini-3", "gemini-2.5")


@exchange(capability="handoffs", roles=("handoffs",), dialects=BOTH)
async def handed_over(talk: Talk) -> None:
    """The model hands over to another agent, which answers; a reload, one more turn, a reload."""
    talk.note("said", "Ferns like rain.")
    talk.note("tool", talk.tools["handoffs"].name)
    # Told twice: a server may well leave the handoff out of what the next agent reads.
    first = {"attempts": [calls(talk.tool_call("handoffs")), reply("Ferns like rain.")]}
    made = await talk.create("What do ferns like?", first, reply("Ferns like rain."), label="hand-over")
    if not made.thread_id:
        return
    await talk.reload(made.thread_id, label="reload")
    await talk.say(made.thread_id, "Thank you.", reply("You are welcome."), label="after")
    await talk.reload(made.thread_id, label="reload-after")
