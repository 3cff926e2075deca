"""The thread in which the run began, gone on with after all others: what a server keeps beside a day's work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import SAID_BEFORE

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk


@exchange(alone=True, once=True, restart="stop", deadline_s=60)
async def first_thread_again(talk: Talk) -> None:
    """After all other conversations the first thread of the run is reloaded, gone on with, and reloaded.

    So it is after a restart, where the server is to outlast one: what is said first then is said there, and a
    thread is begun. Ids that are counted anew are now those of what was there first.
    """
    thread, mark = talk.learnt.first_thread
    talk.require(thread, "no thread was begun when the run began.")
    # Where it is held once more, since the server died under it, the thread has what was said the first time as well.
    said = [mark, *talk.learnt.said_there]
    talk.note(SAID_BEFORE, said)
    await talk.reload(thread, label="reload-1")
    try:
        answer = reply(f"You said hello, and something more {len(said)} times.")
        await talk.say(thread, "What did I say first?", answer, label="turn-2")
        await talk.reload(thread, label="reload-2")
        if talk.learnt.capabilities.get("restart") is not True:
            return
        await talk.restart()
        again, step = talk.new_nonce(), reply("Now you have said it again.")
        await talk.script_again(again, step)
        await asyncio.gather(
            talk.say(thread, "And now?", label="turn-3", nonce=again),
            talk.create("Something else, now.", reply("Gladly."), label="new"),
        )
    finally:
        talk.learnt.said_there.extend(talk.nonces)
    await talk.reload(thread, label="reload-3")
