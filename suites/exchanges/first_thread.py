"""The thread in which the run began, gone on with after all others: what a server keeps beside a day's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import SAID_BEFORE

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk


@exchange(alone=True, once=True)
async def first_thread_again(talk: Talk) -> None:
    """After all other conversations the first thread of the run is reloaded, gone on with, and reloaded."""
    thread, mark = talk.learnt.first_thread
    talk.require(thread, "no thread was begun when the run began.")
    # Where it is held once more, since the server died under it, the thread has what was said the first time as well.
    said = [mark, *talk.learnt.said_there]
    talk.note(SAID_BEFORE, said)
    await talk.reload(thread, label="reload-1")
    try:
        answer = reply(f"You said hello, and something more {len(said)} times.")
        await talk.say(thread, "What did I say first?", answer, label="turn-2")
    finally:
        talk.learnt.said_there.extend(talk.nonces)
    await talk.reload(thread, label="reload-2")
