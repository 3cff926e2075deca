"""All sixteen requests: out of place, with more in them than anyone asked for, and with all that a message can hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatkit_conformance.exchange import exchange
from chatkit_conformance.script import reply
from chatkit_conformance.transcript import IN_WORDS
from chatkit_conformance.wrong_requests.by_hand import EVERY, ITEM, NOWHERE, UNKNOWN_ITEM

from .shows import two_users

if TYPE_CHECKING:
    from chatkit_conformance.talk import Talk
    from chatkit_conformance.transcript import Reply

ABOUT_UNKNOWN_ITEMS = {type: more for type, more in UNKNOWN_ITEM.values() if type != "items.feedback"}
"""Requests about something that the thread does not have; feedback has an exchange of its own."""


@exchange(asks=2)
async def every_request(talk: Talk) -> None:
    """One turn, then each other request once, several about unknown items; a reload, one more turn, a delete."""
    made = await talk.create("One of each.", reply("Here you are."), label="threads.create")
    thread = made.thread_id
    if not thread:
        return
    for type, more in ABOUT_UNKNOWN_ITEMS.items():
        await talk.ask(type, {"thread_id": thread, **more}, label=type)
    item = next((e.item_id for e in made.items_done("assistant_message")), ITEM)
    own = {
        "threads.get_by_id": {"thread_id": thread},
        "items.list": {"thread_id": thread, "limit": 5, "order": "desc"},
        "items.feedback": {"thread_id": thread, "item_ids": [item], "kind": "positive"},
        "threads.update": {"thread_id": thread, "title": "One of each"},
    }
    for type in ("threads.list", "attachments.create", "attachments.delete", "input.transcribe", *own):
        await talk.ask(type, own.get(type, EVERY[type]), label=type)
    await talk.reload(thread, label="reload")
    await talk.say(thread, "And on.", reply("On we go."), label="threads.add_user_message")
    await talk.ask("threads.delete", {"thread_id": thread}, label="threads.delete")


QUOTE = "the second line of the poem"
TAG = {
    "type": "input_tag",
    "id": "task_4711",
    "text": "Water the ferns",
    "data": {"kind": "task", "due": "tomorrow"},
    "group": "Tasks",
    "interactive": True,
}
FUTURE = {"x_conformance_future": {"level": 3, "words": ["later"]}}
"""A field that no released server knows."""

LONG = " ".join(f"{n} ferns and {n + 1} mosses grow in bed {n}." for n in range(1, 1001))
"""About 40,000 characters: a pasted document."""

SPOKEN = "Grüße aus Łódź — 植物は元気です 🌿"


async def _said(talk: Talk, thread: str, text: str, *, label: str) -> Reply:
    """A message sent in UTF-8, its letters as they are."""
    sent = {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}
    body = {"type": "threads.add_user_message", "params": {"thread_id": thread, "input": sent}}
    return await talk.raw(json.dumps(body, ensure_ascii=False), label=label)


@exchange(asks=3)
async def rich_requests(talk: Talk) -> None:
    """A message with unknown fields and metadata; one with a tag and a quotation; one of 40,000 characters in UTF-8."""
    nonce = await talk.script(reply("Understood."))
    text = {"type": "input_text", "text": f"From a newer client. (ref {nonce})", **FUTURE}
    sent: dict[str, Any] = {"content": [text], "attachments": [], "inference_options": {}, **FUTURE}
    body = {"type": "threads.create", "params": {"input": sent, **FUTURE}, "metadata": {"from": "future"}, **FUTURE}
    made = await talk.raw(json.dumps(body), label="future")
    thread = made.thread_id
    if not thread:
        # Refused: the rest is told in a thread that was begun as usual.
        thread = (await talk.create("From a client of today.", reply("Understood."), label="today")).thread_id
        if not thread:
            return
    listing = {"type": "items.list", "params": {"thread_id": thread, "limit": 5, "order": "asc", **FUTURE}, **FUTURE}
    await talk.raw(json.dumps(listing), label="future-list")
    meta = {"trace": "4711", "nested": {"list": [1, None, "ü"]}}
    await talk.ask("threads.get_by_id", {"thread_id": thread}, label="metadata-get", metadata=meta)
    content = [{"type": "input_text", "text": "Look at "}, TAG, {"type": "input_text", "text": " please."}]
    await talk.say(thread, "", reply("I see it."), label="rich", content=content, quoted_text=QUOTE, metadata=meta)
    nonce = await talk.script(reply("That was long."))
    # Its mark stands at both ends: a request that has lost one of them is still known to be this message's.
    long = await _said(talk, thread, f"(ref {nonce}) {SPOKEN} {LONG} (ref {nonce})", label="long")
    if not long.items_done():
        nonce = await talk.script(reply("That was short."))
        await _said(talk, thread, f"{SPOKEN} (ref {nonce})", label="spoken")
    await talk.reload(thread, label="reload")


@exchange(capability="feedback", asks=1)
async def feedback(talk: Talk) -> None:
    """Positive and negative feedback on messages, then on items of others, elsewhere, of an unknown kind."""
    made = await talk.create("Do you like ferns?", reply("I do."), label="turn-1")
    thread = made.thread_id
    items = [e.item_id for e in made.items_done("assistant_message")]
    if not thread or not items:
        return
    both = [*items, *(e.item_id for e in made.items_done("user_message"))]
    rows: dict[str, dict[str, Any]] = {
        "positive": {"thread_id": thread, "item_ids": items, "kind": "positive"},
        "negative": {"thread_id": thread, "item_ids": items, "kind": "negative"},
        "again": {"thread_id": thread, "item_ids": items, "kind": "negative"},
        "several": {"thread_id": thread, "item_ids": both, "kind": "positive"},
        "unknown-item": {"thread_id": thread, "item_ids": [ITEM], "kind": "positive"},
        "unknown-beside": {"thread_id": thread, "item_ids": [*items, ITEM], "kind": "positive"},
        "unknown-thread": {"thread_id": NOWHERE, "item_ids": items, "kind": "positive"},
        "unknown-kind": {"thread_id": thread, "item_ids": items, "kind": "sideways"},
    }
    if two_users(talk) and IN_WORDS not in talk.notes:
        theirs = await talk.create("And you?", reply("I do, too."), label="b-turn-1", user="b")
        others = [e.item_id for e in theirs.items_done("assistant_message")]
        rows |= {"anothers-item": {"thread_id": thread, "item_ids": others, "kind": "negative"}} if others else {}
    await talk.reload(thread, label="before")
    for label, params in rows.items():
        await talk.ask("items.feedback", params, label=label, wrong=label == "unknown-kind")
    await talk.reload(thread, label="reload")


@exchange(capability="transcription", asks=0)
async def transcription(talk: Talk) -> None:
    """A short recording to transcribe, with and without parameters in its media type, and one that is not base64."""
    for label, more in {
        "recorded": {},
        "plain-type": {"mime_type": "audio/ogg"},
        "not-base64": {"audio_base64": "%%% no base64 %%%"},
    }.items():
        await talk.ask("input.transcribe", {**EVERY["input.transcribe"], **more}, label=label)
