"""Conversations held alone, with nothing beside them: for time, and for a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves.files import register
from chatkit_conformance.moves.shown import STREAM, values_in
from chatkit_conformance.moves.wording import SCRIPTS
from chatkit_conformance.script import Step, calls, reply
from chatkit_conformance.stream.timing import times_of
from chatkit_conformance.transcript import IN_WORDS

from ..evidence import result_of
from .actions import sent_by_buttons
from .text import FACT
from .tool_scope import FIELDS
from .tools import fresh, use

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Reply

MODEL_FIRST_S = 0.15
"""Seconds that the model takes to its first token here."""

MODEL_TAKES_S = 1.5
"""Seconds that Gemini's flash models take to their first token (median in public recordings): not the server's."""

TURNS, READS = 3, 2
"""Turns and reads that are measured. The fastest is judged: a stall of the machine is not the server's fault."""


ASKED_TURNS = 2
"""Turns where each costs somebody money."""

NOTES = b"Ferns were here before flowers: gooseberry-1822."
"""A file of the thread that outlasts a restart."""

QUOTED = "A cat may well weigh five kilograms, says page 12."
"""What the first message of that thread quotes."""

TITLE = "Cats, ferns and hinges"
"""The title that the user gives the thread before the restart."""


def _slow(step: Step, seconds: float) -> Step:
    """The step, started so late that nothing seen before it can come from it."""
    return {**step, "first_s": seconds}


@exchange(alone=True, asks=3)
async def quiet_turns(talk: Talk) -> None:
    """Three new threads, one after the other, each with one answer of five chunks; one more turn; reads."""
    allowed = talk.target.latency
    talk.note("first_token_s_limit", allowed["first_token_s"])
    talk.note("own_share_s_limit", max(0.1, allowed["first_token_s"] - MODEL_TAKES_S))
    talk.note("thread_created_s_limit", allowed["session_creation_s"])
    thread = ""
    for n in range(1, (TURNS if IN_WORDS not in talk.notes else ASKED_TURNS) + 1):
        text = "One, two, three, four, five, and that is all."
        step = reply(text, chunk_chars=9, first_s=MODEL_FIRST_S)
        made = await talk.create("Count to five.", step, label=f"quiet-{n}")
        thread = made.thread_id or thread
    if not thread:
        return
    await talk.say(thread, "And on.", reply("Six, seven.", first_s=MODEL_FIRST_S), label="quiet-later")
    for label, type, params in (
        ("quiet-reload", "threads.get_by_id", {"thread_id": thread}),
        ("quiet-list", "threads.list", {"limit": 20, "order": "desc"}),
    ):
        for _ in range(READS):
            await talk.ask(type, params, label=label)


@exchange(alone=True, roles=("create", "read"))
async def quiet_tool(talk: Talk) -> None:
    """The model creates a task, then pauses before it continues: the tool must be visible in between."""
    limit = talk.target.latency["tool_visible_s"]
    talk.note("tool_visible_s_limit", limit)
    for n in (1, 2):
        title = fresh("Order new tyres")
        steps = (use(talk, "create", title=title), _slow(reply("It is on your list."), limit + 0.3))
        made = await talk.create(f"Please add {title}.", *steps, label=f"tool-{n}")
        shown = times_of(made, await talk.calls(talk.last_nonce, timeout_s=1)).tools
        if shown and all(tool.seconds is not None and tool.seconds <= limit for tool in shown):
            break  # the second turn is for a machine that stalled in the first


