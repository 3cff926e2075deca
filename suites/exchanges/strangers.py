"""Requests by those who may not: another user, nobody, a forged token, an expired one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.target.bad_tokens import bad_headers, ending_headers
from chatkit_conformance.wrong_requests.by_hand import ACTION, EVERY, ITEM, NOWHERE, message

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

PRIVATE = "The safe's number is 7-31-19."

FOREIGN = {
    "b-get": "threads.get_by_id",
    "b-items": "items.list",
    "b-rename": "threads.update",
    "b-delete": "threads.delete",
}
"""Requests that user b makes about user a's thread and, under `nowhere-` and the label, about an unknown thread."""


def _meddling(thread: str, item: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """The requests that act on an item of a thread, by label."""
    here = {"thread_id": thread, "item_id": item}
    return {
        "b-feedback": ("items.feedback", {"thread_id": thread, "item_ids": [item], "kind": "negative"}),
        "b-action": ("threads.custom_action", {**here, "action": ACTION}),
        "b-sync-action": ("threads.sync_custom_action", {**here, "action": ACTION}),
        "b-output": ("threads.add_client_tool_output", {"thread_id": thread, "result": {"ok": True}}),
        "b-structured": ("threads.add_structured_input", {**here, "input": {"status": "answered", "answers": {}}}),
    }


@exchange(asks=1, two_users=True)
async def strangers(talk: Talk) -> None:
    """User a writes a secret in a thread; user b makes every request about that thread, and about an unknown one."""
    talk.require(
        talk.user_headers("a") != talk.user_headers("b"),
        "the target file names only one user: give [users.a] and [users.b] their own credentials in it.",
    )
    talk.note("private", "7-31-19")
    made = await talk.create(PRIVATE, reply("I will keep it."), label="secret")
    thread = made.thread_id
    if not thread:
        return
    asked = next((e.item_id for e in made.items_done("user_message")), "")
    talk.note("thread", thread)
    before = await talk.reload(thread, label="before")
    talk.note("title", before.body.get("title") if isinstance(before.body, dict) else None)
    await talk.ask("threads.get_by_id", {"thread_id": thread}, label="b-get", user="b")
    await talk.ask("items.list", {"thread_id": thread}, label="b-items", user="b")
    await talk.ask("threads.list", {"limit": 50, "order": "desc"}, label="b-list", user="b")
    await talk.say(thread, "What is the number?", reply("I do not know it."), label="b-say", user="b")
    await talk.ask("threads.update", {"thread_id": thread, "title": "Taken over"}, label="b-rename", user="b")
    if asked:
        await talk.ask("threads.retry_after_item", {"thread_id": thread, "item_id": asked}, label="b-retry", user="b")
    said = next((e.item_id for e in made.items_done("assistant_message")), ITEM)
    for label, (type, params) in _meddling(thread, said).items():
        await talk.ask(type, params, label=label, user="b")
    await talk.reload(thread, label="after")
    await talk.ask("threads.delete", {"thread_id": thread}, label="b-delete", user="b")
    for label, type in FOREIGN.items():
        await talk.ask(type, {**EVERY[type], "thread_id": NOWHERE}, label=f"nowhere-{label}", user="b")
    await talk.reload(thread, label="after-delete")


@exchange(deadline_s=30, asks=0)
async def no_credentials(talk: Talk) -> None:
    """All sixteen requests without credentials, and with a token that is garbage, forged, unsigned or expired."""
    good = talk.user_headers("a")
    talk.require(bool(good), "the target file has no credentials: write headers under [users.a].")
    body: dict[str, Any] = {"type": "threads.list", "params": {"limit": 1}}
    create: dict[str, Any] = {"type": "threads.create", "params": {"input": message("Anybody?")}}
    await talk.raw(json.dumps(body), label="nobody-lists", user="")
    await talk.raw(json.dumps(create), label="nobody-writes", user="")
    forgeries = {
        "forged-token": bad_headers("forged", good, user="a", secret=""),
        "unsigned-token": bad_headers("unsigned", good, user="a", secret=""),
    }
    secret = talk.target.jwt_secret
    if secret:
        forgeries["expired-token"] = bad_headers("expired", good, user="a", secret=secret)
    for label, headers in forgeries.items():
        if headers is not None:
            await talk.raw(json.dumps(body), label=label, user="", headers=headers)
    await talk.ask("threads.list", {"limit": 1}, label="good-token")
    lies = {"nobody": {}, "garbage": bad_headers("garbage", good, user="a", secret=""), **_kinds(forgeries)}
    for kind, headers in lies.items():
        for type, params in EVERY.items() if headers is not None else ():
            payload = json.dumps({"type": type, "params": params})
            await talk.raw(payload, label=f"{kind}:{type}", user="", headers=headers)


def _kinds(forgeries: Mapping[str, dict[str, str] | None]) -> dict[str, dict[str, str] | None]:
    return {kind.removesuffix("-token"): headers for kind, headers in forgeries.items() if kind != "unsigned-token"}


@exchange(asks=2)
async def expired_midway(talk: Talk) -> None:
    """A thread is created; the next message comes with an expired token, then one with a valid token again."""
    secret, good = talk.target.jwt_secret, talk.user_headers("a")
    expired = bad_headers("expired", good, user="a", secret=secret)
    talk.require(expired, "no token can be made for it: write jwt_secret under [target] in the target file.")
    made = await talk.create("Good evening.", reply("Good evening to you."), label="turn-1")
    if not made.thread_id:
        return
    body = {"type": "threads.add_user_message", "params": {"thread_id": made.thread_id, "input": message("Too late.")}}
    await talk.raw(json.dumps(body), label="expired", user="", headers=expired)
    await talk.reload(made.thread_id, label="reload")
    await talk.say(made.thread_id, "Signed in again.", reply("There you are."), label="next")


LASTS_S, LATE_S = 2, 1
"""Seconds for which a token is good, and how long after its end it is used again."""


@exchange(asks=0)
async def token_ends(talk: Talk) -> None:
    """A token is used while it is good and after its end, beside another one that ended then and was never used."""
    secret, good, ends = talk.target.jwt_secret, talk.user_headers("a"), int(time.time()) + 1 + LASTS_S
    used, unused = (ending_headers(good, user="a", secret=secret, at=ends, n=n) for n in (1, 2))
    talk.require(used and unused, "no token can be made for it: write jwt_secret under [target] in the target file.")
    body = json.dumps({"type": "threads.list", "params": {"limit": 1}})
    for label in ("good", "good-again"):
        await talk.raw(body, label=label, user="", headers=used)
    await asyncio.sleep(max(0.0, ends + LATE_S - time.time()))  # a clock is what is judged
    await talk.raw(body, label="ended-unused", user="", headers=unused)
    await talk.raw(body, label="ended-used", user="", headers=used)
