"""Conversations about a tool that takes the user's yes: the run waits for a button, which is pressed once, twice, by
another user, after a restart, or says no. What the tool did is looked up in the list of tasks.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from chatkit_conformance.check import Untestable
from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.wire.actions import ServerAction, placed_actions, sent_by

from .shows import two_users
from .tools import fresh, use

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

PRESS = "threads.custom_action"
SAID = "That is settled."
"""What the model says once it has the tool's result, or was told that it was refused."""

NO = re.compile(r"\b(?:refuse|reject|deny|decline|cancel|disallow|abort|no|not|don'?t|never|false)\b", re.IGNORECASE)
YES = re.compile(r"\b(?:approve|allow|accept|confirm|agree|grant|proceed|yes|ok|okay|true)\b", re.IGNORECASE)

ROLES = ("tool_approval", "read")


def _words(found: ServerAction) -> str:
    """All that tells what a button is for: its label first, else its action's name and payload."""
    spelled = found.label or f"{found.config.get('type')} {json.dumps(found.config.get('payload'))}"
    return re.sub(r"[_.:-]", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", spelled))


async def _ask(talk: Talk, label: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The model calls the tool; the parameters of the buttons that say yes and no, or None where nothing was shown."""
    title = fresh("Fern")
    talk.note("title", title)
    talk.note("names", {role: tool.name for role, tool in talk.tools.items()})
    made = await talk.create(
        "Please see to the fern.", use(talk, "tool_approval", title=title), reply(SAID), label=label
    )
    found = [(e.item_id, one) for e in made.items_done("widget") for one in placed_actions(e.item.get("widget"))]
    no = next((pair for pair in found if NO.search(_words(pair[1]))), None)
    yes = next((pair for pair in found if pair is not no and YES.search(_words(pair[1]))), None)
    if not made.thread_id or not found:
        return None
    if yes is None or no is None:
        raise Untestable(f"of the buttons {[_words(one) for _, one in found]} nobody can tell which says yes, and no.")
    return _pressed(made.thread_id, *yes), _pressed(made.thread_id, *no)


def _pressed(thread: str, item: str, found: ServerAction) -> dict[str, Any]:
    action = sent_by(found.config)
    return {"thread_id": thread, "item_id": item, "action": action}


async def _list(talk: Talk, label: str) -> None:
    """The tasks, in a thread of its own."""
    await talk.create("What is on my list?", use(talk, "read"), reply("That is your list."), label=label)


@exchange(capability="tool_approval", roles=ROLES)
async def approved_call(talk: Talk) -> None:
    """A call waits; another user says yes, then the user, twice; the list each time; reloads, one more turn."""
    buttons = await _ask(talk, "ask")
    await _list(talk, "list-waiting")
    if buttons is None:
        return
    yes, _ = buttons
    await talk.reload(yes["thread_id"], label="reload-waiting")
    if two_users(talk):
        await talk.ask(PRESS, yes, label="foreign", user="b")
        await _list(talk, "list-foreign")
    await talk.ask(PRESS, yes, label="approve")
    await talk.reload(yes["thread_id"], label="reload-approved")
    await _list(talk, "list-approved")
    await talk.ask(PRESS, yes, label="again")
    await _list(talk, "list-again")
    await talk.say(yes["thread_id"], "Thank you.", reply("You are welcome."), label="after")
    await talk.reload(yes["thread_id"], label="reload-after")


@exchange(capability="tool_approval", roles=ROLES)
async def refused_call(talk: Talk) -> None:
    """A call waits; the user says no, and yes afterwards; the list; one more turn, and a reload."""
    buttons = await _ask(talk, "ask")
    if buttons is None:
        return
    yes, no = buttons
    await talk.ask(PRESS, no, label="refuse")
    await talk.reload(no["thread_id"], label="reload-refused")
    await talk.ask(PRESS, yes, label="late")
    await _list(talk, "list-refused")
    await talk.say(no["thread_id"], "Thank you.", reply("You are welcome."), label="after")
    await talk.reload(no["thread_id"], label="reload-after")


@exchange(alone=True, capability="tool_approval", roles=ROLES, deadline_s=60)
async def approved_after_restart(talk: Talk) -> None:
    """A call waits; the server is stopped and started again; the user says yes, twice; the list."""
    talk.require(talk.can_restart, "the server was not started by this run, so it cannot be restarted.")
    buttons = await _ask(talk, "ask")
    if buttons is None:
        return
    yes, _ = buttons
    await talk.restart()
    await talk.ask(PRESS, yes, label="approve")
    await talk.ask(PRESS, yes, label="again")
    await _list(talk, "list-approved")
    await talk.reload(yes["thread_id"], label="reload-approved")
