"""Ways to spell otherwise what was said: as HTML, without a sign, in pieces that were read one by one."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from .answer_lies import Rows
from .instruction_lies import Rows as Messages
from .model_lies import turn_start
from .mutant import Event, Memory
from .stream_lies import is_delta, item_type

PIECE = 61
"""Bytes after which `read_in_pieces` begins anew."""

MOST = 4000
"""Characters of a message that `cut_for_model` leaves."""


def as_html(text: str) -> str:
    """Written as HTML."""
    return html.escape(text)


def without_backslashes(text: str) -> str:
    """A backslash is taken for the begin of an escape, and is gone."""
    return text.replace("\\", "")


def windows_lines(text: str) -> str:
    """Lines end with CR LF."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def quotation_above(message: dict[str, Any]) -> None:
    """What is quoted also stands above the message's own words."""
    if message.get("quoted_text") and message["content"]:
        first = message["content"][0]
        first["text"] = f"> {message['quoted_text']}\n\n{first.get('text', '')}"


def tags_without_data(rows: Rows) -> Rows:
    """A tag has its words, and nothing of what it stands for."""
    for row in rows:
        for part in row.get("content", ()) if row.get("type") == "user_message" else ():
            if isinstance(part, dict) and part.get("type") == "input_tag":
                part["data"] = {}
    return rows


def cut_for_model(rows: Messages) -> Messages:
    """The newest message is cut before it is sent."""
    if rows:
        newest = rows[turn_start({"messages": rows})]
        if isinstance(newest.get("content"), str):
            newest["content"] = newest["content"][:MOST]
    return rows


# In the stream


def read_in_pieces(framed: bytes) -> Iterable[bytes]:
    """Bytes are read in pieces, and each is made text by itself: a letter on the border is lost."""
    if len(framed) <= PIECE:
        return (framed,)
    pieces = (framed[n : n + PIECE] for n in range(0, len(framed), PIECE))
    return ("".join(piece.decode("utf-8", "replace") for piece in pieces).encode(),)


def blank_line_before(framed: bytes) -> Iterable[bytes]:
    """A blank line stands before each event, and none behind the last."""
    return (b"\n\n" + framed.rstrip(b"\n"),)


def word_between(framed: bytes) -> Iterable[bytes]:
    """So that the connection is not closed, a word is sent that is no JSON."""
    return (b"data: ping\n\n", framed)


def all_so_far(event: Event, memory: Memory) -> Iterable[Event]:
    """Each delta has all the text so far."""
    if not is_delta(event):
        return (event,)
    said: dict[str, str] = memory.stream.setdefault("said", {})
    item = str(event.get("item_id"))
    said[item] = said.get(item, "") + event["update"]["delta"]
    return ({**event, "update": {**event["update"], "delta": said[item]}},)


def zoned_questions(event: Event, memory: Memory) -> Iterable[Event]:
    """Times of the user's messages have a zone, and those of all else have none."""
    if not item_type(event):
        return (event,)
    made, own = str(event["item"].get("created_at")).partition("+")[0].rstrip("Z"), item_type(event) == "user_message"
    return ({**event, "item": {**event["item"], "created_at": f"{made}Z" if own else made}},)


def stripped_at_done(event: Event, memory: Memory) -> Iterable[Event]:
    """A finished answer has no blanks at its beginning."""
    if event.get("type") == "thread.item.done" and item_type(event) == "assistant_message":
        for part in event["item"].get("content", ()):
            part["text"] = part["text"].lstrip()
    return (event,)


def first_rated_alone(request: Event, memory: Memory) -> Event:
    """Of items that are rated at once, the first is all that the server looks at."""
    if request.get("type") == "items.feedback" and isinstance(request["params"].get("item_ids"), list):
        request["params"]["item_ids"] = request["params"]["item_ids"][:1]
    return request


def first_step_of_a_kind(event: Event, memory: Memory) -> Iterable[Event]:
    """Of several steps of one tool in a turn the first is shown."""
    seen, hidden = memory.stream.setdefault("titles", {}), memory.stream.setdefault("hidden", set())
    item = event.get("item") or {}
    if item.get("type") == "workflow":
        titles = str([task.get("title", "").split("“")[0] for task in item["workflow"]["tasks"]])
        if event["type"] == "thread.item.added" and seen.setdefault(titles, item["id"]) != item["id"]:
            hidden.add(item["id"])
    return () if {item.get("id"), event.get("item_id")} & hidden else (event,)


def times_as_numbers(event: Event, memory: Memory) -> Iterable[Event]:
    """Times of items are seconds since 1970."""
    if not item_type(event):
        return (event,)
    return ({**event, "item": {**event["item"], "created_at": 1_795_000_000.5}},)
