"""Conversations in which another agent works: one that is a tool of the first, and one that answers in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import calls, reply
from chatkit_conformance.transcript import STOPPED

from .handoffs import BOTH, elsewhere

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

INNER, OUTER = "Farne mögen Regen.", "In German that is what I said."
"""What the model says as the agent that is a tool, and as the one that calls it."""

PLAN = "Water the ferns daily"
UNFIT = '{"neither": ["a title"], "nor": 1}'
"""An answer that is JSON and fits no schema of an answer."""

STOP = "unfit"
"""Label of the turn whose answer does not fit what was asked for."""


@exchange(capability="nested_agents", roles=("nested_agents",), dialects=BOTH)
async def nested_agent(talk: Talk) -> None:
    """The model calls an agent that is a tool, which asks the model for itself; a reload, one more turn."""
    tool = talk.tools["nested_agents"].name
    talk.note("tool", tool)
    nonce = talk.new_nonce()
    given = talk.tool_call("nested_agents")
    # With the nonce in it, what the inner agent asks is known again, if it passes on what it was called with.
    texts = {name: f"Ferns like rain. (ref {nonce})" for name, v in given["arguments"].items() if isinstance(v, str)}
    call = {**given, "arguments": {**given["arguments"], **texts}}
    first = {"attempts": [calls(call), reply(INNER)]}
    await talk.script_again(nonce, first, reply(OUTER), side=reply(INNER))
    made = await talk.create("Say in German that ferns like rain.", label="nested", nonce=nonce)
    if not made.thread_id:
        return
    await talk.reload(made.thread_id, label="reload")
    await talk.say(made.thread_id, "Thank you.", reply("You are welcome."), label="after")


@exchange(capability="structured_output", roles=("structured_output",), dialects=BOTH)
async def structured_answer(talk: Talk) -> None:
    """An agent answers in JSON that fits its schema, and in JSON that does not; reloads, one more turn."""
    talk.note(STOPPED, [STOP])
    nonce = await elsewhere(talk, "structured_output", PLAN)
    made = await talk.create("Make a plan for the ferns.", label="fit", nonce=nonce)
    if not made.thread_id:
        return
    await talk.reload(made.thread_id, label="reload")
    nonce = await elsewhere(talk, "structured_output", UNFIT)
    await talk.say(made.thread_id, "Make another plan.", label=STOP, nonce=nonce)
    await talk.reload(made.thread_id, label="reload-unfit")
    await talk.say(made.thread_id, "Thank you.", reply("You are welcome."), label="after")
