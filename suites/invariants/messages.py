"""The user's message as it comes back: with what it quotes and tags, once; and as the model is told it, to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import NONCE, Asked, in_place
from chatkit_conformance.stream.history import PART, history_requests
from chatkit_conformance.stream.reread import rereads
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_HISTORY, store, types
from ..evidence import shorten, text_of


def _came_back(t: Transcript) -> list[tuple[Asked, Reply, Mapping[str, Any]]]:
    """Each message that was sent, and the item that was made of it, in its stream and in every reload."""
    found: list[tuple[Asked, Reply, Mapping[str, Any]]] = []
    for a in in_place(t):
        made = {e.item_id: e.item for e in a.reply.items_done("user_message")} if a.says else {}
        found += [(a, a.reply, item) for item in made.values()]
        found += [
            (a, read.pages[0], item)
            for read in (rereads(t) if made else ())
            for item in read.items
            if str(item.get("id")) in made and read.thread_id == a.thread_id
        ]
    return found


@check(
    "protocol.quoted-text-kept",
    level=MUST,
    clause=types("648-655, 837-843") + ": quoted_text of a message",
    cause="The message is rebuilt from its text alone.",
    fix="Keep quoted_text on the user_message item, in the stream and in the store.",
)
def quoted_text_kept(t: Transcript) -> Findings:
    """A message's quoted text is on the message, in the stream and after every reload."""
    quoting = [(a, r, item) for a, r, item in _came_back(t) if a.message.get("quoted_text")]
    if not quoting:
        raise Untestable(f"No message of {t.exchange} quoted anything, or none came back.")
    for a, r, item in quoting:
        wanted = a.message.get("quoted_text")
        if item.get("quoted_text") != wanted:
            got = shorten(item.get("quoted_text"))
            yield Finding(expected=f"quoted_text {shorten(wanted)}", got=got, reply=r.label)


@check(
    "protocol.tags-kept",
    level=MUST,
    clause=types("846-868") + ": input_tag: id, text, data, group, interactive",
    cause="Content is reduced to its text, or the tag's data is dropped when it is stored.",
    fix="Keep the content parts as they were sent, in their order.",
)
def tags_kept(t: Transcript) -> Findings:
    """A tag in a message keeps its position, id, text and data, in the stream and after every reload."""
    tagged = [(a, r, item) for a, r, item in _came_back(t) if _tags(a.message)]
    if not tagged:
        raise Untestable(f"No message of {t.exchange} had a tag, or none came back.")
    for a, r, item in tagged:
        content = item.get("content")
        for place, tag in _tags(a.message).items():
            part = content[place] if isinstance(content, list) and place < len(content) else None
            if not isinstance(part, dict) or any(part.get(key) != value for key, value in tag.items()):
                expected = f"part {place + 1} {shorten(tag, 300)}"
                yield Finding(expected=expected, got=shorten(content, 300), reply=r.label)


def _tags(message: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return {n: part for n, part in enumerate(parts) if isinstance(part, dict) and part.get("type") == "input_tag"}


@check(
    "persistence.message-stored-once",
    level=MUST,
    clause=store("131-143") + ": add_thread_item persists a new item; types.py L166-177: a retry keeps the message",
    cause="A retry, or the same words said again, stores the message once more.",
    fix="Store a message when it is sent, and at no other time.",
    criteria=("SC-005",),
)
def message_stored_once(t: Transcript) -> Findings:
    """A reload shows each message of the user's as often as it was sent."""
    sent = Counter(nonce for a in in_place(t) if a.says for nonce in set(NONCE.findall(a.text)))
    reads = [read for read in rereads(t) if read.shown]
    if not reads or not sent:
        raise Untestable(f"No message of {t.exchange} was read back.")
    for read in reads:
        there = Counter(
            nonce
            for item in read.items
            if item.get("type") == "user_message"
            for nonce in set(NONCE.findall(text_of(item)))
        )
        for nonce, times in there.items():
            if nonce in sent and times > sent[nonce]:
                got = f"{times} messages with the reference {nonce}"
                yield Finding(expected=f"{sent[nonce]}", got=got, reply=read.label)


@check(
    "gemini.message-to-its-end",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_HISTORY + "; the model answers all that the user has just said",
    cause="Messages are cut at a number of characters before they go to the model, and nobody is told.",
    fix="Send the message whole; refuse with 4xx what is too long for the server.",
)
def message_to_its_end(t: Transcript) -> Findings:
    """A message whose beginning the model is told in the turn that answers it is told to its end."""
    if not (requests := history_requests(t)):
        raise Untestable(f"No message of {t.exchange} was sent to the model.")
    for request in requests:
        said, label = request.turn.asked.text, request.turn.asked.reply.label
        begins, ends = said[:PART].rpartition(" ")[0], said[-PART:].partition(" ")[2]  # in whole words
        if len(said) > PART and request.heard.has(begins) and not request.heard.has(ends):
            got = f"it begins as it was said, and {shorten(ends)} is not told"
            yield Finding(expected=f"all {len(said)} characters of it", got=got, reply=label, call=request.call.n)
