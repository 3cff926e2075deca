"""The same short words again, as users say "Next." and models write "ha ha": nothing of it is a repetition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

NEXT = ("The moss.", "The fern.", "The moss again.")
"""What the model says to the same message, sent so many times."""

PIECES = ("Ha", ", ha", ", ha", ", ha", "!", "\n", "\n", "Four of them.")
"""An answer in the pieces that it comes in: some equal the one before."""

APART_S = 0.03
"""Seconds between two pieces, so that they come in network reads of their own."""


PAGE = 3
"""Items of the page that is read before the server is restarted; the next one is read afterwards."""


@exchange(alone=True, restart="stop", deadline_s=60)
async def equal_words(talk: Talk) -> None:
    """One message is sent three times in a thread, and answered in other words; another is answered in equal pieces.

    The thread is reloaded, and a page of it read; after a restart, where the server is to outlast one, the next page,
    and the thread once more. Then it is gone on with.
    """
    first = await talk.create("Let us name plants.", reply("Gladly."), label="first")
    talk.require(first.thread_id, "no thread was begun")
    nonce = talk.new_nonce()
    await talk.script_again(nonce, {"attempts": [reply(text) for text in NEXT]})
    for n in range(1, len(NEXT) + 1):
        await talk.say(first.thread_id, "Next.", label=f"next-{n}", nonce=nonce)
    pieces = reply("".join(PIECES), chunks=list(PIECES), gap_s=APART_S)
    await talk.say(first.thread_id, "Now laugh.", pieces, label="laugh")
    await talk.reload(first.thread_id, label="reload")
    if talk.learnt.capabilities.get("restart") is True:
        paged = {"thread_id": first.thread_id, "limit": PAGE, "order": "asc"}
        begun = await talk.ask("items.list", paged, label="page-1")
        await talk.restart()
        after = begun.body.get("after") if begun.accepted and isinstance(begun.body, dict) else None
        if isinstance(after, str) and begun.body.get("has_more"):
            await talk.ask("items.list", {**paged, "after": after}, label="page-2")
        await talk.reload(first.thread_id, label="back")
    await talk.say(first.thread_id, "What did I ask for?", reply("For the next one, three times."), label="then")
