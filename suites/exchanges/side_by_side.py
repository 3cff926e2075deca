"""Conversations that are held at the same time: two tabs of one user, several threads, changes in mid-answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.stream.event_kinds import is_text

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Event

NOTICED_S = 0.5
"""Seconds in which a second message may be answered while the first is. Waiting its turn is right, too."""


def is_users(event: Event) -> bool:
    """Whether an event finishes the user's message."""
    return event.type == "thread.item.done" and event.item.get("type") == "user_message"


@exchange()
async def two_tabs(talk: Talk) -> None:
    """While a thread is answered in one tab, another tab reloads it and sends a message; both reload; a last turn."""
    gate = talk.gate()
    answers = ["The first tab gets this answer, and gets it whole.", "And this one is for the second tab."]
    talk.note("answers", answers)
    step = reply(answers[0], chunk_chars=20, hold_after=1, gate=gate, hold_max_s=8.0)
    async with talk.open_create("Asked in the first tab.", step, label="first") as first:
        asked = await talk.shown(first, is_users)
        thread = first.reply.thread_id
        talk.note("asked", asked.item_id if asked else None)
        if not thread:
            await talk.open_gate(gate)
            await first.finish()
            return
        await talk.reload(thread, label="mid")
        async with talk.open_say(thread, "Asked in the second tab.", reply(answers[1]), label="second") as second:
            await second.wait_for(lambda event: True, NOTICED_S)
            await talk.open_gate(gate)
            await first.finish()
            await second.finish()
    for tab in (1, 2):
        await talk.reload(thread, label=f"tab-{tab}")
    await talk.say(thread, "Are both of you there?", reply("Both tabs are here."), label="after")


THREADS = ("amber", "birch", "cedar")
"""Words that distinguish the threads that are answered at the same time."""

HELD_AFTER = 1
"""Chunks of each answer that the model sends before it holds."""


@exchange(asks=3)
async def several_threads(talk: Talk) -> None:
    """Three threads are answered at the same time, and the one started last finishes first; then each is reloaded."""
    from asyncio import gather

    gates = {word: talk.gate() for word in THREADS}
    talk.note("words", list(THREADS))
    steps = {
        word: reply(f"About {word}: {word} is all that is told here.", chunk_chars=14, hold_after=HELD_AFTER, gate=gate)
        for word, gate in gates.items()
    }
    async with (
        talk.open_create("Tell me of amber.", steps["amber"], label="amber") as amber,
        talk.open_create("Tell me of birch.", steps["birch"], label="birch") as birch,
        talk.open_create("Tell me of cedar.", steps["cedar"], label="cedar") as cedar,
    ):
        opened = {"amber": amber, "birch": birch, "cedar": cedar}
        nonces = talk.nonces[-len(THREADS) :]
        answers = zip(THREADS, nonces, strict=True)
        await gather(*(talk.shown(opened[word], is_text, nonce) for word, nonce in answers))
        for word in reversed(THREADS):
            await talk.open_gate(gates[word])
        threads = {word: (await opened[word].finish()).thread_id for word in THREADS}
    for word, thread in threads.items():
        if thread:
            await talk.reload(thread, label=f"reload-{word}")


@exchange()
async def changed_midway(talk: Talk) -> None:
    """A thread is renamed and all are listed during one answer; it is deleted during the next, then read and listed."""
    gates = [talk.gate(), talk.gate()]
    talk.note("title", "Renamed in mid-answer")
    step = reply("The first answer goes on for a while.", chunk_chars=12, hold_after=1, gate=gates[0])
    async with talk.open_create("Talk for a while.", step, label="turn-1") as opened:
        await talk.shown(opened, is_text)
        thread = opened.reply.thread_id
        if thread:
            params = {"thread_id": thread, "title": "Renamed in mid-answer"}
            await talk.ask("threads.update", params, label="rename")
        # For `latency.answered-beside-answers`, which judges every conversation.
        await talk.ask("threads.list", {"limit": 20, "order": "desc"}, label="list-beside")
        await talk.open_gate(gates[0])
        await opened.finish()
    if not thread:
        return
    await talk.reload(thread, label="renamed")
    step = reply("The second answer goes on for a while.", chunk_chars=12, hold_after=1, gate=gates[1])
    async with talk.open_say(thread, "And once more.", step, label="turn-2") as opened:
        await talk.shown(opened, is_text)
        await talk.ask("threads.delete", {"thread_id": thread}, label="delete")
        await talk.open_gate(gates[1])
        await opened.finish()
    await talk.ask("threads.get_by_id", {"thread_id": thread}, label="gone")
    await talk.ask("items.list", {"thread_id": thread, "limit": 10}, label="gone-items")
    await talk.ask("threads.list", {"limit": 50, "order": "desc"}, label="list")
