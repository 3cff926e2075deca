"""Conversations in which the model calls the seven tools, each with what the list tool tells before and after.

The model's side is scripted, so a call is made whatever the user's words are. Titles carry a random word, because a
server that is asked twice keeps the tasks of the first time.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import TELLS, Step, calls, reply

from ..evidence import result_of
from .text import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Call, Reply

BULK = ("bulk-complete", "bulk-delete")


def fresh(words: str) -> str:
    """A title that no earlier run has used."""
    return f"{words} {secrets.token_hex(3)}"


def use(talk: Talk, role: str, **facts: object) -> Step:
    """The model calls the tool of that role once; beside the one that lists tasks, also one that draws them."""
    drawn = [talk.tool_call("widgets")] if role == "read" and "widgets" in talk.tools else []
    return calls(talk.tool_call(role, **facts), *drawn)


def told_id(talk: Talk, model_calls: Sequence[Call], title: str) -> str | None:
    """The id of the task of that title: as the tool that creates tells it, else as the list does; None if neither.

    Where the model is asked in words, nobody sees its tools: then None, too.
    """
    seen = (talk.tools[role].name for role in ("create", "read") if role in talk.tools)
    told = (result_of(model_calls, name) for name in seen)
    return next((id for text in told if text and (id := talk.task_id_from(text, title))), None)


async def made_task(talk: Talk, title: str) -> tuple[Reply, str | None]:
    """Turn one of every tool conversation: a task is created, the list is read. Returns the task's id, if known."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    talk.note("title", title)
    talk.note("answer", f"I have added “{title}”.")
    turn = await talk.create(
        f"Please add the task {title}.",
        use(talk, "create", title=title, description="Made by a conformance run.", priority="high"),
        use(talk, "read"),
        reply(f"I have added “{title}”."),
        label="create",
    )
    model_calls = await talk.calls(talk.last_nonce, at_least=3, timeout_s=1)
    return turn, told_id(talk, model_calls, title)


@exchange(dialects=DIALECTS, roles=("create", "read"))
async def tool_create(talk: Talk) -> None:
    """The model creates a task, reads the list and answers; then one more plain turn and a reload."""
    made, _ = await made_task(talk, fresh("Water the ferns"))
    if made.thread_id:
        await talk.say(made.thread_id, "Thank you.", reply("You are welcome."), label="after")
        await talk.reload(made.thread_id, label="reload")


async def changed_task(talk: Talk, role: str, title: str, **facts: object) -> None:
    """A task is created in turn one; in turn two the tool of `role` is called for it and the list is read."""
    made, id = await made_task(talk, title)
    talk.note("role", role)
    talk.note("task_id", id)
    if not made.thread_id or id is None:
        return
    await talk.say(
        made.thread_id,
        f"Please {role} that task.",
        use(talk, role, id=id, title=title, **facts),
        use(talk, "read"),
        reply(f"Done: {role}."),
        label=role,
    )
    await talk.reload(made.thread_id, label="reload")


@exchange(dialects=DIALECTS, roles=("create", "read", "update"))
async def tool_update(talk: Talk) -> None:
    """The model creates a task, then changes its title and reads the list."""
    title = fresh("Call the plumber")
    talk.note("new_title", f"{title} before noon")
    await changed_task(talk, "update", title, new_title=f"{title} before noon")


@exchange(dialects=DIALECTS, roles=("create", "read", "complete"))
async def tool_complete(talk: Talk) -> None:
    """The model creates a task, then completes it and reads the list."""
    await changed_task(talk, "complete", fresh("Return the library books"))


@exchange(dialects=DIALECTS, roles=("create", "read", "delete"))
async def tool_delete(talk: Talk) -> None:
    """The model creates a task, then deletes it and reads the list."""
    await changed_task(talk, "delete", fresh("Buy a second umbrella"))


@exchange(dialects=DIALECTS, roles=("create", "read"), any_role=BULK, alone=True)
async def bulk_tools(talk: Talk) -> None:
    """Two tasks are created; all are completed, then deleted, each first with confirm=false, then with confirm=true.

    It runs alone because it changes every task of the user: no other conversation may need one at that time.
    """
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    titles = [fresh("Sweep the yard"), fresh("Oil the hinges")]
    talk.note("titles", titles)
    made = await talk.create(
        "Please add two tasks.",
        *(use(talk, "create", title=title) for title in titles),
        use(talk, "read"),
        reply("Both are on your list."),
        label="create",
    )
    if not made.thread_id:
        return
    for role in (role for role in BULK if role in talk.tools):
        await talk.say(
            made.thread_id,
            f"Please {role} everything.",
            use(talk, role, confirm=False),
            use(talk, "read"),
            use(talk, role, confirm=True),
            use(talk, "read"),
            reply(f"Done: {role}."),
            label=role,
        )
    await talk.reload(made.thread_id, label="reload")


@exchange(roles=("create", "read", "delete"), asks=9)
async def listed_tasks(talk: Talk) -> None:
    """A task is created, listed in another thread, deleted, and the list is read in a third one."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    title = fresh("Repaint the shed")
    talk.note("title", title)
    talk.note("answer", "Added.")
    made = await talk.create("Please add it.", use(talk, "create", title=title), reply("Added."), label="create")
    # Each list is read in a thread of its own: a model can tell the title from nothing but the list.
    telling = {**use(talk, "read"), TELLS: title}
    await talk.create("What is on my list?", telling, reply("That is your list."), label="list")
    turns = [await talk.calls(nonce, at_least=2, timeout_s=1) for nonce in (talk.nonces[0], talk.last_nonce)]
    id = next((id for turn in turns if (id := told_id(talk, turn, title))), None)
    if made.thread_id:
        step = use(talk, "delete", id=id, title=title)
        await talk.say(made.thread_id, "Please delete it.", step, reply("Deleted."), label="delete")
        await talk.create("What is on my list now?", use(talk, "read"), reply("That is all."), label="list-after")
