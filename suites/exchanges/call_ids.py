"""Ids of tools' calls that differ within an answer and come again in the next one, as those of some gateways do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import calls, reply

from .tools import fresh

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

FIRST = "call_0"
"""The id of each answer's first call, where a gateway counts them anew in each answer."""


@exchange(roles=("create", "read"))
async def reused_call_ids(talk: Talk) -> None:
    """Two turns of a thread make a task each, their calls under the same id; a third asks what was done."""
    thread = ""
    for n in (1, 2):
        step = calls({**talk.tool_call("create", title=fresh(f"fern-{n}")), "id": FIRST})
        said = (f"Make task {n}.", step, reply("Made."))
        made = await (talk.say(thread, *said, label=f"made-{n}") if thread else talk.create(*said, label=f"made-{n}"))
        thread = thread or made.thread_id
        talk.require(thread, "no thread was begun")
    await talk.say(thread, "What have you done?", reply("I made two tasks."), label="then")
