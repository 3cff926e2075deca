"""The thread in which the run began, gone on with after all others: what a server keeps beside a day's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import SAID_BEFORE

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk


@exchange(alone=True)
async def first_thread_again(talk: Talk) -> None:
    """After all other conversations the first thread of the run is reloaded, gone on with, and reloaded."""
    thread, mark = talk.learnt.first_thread
    talk.require(thread, "no thread was begun when the run began.")
    talk.note(SAID_BEFORE, [mark])
    await talk.reload(thread, label="reload-1")
    await talk.say(thread, "What did I say first?", reply("You said hello."), label="turn-2")
    await talk.reload(thread, label="reload-2")
