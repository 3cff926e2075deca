"""Conversations that try each tool by itself: alone in its turn, with wrong arguments, with an id of nothing; many at
once, the same call twice, and calls without an id.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import Step, call, calls, reply
from chatkit_conformance.transcript import IN_WORDS, UNASKED

from .text import DIALECTS
from .tools import BULK, fresh, made_task, told_id, use

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Reply

NO_ID = "999999999"
"""An id of no task that is valid whether ids are numbers or text."""

NOT_JSON = '{"broken'
"""Truncated arguments, as in malformed calls of Gemini's."""

SCRIPTS = "Käse & Brötchen 買い物 שלום 🧀"
OTHER_SCRIPTS = "Сыр — «купить» 치즈 😀"
LONG = "A long description, as people paste them. Zeile für Zeile, 一行ずつ。 " * 45
"""About 3,000 characters."""
LONG_TITLE = (
    "Read the insurer's long letter about the claim from March, and ask whether the shed and the fence are covered"
)
"""More than a hundred characters, as a model makes a title of what a user says in one breath."""


async def _turn(talk: Talk, label: str, *steps: Step) -> Reply:
    """One turn in its own thread, named by its label: tasks belong to the user, not to the thread."""
    return await talk.create(f"Please do this: {label}.", *steps, reply(f"Done: {label}."), label=label)


@exchange(roles=("create", "read"), asks=15, brings=("gemini.results-paired", "gemini.signatures-replayed"))
async def each_tool(talk: Talk) -> None:
    """Each single-task tool alone in a turn: create, read, update, complete, delete, with titles in several scripts."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    title, new_title = fresh(SCRIPTS), fresh(OTHER_SCRIPTS)
    talk.note("title", title)
    talk.note("new_title", new_title)
    made = await talk.create(
        "Please add a task.", use(talk, "create", title=title), reply("Done: create."), label="create"
    )
    if not made.thread_id:
        return
    id = told_id(talk, await talk.calls(talk.last_nonce, at_least=2, timeout_s=1), title)
    await _turn(talk, "read", use(talk, "read"))
    id = id or told_id(talk, await talk.calls(talk.last_nonce, at_least=2, timeout_s=1), title)
    if id is None and IN_WORDS not in talk.notes:
        return
    if "update" in talk.tools:
        named = {"title": title} if IN_WORDS in talk.notes else {}
        await _turn(talk, "update", use(talk, "update", id=id, new_title=new_title, **named))
        await _turn(talk, "read-updated", use(talk, "read"))
    for role in ("complete", "delete"):
        if role in talk.tools:
            await _turn(talk, role, use(talk, role, id=id, title=new_title))


@exchange(roles=("create", "read"))
async def long_texts(talk: Talk) -> None:
    """A task with a long title and 3,000 characters is made between two short ones; its description is replaced.

    Then a call has 75,000 characters: Gemini sends it in one chunk, and readers of lines take 64 KiB mostly.
    """
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    title, before, after = fresh(LONG_TITLE), fresh("Water the ferns"), fresh("Air the shed")
    talk.note("title", title)
    talk.note("neighbours", [before, after])
    made = await talk.create(
        "Please add it.",
        use(talk, "create", title=before),
        use(talk, "create", title=title, description=LONG),
        use(talk, "create", title=after),
        use(talk, "read"),
        reply("Done: create."),
        label="create",
    )
    id = told_id(talk, await talk.calls(talk.last_nonce, at_least=5, timeout_s=1), title)
    if made.thread_id and id is not None and "update" in talk.tools:
        step = use(talk, "update", id=id, title=title, new_description=LONG[::-1])
        await _turn(talk, "update", step, use(talk, "read"))
    if "update" in talk.tools:
        huge = use(talk, "update", id=NO_ID, new_title=LONG * 25)  # nothing of it stays
        await talk.create("Change that one.", huge, reply("There is none."), label="huge")


@exchange(roles=("create", "read"))
async def wrong_arguments(talk: Talk) -> None:
    """Each single-task tool is called with truncated arguments, each in its own thread."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    for role in ("create", "read", "update", "complete", "delete"):
        if role in talk.tools:
            await _turn(talk, f"wrong-{role}", calls(call(talk.tools[role].name, NOT_JSON)))


