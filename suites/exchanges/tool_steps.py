"""Conversations with several tool calls: two at once, in both layouts, text around calls, calls that cannot work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import call, calls, reply

from .text import DIALECTS
from .tools import fresh, use

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

LAYOUTS = ("one-delta", "one-per-delta")


@exchange(dialects=DIALECTS, roles=("create", "read"))
async def two_calls(talk: Talk) -> None:
    """The model creates two tasks in one answer and reads the list: once in one delta, once in two deltas."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    thread = ""
    for layout in LAYOUTS:
        titles = [fresh("Sharpen the saw"), fresh("Paint the gate")]
        talk.note(layout, titles)
        steps = (
            calls(*(talk.tool_call("create", title=title) for title in titles), layout=layout),
            use(talk, "read"),
            reply("Both are on your list."),
        )
        # A thread each: what the first layout breaks must not be held against the second.
        made = await talk.create("Please add two tasks.", *steps, label=layout)
        thread = made.thread_id
    if thread:
        await talk.reload(thread, label="reload")


@exchange(dialects=DIALECTS, roles=("create", "read"))
async def text_around_calls(talk: Talk) -> None:
    """The model writes text, creates a task, writes more text, reads the list, and answers: three steps."""
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    title = fresh("Repot the basil")
    words = ["I will add that now.", "Let me look at the list.", "It is on your list."]
    talk.note("words", words)
    talk.note("title", title)
    made = await talk.create(
        f"Please add {title}.",
        calls(talk.tool_call("create", title=title), text=words[0]),
        calls(talk.tool_call("read"), text=words[1]),
        reply(words[2]),
        label="steps",
    )
    if made.thread_id:
        await talk.reload(made.thread_id, label="reload")


@exchange(roles=("create",))
async def text_beside_call(talk: Talk) -> None:
    """The model creates a task by a call that comes in one chunk with its last words before it, and answers."""
    title, words = fresh("Feed the sourdough"), ["I will note that.", "It is noted."]
    talk.note("names", {"create": talk.tools["create"].name})
    talk.note("words", words)
    made = calls(talk.tool_call("create", title=title), text=words[0], layout="beside-text")
    await talk.create(f"Please add {title}.", made, reply(words[1]), label="beside")


@exchange(roles=("create",))
async def bad_arguments(talk: Talk) -> None:
    """The model calls the create tool with arguments that are not JSON, then without arguments; a turn after each."""
    name = talk.tools["create"].name
    talk.note("names", {"create": name})
    for label, arguments in (("not-json", '{"title": "Unfinish'), ("no-title", "{}")):
        made = await talk.create(
            "Please add a task.", calls(call(name, arguments)), reply("That did not work."), label=label
        )
        if made.thread_id:
            await talk.say(made.thread_id, "Are you there?", reply("Yes, I am here."), label=f"after-{label}")


@exchange()
async def unknown_tool(talk: Talk) -> None:
    """The model calls a tool that the server never declared; then one more turn."""
    step = calls(call("launch_rocket", {"to": "the moon"}))
    made = await talk.create("Please launch it.", step, reply("I cannot do that."), label="fault")
    if made.thread_id:
        await talk.say(made.thread_id, "Are you there?", reply("Yes, I am here."), label="next")
