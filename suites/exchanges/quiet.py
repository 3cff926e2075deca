"""Conversations held alone, with nothing beside them: for time, and for a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import Step, reply

from ..evidence import called_at, shows_tool
from .text import FACT
from .tools import fresh, use

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

MODEL_FIRST_S = 0.15
"""Seconds that the model takes to its first token here. They are subtracted for the server's own share."""

MODEL_TAKES_S = 1.5
"""Seconds that Gemini's flash models take to their first token (median in public recordings): not the server's."""

TURNS = 3
"""Turns that are measured. The fastest is judged: a stall of the machine is not the server's fault."""


def _slow(step: Step, seconds: float) -> Step:
    """The step, started so late that nothing seen before it can come from it."""
    return {**step, "first_s": seconds}


@exchange(alone=True)
async def quiet_turns(talk: Talk) -> None:
    """Three new threads, one after the other, each with one answer of five chunks; one more turn; a reload."""
    created, first, own = [], [], []
    thread = ""
    for n in range(1, TURNS + 1):
        text = "One, two, three, four, five, and that is all."
        made = await talk.create(
            "Count to five.", reply(text, chunk_chars=9, first_s=MODEL_FIRST_S), label=f"quiet-{n}"
        )
        thread = made.thread_id or thread
        sent = [s for c in await talk.calls(talk.last_nonce, timeout_s=1) if not c.side for s in c.sent]
        created += [e.at - made.sent_at for e in made.of("thread.created")[:1]]
        if made.deltas:
            first.append(made.deltas[0].at - made.sent_at)
            waited = MODEL_FIRST_S if sent else 0.0
            own.append(max(0.0, made.deltas[0].at - made.sent_at - waited))
    allowed = talk.target.latency
    talk.note("first_token_s_limit", allowed["first_token_s"])
    talk.note("own_share_s_limit", max(0.1, allowed["first_token_s"] - MODEL_TAKES_S))
    talk.note("thread_created_s_limit", allowed["session_creation_s"])
    if thread:
        await _read_back(talk, thread)
    for name, figures in (("thread_created_s", created), ("first_token_s", first), ("own_share_s", own)):
        if figures:
            talk.note(name, round(min(figures), 4))


async def _read_back(talk: Talk, thread: str) -> None:
    """One more turn in the last thread, a reload and a list of threads, each with its time."""
    later = await talk.say(thread, "And on.", reply("Six, seven.", first_s=MODEL_FIRST_S), label="quiet-later")
    if later.deltas:
        talk.note("later_token_s", round(later.deltas[0].at - later.sent_at, 4))
    for label, type, params in (
        ("quiet-reload", "threads.get_by_id", {"thread_id": thread}),
        ("quiet-list", "threads.list", {"limit": 20, "order": "desc"}),
    ):
        took = [r.ended_at - r.sent_at for _ in (1, 2) if (r := await talk.ask(type, params, label=label)).ended_at]
        if took:
            talk.note(f"{label.removeprefix('quiet-')}_s", round(min(took), 4))


@exchange(alone=True, roles=("create", "read"))
async def quiet_tool(talk: Talk) -> None:
    """The model creates a task, then pauses before it continues: the tool must be visible in between."""
    best: list[float] = []
    limit = talk.target.latency["tool_visible_s"]
    for n in (1, 2):
        title = fresh("Order new tyres")
        steps = (use(talk, "create", title=title), _slow(reply("It is on your list."), limit + 0.3))
        made = await talk.create(f"Please add {title}.", *steps, label=f"tool-{n}")
        calls = [c for c in await talk.calls(talk.last_nonce, timeout_s=1) if c.position == 0 and not c.side]
        called = called_at(calls[-1]) if calls else None
        if called is not None:
            talk.note("tool_called", True)
            best += [e.at - called for e in made.events if e.at >= called and shows_tool(e)][:1]
        if best and min(best) <= limit:
            break
    talk.note("tool_visible_s_limit", limit)
    if best:
        talk.note("tool_visible_s", round(min(best), 4))


@exchange(alone=True, capability="restart", deadline_s=60)
async def restart(talk: Talk) -> None:
    """A thread is created, the server is stopped and started again, the thread is reloaded and continued."""
    talk.require(talk.can_restart, "the server was not started by this run, so it cannot be restarted.")
    made = await talk.create(FACT, reply("Noted."), label="turn-1")
    if not made.thread_id:
        return
    await talk.reload(made.thread_id, label="reload-1")
    await talk.restart()
    await talk.reload(made.thread_id, label="reload-2")
    await talk.say(made.thread_id, "What is the name of my cat?", reply("Quillfeather."), label="turn-2")
    await talk.reload(made.thread_id, label="reload-3")


@exchange(alone=True, capability="restart", deadline_s=60)
async def killed_at_done(talk: Talk) -> None:
    """The server is killed at the moment of the answer's `done`, and started again: reload, one more turn."""
    talk.require(talk.can_restart, "the server was not started by this run, so it cannot be killed.")
    async with talk.open_create(FACT, reply("Noted, and kept."), label="killed") as opened:
        done = await opened.wait_for(
            lambda e: e.type == "thread.item.done" and e.item.get("type") == "assistant_message", 10
        )
        talk.note("done", done.item_id if done else None)
        await talk.restart(kill=True)
        made = await opened.leave()
    if made.thread_id:
        await talk.reload(made.thread_id, label="reload")
        await talk.say(made.thread_id, "What is the name of my cat?", reply("Quillfeather."), label="next")