@exchange(alone=True, capability="restart", restart="stop", deadline_s=60)
async def restart(talk: Talk) -> None:
    """A thread with a file and a quotation gets a title, others are deleted, locked; tasks are made; a restart.

    The thread is reloaded and continued, the deleted and the locked one are read, the tasks are listed.
    """
    talk.require(talk.can_restart, "the server was not started by this run, so it cannot be restarted.")
    files = []
    if talk.learnt.capabilities.get("attachments") is True:
        files = [await register(talk, "ferns.txt", NOTES, "text/plain", label="file", user="a")]
    carried: dict[str, Any] = {"attachments": list(filter(None, files)), "quoted_text": QUOTED}
    made = await talk.create(FACT, reply("Noted."), label="turn-1", **carried)
    if not made.thread_id:
        return
    await talk.say(made.thread_id, SCRIPTS, reply(SCRIPTS), label="scripts")
    await talk.ask("threads.update", {"thread_id": made.thread_id, "title": TITLE}, label="rename")
    gone = await talk.create("Forget this.", reply("Forgotten."), label="forgotten")
    if gone.thread_id:
        await talk.ask("threads.delete", {"thread_id": gone.thread_id}, label="delete")
    tasks = await _tasks(talk) if {"create", "read"} <= set(talk.tools) else None
    locked = await _locked(talk) if "thread_status" in talk.tools else ""
    await talk.reload(made.thread_id, label="reload-1")
    await talk.restart()
    if files:
        await register(talk, "ferns.txt", NOTES, "text/plain", label="file-after", user="a")
    await talk.reload(made.thread_id, label="reload-2")
    if gone.thread_id:
        await talk.ask("threads.get_by_id", {"thread_id": gone.thread_id}, label="gone")
    if locked:
        await talk.reload(locked, label="locked-after")
    if tasks is not None and tasks.thread_id:
        await talk.reload(tasks.thread_id, label="tasks-reload")
        # One more task first: an id that is counted anew would be that of the task before.
        more = (use(talk, "create", title=fresh("Wax the floor")), use(talk, "read"), reply("It is there, too."))
        await talk.say(tasks.thread_id, "And one more.", *more, label="tasks-after")
    await talk.say(made.thread_id, "What is the name of my cat?", reply("Quillfeather."), label="turn-2")
    await talk.reload(made.thread_id, label="reload-3")


async def _locked(talk: Talk) -> str:
    """A thread that the model locks, read once: its id."""
    steps = (calls(talk.tool_call("thread_status")), reply("It is locked."))
    made = await talk.create("Please lock this conversation.", *steps, label="lock")
    if made.thread_id:
        await talk.reload(made.thread_id, label="locked-before")
    return made.thread_id


async def _tasks(talk: Talk) -> Reply:
    """A thread in which three tasks are made and listed, one is completed, and the button of another one pressed."""
    titles = [fresh("Oil the hinges"), fresh("Sweep the stairs"), fresh("Polish the brass")]
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    talk.note("title", titles[0])
    talk.note("completed", titles[1])
    made = calls(*(talk.tool_call("create", title=title, **FIELDS) for title in titles))
    turn = await talk.create(
        "Please add them.", made, use(talk, "read"), reply("They are there."), label="tasks-before"
    )
    said = await talk.calls(talk.last_nonce, at_least=3, timeout_s=1)
    results = [result_of(said, talk.tools["create"].name, n) for n in range(len(titles))]
    ids = [talk.task_id_from(told, title) if told else None for told, title in zip(results, titles, strict=True)]
    if turn.thread_id and ids[1] is not None and "complete" in talk.tools:
        steps = (use(talk, "complete", id=ids[1], title=titles[1]), use(talk, "read"), reply("Done."))
        await talk.say(turn.thread_id, "The second one is done.", *steps, label="tasks-done")
    # A widget may show tasks of other conversations, too.
    own = (sent for sent in sent_by_buttons(turn) if ids[2] and ids[2] in values_in(sent["action"]))
    if (button := next(own, None)) is not None:
        talk.note("pressed", titles[2])
        await talk.ask(STREAM, button, label="press")
        await talk.say(turn.thread_id, "What is there?", use(talk, "read"), reply("That."), label="tasks-pressed")
    return turn


@exchange(alone=True, capability="restart", restart="kill", deadline_s=60)
async def killed_at_done(talk: Talk) -> None:
    """The server is killed at the moment of the answer's `done`, and started again: reload, one more turn."""
    talk.require(talk.can_restart, "the server was not started by this run, so it cannot be killed.")
    await talk.before_restart()  # the kill is to come with the answer's `done`, not later
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
