"""A conversation that the browser leaves in mid-answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.stream.event_kinds import is_text

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

LONG = "Count from one to three hundred, in words."
"""What a model is asked for that plays no script: an answer during which one can leave."""

HELD_S = 6.0
"""Seconds that the model holds its answer back after the browser disconnected: longer than a good server waits."""


@exchange(deadline_s=30, asks=2)
async def client_leaves(talk: Talk) -> None:
    """The browser drops the connection after the first text, while the model pauses; reload; one more turn."""
    gate = talk.gate()
    said = "These words were seen before the window was closed, "
    text = f"{said}and these were not, because nobody was there any more."
    talk.note("said", said)
    step = reply(text, chunk_chars=len(said), hold_after=1, gate=gate, hold_max_s=HELD_S, words=LONG)
    thread = ""
    async with talk.open_create("Talk for a while.", step, label="left") as held:
        made = await talk.shown(held, lambda event: event.type == "thread.created")
        thread = str(((made.data or {}).get("thread") or {}).get("id", "")) if made else ""
        # A server that shows nothing before the whole answer is judged for that elsewhere: leave it all the same.
        await held.wait_for(is_text, 2)
        await talk.calls(talk.last_nonce, at_least=1, timeout_s=5)
        talk.note("left_at", time.monotonic())
        await held.leave()
    await talk.calls(talk.last_nonce, at_least=1, timeout_s=HELD_S, finished=True)
    await talk.open_gate(gate)
    if thread:
        await talk.reload(thread, label="reload")
        await talk.say(thread, "I am back.", reply("Welcome back."), label="next")
        await talk.reload(thread, label="reload-next")
