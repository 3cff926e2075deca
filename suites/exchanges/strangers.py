"""Requests by those who may not: another user, nobody, a forged token, an expired one."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from chatkit_conformance.credentials import mint
from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply

from .requests import message

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk

PRIVATE = "The safe's number is 7-31-19."


@exchange()
async def strangers(talk: Talk) -> None:
    """User a tells a secret in a thread; user b reads, lists, talks, renames, retries, deletes; a looks again."""
    talk.require(
        talk.user_headers("a") != talk.user_headers("b"),
        "the target names no two users: give [users.a] and [users.b] credentials of their own in the target file.",
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
    await talk.reload(thread, label="after")
    await talk.ask("threads.delete", {"thread_id": thread}, label="b-delete", user="b")
    await talk.reload(thread, label="after-delete")


_JWT = re.compile(r"\b([\w-]{8,})\.([\w-]{8,})\.([\w-]{8,})")


def forged(headers: Mapping[str, str], forge: Callable[[re.Match[str]], str]) -> dict[str, str] | None:
    """The headers with every JSON Web Token in them put through `forge`; None where there is none."""
    changed = {name: _JWT.sub(forge, value) for name, value in headers.items()}
    return changed if changed != dict(headers) else None


def _segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _swapped_signature(token: re.Match[str]) -> str:
    return f"{token[1]}.{token[2]}.{token[3][::-1]}"


def _no_algorithm(token: re.Match[str]) -> str:
    return f"{_segment({'alg': 'none', 'typ': 'JWT'})}.{token[2]}."


@exchange()
async def no_credentials(talk: Talk) -> None:
    """Lists and messages without credentials, and with a token that is forged, unsigned or expired; then a good one."""
    good = talk.user_headers("a")
    talk.require(bool(good), "the target names no credentials: write [users.a] headers in the target file.")
    body: dict[str, Any] = {"type": "threads.list", "params": {"limit": 1}}
    create: dict[str, Any] = {"type": "threads.create", "params": {"input": message("Anybody?")}}
    await talk.raw(json.dumps(body), label="nobody-lists", user="")
    await talk.raw(json.dumps(create), label="nobody-writes", user="")
    forgeries = {
        "forged-token": forged(good, _swapped_signature),
        "unsigned-token": forged(good, _no_algorithm),
    }
    secret = talk.target.jwt_secret
    if secret:
        forgeries["expired-token"] = forged(good, lambda _: mint("a", secret, lifetime_s=-120))
    for label, headers in forgeries.items():
        if headers is not None:
            await talk.raw(json.dumps(body), label=label, user="", headers=headers)
    await talk.ask("threads.list", {"limit": 1}, label="good-token")
