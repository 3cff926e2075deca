"""A conversation about the buttons of a widget: pressed as they should be, and with what no button sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatkit_conformance.check import Untestable
from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves.shown import values_in
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import IN_WORDS
from chatkit_conformance.wire.actions import sent_by, server_actions
from chatkit_conformance.wrong_requests.by_hand import NOWHERE

from .tools import fresh, told_id, use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Reply

STREAM, SYNC = "threads.custom_action", "threads.sync_custom_action"


@exchange(capability="actions", roles=("create",), asks=5)
async def widget_actions(talk: Talk) -> None:
    """A widget's action sent streaming, twice, and another one sync, with reloads; no payload; unknown ids."""
    first = await button(talk, "create")
    if first is None:
        raise Untestable("no widget of this server has an action that the server handles.")
    params, asked = first
    if IN_WORDS not in talk.notes:  # what it shows is at the model
        await talk.say(params["thread_id"], "Let me look.", reply("Take your time."), label="looked-at")
    await talk.ask(STREAM, params, label="action")
    await talk.reload(params["thread_id"], label="reload-action")
    await talk.say(params["thread_id"], "Are you there?", reply("Yes, I am here."), label="next")
    await talk.ask(STREAM, params, label="twice")
    second = await button(talk, "create-2")
    if second:
        await talk.ask(SYNC, second[0], label="sync")
        await talk.reload(second[0]["thread_id"], label="reload-sync")
        # A page may send an action of no widget: what a server does then is its own, but for an error of 500.
        await talk.ask(SYNC, {**second[0], "item_id": None}, label="sync-without-item")
    type = params["action"]["type"]
    for label, change in (
        ("payload-null", {"action": {"type": type, "payload": None}}),
        ("payload-absent", {"action": {"type": type}}),
        ("unknown-thread", {"thread_id": NOWHERE}),
        ("unknown-item", {"item_id": "msg_nowhere_4f1d9c"}),
        ("not-a-widget", {"item_id": asked}),
    ):
        await talk.ask(STREAM, {**params, **change}, label=label)
    await talk.ask(SYNC, {**params, "thread_id": NOWHERE}, label="unknown-thread-sync")
    await talk.ask("threads.get_by_id", {"thread_id": NOWHERE}, label="still-unknown")
    await talk.reload(params["thread_id"], label="end")


async def button(talk: Talk, label: str) -> tuple[dict[str, Any], str] | None:
    """A turn that shows a widget: the parameters that its first button sends, and the id of the user's message.

    Where the task that is made is shown without one, the list is read: many a server has its buttons there.
    """
    title = fresh("Press the button")
    made = await talk.create(
        "Please add a task.", use(talk, "create", title=title), reply("It is on your list."), label=label
    )
    asked = next((e.item_id for e in made.items_done("user_message")), "")
    if found := next(sent_by_buttons(made), None):
        return found, asked
    if made.thread_id and "read" in talk.tools:
        said = await talk.calls(talk.last_nonce, at_least=2, timeout_s=1)
        id = told_id(talk, said, title)
        steps = use(talk, "read"), reply("That is your list.")
        listed = await talk.say(made.thread_id, "What is on my list?", *steps, label=f"{label}-listed")
        # The list has tasks of other conversations in it, too.
        own = (sent for sent in sent_by_buttons(listed) if id and id in values_in(sent["action"]))
        if found := next(own, None):
            return found, asked
    return None


def sent_by_buttons(made: Reply) -> Iterator[dict[str, Any]]:
    """What the buttons of a turn's widgets send, in order."""
    for e in made.items_done("widget"):
        for config in server_actions(e.item.get("widget")):
            yield {"thread_id": made.thread_id, "item_id": e.item_id, "action": sent_by(config)}
