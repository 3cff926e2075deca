"""Two threads alike, one of which is asked for everything before a restart, and the other one after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.moves.files import PIXEL, preview_of, register
from chatkit_conformance.script import reply

from .actions import STREAM, button
from .shows import pending_call

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

BEFORE, AFTER = "before", "after"
"""How the labels of what is asked before and after the restart begin."""

PREVIEW = "preview"
"""What is asked for beside requests of ChatKit's: the preview of a picture that was sent."""


@exchange(alone=True, capability="restart", restart="stop", deadline_s=60)
async def older_thread(talk: Talk) -> None:
    """Threads that are alike are paged, rated, pressed, answered, retried, looked at, deleted: before, and after."""
    talk.require(talk.can_restart, "the server was not started by this run, so it cannot be restarted.")
    made = {when: await _made(talk, when) for when in (BEFORE, AFTER)}
    await _asked(talk, made[BEFORE], BEFORE)
    await talk.restart()
    await _asked(talk, made[AFTER], AFTER)


async def _made(talk: Talk, when: str) -> dict[str, dict[str, Any]]:
    """The parameters of what is to be asked, by the request's type; what could not be made is not there."""
    able = talk.learnt.capabilities
    answers = {"attempts": [reply("Kept."), reply("Kept anew.")]}
    turn = await talk.create("Keep this thread, too.", answers, label=f"{when}-made")
    thread = turn.thread_id
    asked = next((e.item_id for e in turn.items_done("user_message")), "")
    said = next((e.item_id for e in turn.items_done("assistant_message")), "")
    wanted: dict[str, dict[str, Any]] = {}
    if not thread:
        return wanted
    wanted["items.list"] = {"thread_id": thread, "limit": 1, "order": "asc"}
    wanted["threads.update"] = {"thread_id": thread, "title": "Kept"}
    if able.get("feedback") is True and said:
        wanted["items.feedback"] = {"thread_id": thread, "item_ids": [said], "kind": "positive"}
    if able.get("retry") is True and asked:
        wanted["threads.retry_after_item"] = {"thread_id": thread, "item_id": asked}
    if able.get("actions") is True and "create" in talk.tools and (found := await button(talk, f"{when}-button")):
        wanted[STREAM] = found[0]
    if "client_tools" in talk.tools and (pending := await pending_call(talk, f"{when}-call")):
        wanted["threads.add_client_tool_output"] = {"thread_id": pending, "result": {"color": "green"}}
    if able.get("attachments") is True:
        file = await register(talk, "dot.png", PIXEL, "image/png", label=f"{when}-file", user="a")
        sent = (
            await talk.create("Look.", reply("I see."), label=f"{when}-picture", attachments=[file]) if file else None
        )
        if sent and sent.thread_id:
            wanted["threads.add_user_message"] = {"thread_id": sent.thread_id}
            wanted[PREVIEW] = {"path": preview_of(talk, file)}
    end = await talk.create("Forget this thread.", reply("It is forgotten."), label=f"{when}-end")
    if end.thread_id:
        wanted["threads.delete"] = {"thread_id": end.thread_id}
    return wanted


async def _asked(talk: Talk, wanted: dict[str, dict[str, Any]], when: str) -> None:
    """Ask for all of it."""
    for type, params in wanted.items():
        label = f"{when}-{type}"
        if type == "threads.add_user_message":
            await talk.say(params["thread_id"], "And now?", reply("I still see it."), label=label)
        elif type != PREVIEW:
            await talk.ask(type, params, label=label)
        elif params["path"]:
            await talk.raw(b"", label=label, user="a", method="GET", path=params["path"])