@exchange(roles=("create", "read"))
async def unknown_ids(talk: Talk) -> None:
    """A task is created; update, complete and delete are called with an unknown id, with a read after each."""
    made, _ = await made_task(talk, fresh("Leave me alone"))
    if not made.thread_id:
        return
    for role in ("update", "complete", "delete"):
        if role in talk.tools:
            facts = {"new_title": fresh("Taken over")} if role == "update" else {"title": fresh("Nothing")}
            step = use(talk, role, id=NO_ID, **facts)
            await _turn(talk, f"unknown-{role}", step, use(talk, "read"))


@exchange(dialects=DIALECTS, roles=("create", "read"))
async def many_calls(talk: Talk) -> None:
    """Five tasks are created in one answer, one of them called by a number, and listed; a title again; equal calls.

    Of the two tasks of one title, one is then changed, completed and deleted.
    """
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    titles = [*(fresh(f"eBay parcel {n}") for n in range(1, 5)), f"00{secrets.randbelow(10**8):08}"]
    talk.note("titles", titles)
    five = calls(*(talk.tool_call("create", title=title) for title in titles))
    made = await talk.create("Please add five tasks.", five, use(talk, "read"), reply("All five."), label="five")
    if made.thread_id:
        again = fresh("The blue one, for Ada:")
        talk.note("again", again)
        await _turn(talk, "same-title", use(talk, "create", title=titles[0], description=again), use(talk, "read"))
        id = told_id(talk, await talk.calls(talk.last_nonce, at_least=2, timeout_s=1), titles[0])
        await _turn(talk, "equal", calls(talk.tool_call("read"), talk.tool_call("read")))
        for role in (role for role in ("update", "complete", "delete") if id and role in talk.tools):
            facts = {"new_description": fresh("Left with the neighbours:")} if role == "update" else {}
            step = use(talk, role, id=id, title=titles[0], **facts)
            await _turn(talk, f"of-two-{role}", step, use(talk, "read"))


@exchange(roles=("create", "read"))
async def empty_ids(talk: Talk) -> None:
    """Two tasks are created in one answer, each call with the id "", as 2.0 models send them; the list is read."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    titles = [fresh("Oil the lock"), fresh("Fix the step")]
    talk.note("titles", titles)
    spoken, talk.dialect = talk.dialect, "gemini-2.0"
    try:
        both = calls(*(talk.tool_call("create", title=title) for title in titles))
        made = await talk.create("Please add two tasks.", both, use(talk, "read"), reply("Both."), label="empty")
        if made.thread_id:
            await talk.say(made.thread_id, "Thank you.", reply("You are welcome."), label="after")
    finally:
        talk.dialect = spoken


@exchange(roles=("create", "read"), any_role=BULK, alone=True, asks=6)
async def bulk_trials(talk: Talk) -> None:
    """The bulk tools without arguments, then each alone in a turn with confirm=true, then with truncated arguments.

    It runs alone because it changes every task of the user.
    """
    names = {role: tool.name for role, tool in talk.tools.items()}
    talk.note("names", names)
    title = fresh("Count the spoons")
    talk.note("titles", [title])
    steps = (use(talk, "create", title=title), use(talk, "read"), reply("It is on your list."))
    made = await talk.create("Please add a task.", *steps, label="create")
    if not made.thread_id:
        return
    asked = IN_WORDS in talk.notes
    if asked:
        talk.require(talk.can_restart, "it changes every task of its user: only a server that the run starts is asked.")
        talk.note(UNASKED, [f"{how}-{role}" for how in ("bare", "wrong") for role in BULK])
    there = [role for role in BULK if asked or role in names]
    for role in there if not asked else ():
        await _turn(talk, f"bare-{role}", calls(call(names[role], {})), use(talk, "read"))
    for role in there:
        await _turn(talk, role, use(talk, role, confirm=True))
    for role in there if not asked else ():
        await _turn(talk, f"wrong-{role}", calls(call(names[role], '{"confirm": tr')))
