"""Conversations in which a tool of the server's own brings a capability about: see SHOWS in the target file.

Where the turn goes on after an answer of the user's, the model's words are scripted both for a server that replays
the call with its result and for one that tells the model of it in plain words.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import Step, calls, reply
from chatkit_conformance.target.fuller_call import fuller_call

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Reply


def two_users(talk: Talk) -> bool:
    """Whether the target names two different users."""
    return "b" in talk.target.users and talk.user_headers("a") != talk.user_headers("b")


def _steps(made: dict[str, Any], said: str) -> tuple[Step, Step]:
    """The call of a tool that asks, and what is said once it has been answered."""
    return {"attempts": [calls(made), reply(said)]}, reply(said)


def _item(made: Reply, type: str) -> dict[str, Any]:
    return next((e.item for e in made.items_done(type)), {})


@exchange(capability="client_tools", roles=("client_tools",))
async def client_tool(talk: Talk) -> None:
    """The model calls a client tool; another user answers, then the browser does, twice; reloads in between."""
    output = {"color": f"green-{secrets.token_hex(3)}"}
    talk.note("output", output)
    talk.note("said", "A fine colour.")
    talk.note("tool", talk.tools["client_tools"].name)
    steps = _steps(talk.tool_call("client_tools"), "A fine colour.")
    made = await talk.create("Let me pick a colour.", *steps, label="call")
    thread, item = made.thread_id, _item(made, "client_tool_call")
    if not thread or not item:
        return
    talk.note("item", item.get("id"))
    await talk.reload(thread, label="pending")
    params = {"thread_id": thread, "result": output}
    if two_users(talk):
        stolen = {"thread_id": thread, "result": {"color": "stolen"}}
        await talk.ask("threads.add_client_tool_output", stolen, label="foreign", user="b")
    await talk.ask("threads.add_client_tool_output", params, label="output")
    await talk.reload(thread, label="completed")
    await talk.ask("threads.add_client_tool_output", params, label="again")
    await talk.say(thread, "Thank you.", reply("You are welcome."), label="after")


async def pending_call(talk: Talk, label: str) -> str:
    """A thread in which the browser is asked by a client tool and has not answered: its id, or ""."""
    steps = _steps(talk.tool_call("client_tools"), "A fine colour.")
    made = await talk.create("Let me pick a colour.", *steps, label=label)
    return made.thread_id if _item(made, "client_tool_call") else ""


@exchange(capability="client_tools", roles=("client_tools",))
async def client_tool_ignored(talk: Talk) -> None:
    """The model calls a client tool, the browser never answers, and the user writes something else."""
    step = calls(talk.tool_call("client_tools"))
    made = await talk.create("Let me pick a colour.", step, reply("A fine colour."), label="call")
    if made.thread_id and _item(made, "client_tool_call"):
        await talk.say(made.thread_id, "Never mind. Are you there?", reply("Yes, I am here."), label="next")
        await talk.reload(made.thread_id, label="reload")


@exchange(capability="structured_input", roles=("structured_input",))
async def structured_input(talk: Talk) -> None:
    """Questions in a form: another user answers, then the user, twice; all are skipped; an answer to no question and
    none to some; two answers to a question that takes one.
    """
    talk.note("said", "Thank you for telling me.")
    tool, asks = talk.tools.get("structured_input"), await _form_call(talk)
    steps = _steps(asks, "Thank you for telling me.")
    made = await talk.create("Ask me what you need to know.", *steps, label="ask")
    thread, item = made.thread_id, _item(made, "structured_input")
    if not thread or not item:
        return
    talk.note("item", item.get("id"))
    answers = {str(q.get("id")): _values(q) for q in item.get("inputs") or () if isinstance(q, dict)}
    talk.note("answers", answers)
    # They are keyed by the question's id, so that their order says nothing.
    submitted = {id: {"values": answers[id]} for id in reversed(answers)}
    params = {"thread_id": thread, "item_id": item.get("id"), "input": {"status": "answered", "answers": submitted}}
    await talk.reload(thread, label="pending")
    if two_users(talk):
        await talk.ask("threads.add_structured_input", params, label="foreign", user="b")
    await talk.ask("threads.add_structured_input", params, label="answer")
    await talk.reload(thread, label="answered")
    await talk.ask("threads.add_structured_input", params, label="again")
    await talk.say(thread, "Thank you.", reply("You are welcome."), label="after")
    await _submit(talk, "skip", {"status": "skipped", "answers": {}}, asks)
    first = dict(list(submitted.items())[-1:])  # an answer to the form's first question, and to none that was asked
    stray = {"q_nobody_asked": {"values": ["x"]}}
    await _submit(talk, "stray", {"status": "answered", "answers": {**first, **stray}}, asks)
    if single := _single(item):
        talk.note("single", single)
        both = {id: {"values": values} for id, values in single.items()}
        await _submit(talk, "two", {"status": "answered", "answers": {**submitted, **both}}, asks)
    elif tool and (choice := fuller_call(tool, several=False)) is not None:
        await _two_of_one(talk, choice)


async def _two_of_one(talk: Talk, asks: dict[str, Any]) -> None:
    """Two answers to the questions of a form that take one, which this call shows."""
    made = await talk.create("Ask me, and let me choose one.", *_steps(asks, "As you like."), label="ask-two")
    item = _item(made, "structured_input")
    if single := _single(item):
        talk.note("single", single)
        given = {"status": "answered", "answers": {id: {"values": values} for id, values in single.items()}}
        params = {"thread_id": made.thread_id, "item_id": item.get("id"), "input": given}
        await talk.ask("threads.add_structured_input", params, label="two")
        await talk.reload(made.thread_id, label="after-two")


def _single(item: dict[str, Any]) -> dict[str, list[str]]:
    """Two answers to each question that offers several and takes one, by the question's id."""
    found: dict[str, list[str]] = {}
    for question in item.get("inputs") or ():
        options = question.get("options") if isinstance(question, dict) else None
        rows = [str(row.get("value")) for row in options or () if isinstance(row, dict)]
        if len(rows) > 1 and not question.get("multiple"):
            found[str(question.get("id"))] = rows[:2]
    return found


