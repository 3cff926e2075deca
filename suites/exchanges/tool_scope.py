"""Conversations that ask how far a tool reaches: one task of two, another user's tasks, what is no consent."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import Step, calls, reply
from chatkit_conformance.target.full_reading import full_reading
from chatkit_conformance.target.tools import toggles

from ..evidence import result_of
from .tool_trials import NO_ID
from .tools import BULK, fresh, use

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

FIELDS: dict[str, Any] = {
    "description": "Two sentences. To be kept as they are.",
    "due_date": "2031-05-04",
    "priority": "high",
    "tags": ["garden", "spring"],
}
"""What each task is created with, where the tool has an argument for it."""

CHANGES = ("update", "complete", "delete")

COMPLETE_AGAIN = "complete-again"
"""The turn in which the task is completed that is so already."""

NO_CONSENT: tuple[Any, ...] = ("false", "no", None, 0)
"""Values of a confirm argument that a careless reader takes for yes: in Python and JavaScript text is true."""


async def _made(talk: Talk, titles: list[str], label: str, user: str = "a") -> tuple[str, list[str | None]]:
    """Tasks with all fields, created and listed in a thread of their own: its id, and theirs where they were told."""
    steps = [use(talk, "create", title=title, **FIELDS) for title in titles]
    made = await talk.create("Please add these.", *steps, use(talk, "read"), reply("Added."), label=label, user=user)
    model_calls = await talk.calls(talk.last_nonce, at_least=len(titles) + 2, timeout_s=1)
    results = [result_of(model_calls, talk.tools["create"].name, n) for n in range(len(titles))]
    listed = result_of(model_calls, talk.tools["read"].name)
    ids = [
        (talk.task_id_from(text, title) if text else None) or (talk.task_id_from(listed, title) if listed else None)
        for text, title in zip(results, titles, strict=True)
    ]
    return made.thread_id, ids


@exchange(roles=("create", "read"), deadline_s=30)
async def one_task_of_two(talk: Talk) -> None:
    """Two tasks with all fields; one gets a new title, is completed twice and deleted; the list is read after each."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    title, other, new_title = fresh("Prune the roses"), fresh("Sharpen the saw"), fresh("Prune all roses")
    talk.note("title", title)
    talk.note("other", other)
    talk.note("new_title", new_title)
    talk.note("fields", FIELDS)
    thread, ids = await _made(talk, [title, other], "create")
    if not thread or ids[0] is None:
        return
    talk.note("task_id", ids[0])
    full = full_reading(talk.tools["read"])
    for role in CHANGES:
        if role not in talk.tools:
            continue
        facts = {"new_title": new_title} if role == "update" else {"title": new_title}
        steps = [use(talk, role, id=ids[0], **facts), use(talk, "read")]
        if role == "complete" and full is not None:
            talk.note("full_reading", full["arguments"])
            steps.append(calls(full))
        await talk.say(thread, f"Please {role} the first.", *steps, reply(f"Done: {role}."), label=role)
        if role == "complete":
            talk.note("toggles", toggles(talk.tools[role]))
            again = (use(talk, role, id=ids[0], **facts), use(talk, "read"))
            await talk.say(thread, "It is done, I said.", *again, reply("So it is."), label=COMPLETE_AGAIN)


@exchange(roles=("create", "read"), deadline_s=30)
async def tasks_of_two_users(talk: Talk) -> None:
    """User b has a task; user a's model reads the list, and updates, completes and deletes by the id of b's task."""
    talk.require(
        talk.user_headers("a") != talk.user_headers("b"),
        "the target file names only one user: give [users.a] and [users.b] their own credentials in it.",
    )
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    title = fresh("Call the notary about the will")
    talk.note("title", title)
    thread, ids = await _made(talk, [title], "b-create", user="b")
    mine = await talk.create("What is on my list?", use(talk, "read"), reply("That is all."), label="a-read")
    if not thread or not mine.thread_id or ids[0] is None:
        return
    talk.note("task_id", ids[0])
    for role in CHANGES:
        if role not in talk.tools:
            continue
        facts = {"new_title": fresh("Taken over")} if role == "update" else {"title": title}
        step = use(talk, role, id=ids[0], **facts)
        await talk.say(mine.thread_id, f"Please {role} it.", step, reply("I tried."), label=f"a-{role}")
        await talk.say(thread, "And now?", use(talk, "read"), reply("Look."), label=f"b-after-{role}", user="b")


def unconfirmed(made: dict[str, Any], value: Any) -> Step:
    """The call with every `true` in its arguments replaced: what stands where a consent would stand."""

    def put(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: put(inner) for key, inner in node.items()}
        return value if node is True else node

    return calls({**made, "arguments": put(copy.deepcopy(made["arguments"]))})


@exchange(roles=("create", "read"), any_role=BULK, alone=True, deadline_s=40)
async def no_consent(talk: Talk) -> None:
    """The bulk tools are called with confirm "false", "no", null and 0; then with true, while user b has a task, too.

    It runs alone because it changes every task of the user.
    """
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    title, others = fresh("Wind the clock"), fresh("Feed b's cat")
    talk.note("title", title)
    talk.note("others", others)
    two = talk.user_headers("a") != talk.user_headers("b") if "b" in talk.target.users else False
    thread_b = (await _made(talk, [others], "b-create", user="b"))[0] if two else ""
    thread, _ = await _made(talk, [title], "create")
    if not thread:
        return
    for role in BULK:
        if role not in talk.tools:
            continue
        made = talk.tool_call(role, confirm=True)
        for n, value in enumerate(NO_CONSENT):
            steps = (unconfirmed(made, value), use(talk, "read"), reply("Asked."))
            await talk.say(thread, f"Please {role}.", *steps, label=f"{n}-{role}")
    for role in BULK:
        if role in talk.tools:
            await talk.say(thread, f"Yes, {role}.", use(talk, role, confirm=True), reply("Done."), label=f"yes-{role}")
    if thread_b:
        await talk.say(thread_b, "And mine?", use(talk, "read"), reply("Look."), label="b-after", user="b")


@exchange(roles=("create", "read"))
async def claims(talk: Talk) -> None:
    """A task is updated, completed and deleted, each first by an id of nothing, then by its own."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    title = fresh("Varnish the bench")
    talk.note("title", title)
    thread, ids = await _made(talk, [title], "create")
    if not thread or ids[0] is None:
        return
    for role in CHANGES:
        if role not in talk.tools:
            continue
        facts = {"new_title": title} if role == "update" else {"title": title}
        for label, id in ((f"nothing-{role}", NO_ID), (f"true-{role}", ids[0])):
            await talk.say(thread, f"Please {role}.", use(talk, role, id=id, **facts), reply("Tried."), label=label)