async def _form_call(talk: Talk) -> dict[str, Any]:
    """A call that asks the user: with choices, where the tool has an argument for them and shows a form then."""
    plain = talk.tool_call("structured_input")
    fuller = fuller_call(talk.tools["structured_input"]) if "structured_input" in talk.tools else None
    if fuller is not None:
        steps = calls(fuller), reply("Thank you.")
        made = await talk.create("Ask me, and let me choose.", *steps, label="choose")
        asked = _item(made, "structured_input").get("inputs")
        if any(isinstance(q, dict) and q.get("options") for q in (asked if isinstance(asked, list) else ())):
            return fuller
    return plain


async def _submit(talk: Talk, label: str, submission: dict[str, Any], asks: dict[str, Any]) -> None:
    """The questions asked again by that call, this submission, and a reload."""
    steps = _steps(asks, "As you like.")
    made = await talk.create("Ask me once more.", *steps, label=f"ask-{label}")
    item = _item(made, "structured_input")
    if made.thread_id and item:
        params = {"thread_id": made.thread_id, "item_id": item.get("id"), "input": submission}
        await talk.ask("threads.add_structured_input", params, label=label)
        await talk.reload(made.thread_id, label=f"after-{label}")


def _values(question: dict[str, Any]) -> list[str]:
    """An answer to a question: its last option, the first as well where it takes several, or free text."""
    options = question.get("options")
    if isinstance(options, list) and options and isinstance(options[-1], dict):
        chosen = [*options[:-1][:1], options[-1]] if question.get("multiple") is True else options[-1:]
        return [str(option.get("value")) for option in chosen if isinstance(option, dict)]
    return [f"Because of {secrets.token_hex(3)}"]


async def _shown(talk: Talk, shown: str, label: str) -> None:
    """One turn in which the tool runs, and a reload."""
    made = await talk.create(f"Please {label}.", calls(talk.tool_call(shown)), reply("There you are."), label=label)
    if made.thread_id:
        await talk.reload(made.thread_id, label="reload")
        await talk.say(made.thread_id, "Thank you.", reply("You are welcome."), label="after")


@exchange(capability="annotations", roles=("annotations",))
async def annotated_answer(talk: Talk) -> None:
    """An answer with sources, a reload, one more turn."""
    await _shown(talk, "annotations", "cite")


@exchange(capability="generated_images", roles=("generated_images",))
async def generated_image(talk: Talk) -> None:
    """A generated image, a reload, one more turn."""
    await _shown(talk, "generated_images", "draw")


@exchange(capability="streaming_widgets", roles=("streaming_widgets",))
async def widget_written(talk: Talk) -> None:
    """A widget that changes while it is shown, a reload, one more turn."""
    await _shown(talk, "streaming_widgets", "write")


@exchange(capability="thread_status", roles=("thread_status",))
async def locked_thread(talk: Talk) -> None:
    """A thread is locked in its first turn; it is reloaded, listed, sent a message, and reloaded again."""
    step = calls(talk.tool_call("thread_status"))
    made = await talk.create("Please lock this conversation.", step, reply("It is locked."), label="lock")
    if not made.thread_id:
        return
    await talk.reload(made.thread_id, label="locked")
    await talk.ask("threads.list", {"limit": 50, "order": "desc"}, label="list")
    await talk.say(made.thread_id, "One thing more.", reply("This should not be said."), label="more")
    await talk.reload(made.thread_id, label="after")
