"""What near misses do on the wire besides what `odd` has: other frames, other times and cursors, items sent anew."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from chatkit_conformance.stream.event_kinds import TEXT_DELTA

from .answer_lies import pages
from .mutant import JSON, Event, Memory, Wire
from .stream_lies import done, is_answer, is_delta, is_user_message, kind

PART_ADDED = "assistant_message.content_part.added"


# Frames


def single_bytes(framed: bytes) -> Iterable[bytes]:
    """The start and the end of an event one byte at a time, its middle at once: all of it so would be slow."""
    head, middle, tail = framed[:12], framed[12:-6], framed[-6:]
    return (*(head[n : n + 1] for n in range(len(head))), middle, *(tail[n : n + 1] for n in range(len(tail))))


def named(framed: bytes) -> Iterable[bytes]:
    """An `event:` line beside each event."""
    return (b"event: message\n" + framed,)


def no_last_blank(framed: bytes) -> Iterable[bytes]:
    """The blank line that ends an event comes in a write of its own, in front of the next event's comment."""
    return (framed[:-1], framed[-1:] + b": ping\n\n")


def returns(framed: bytes) -> Iterable[bytes]:
    """Lines end with CR alone."""
    return (framed.replace(b"\n", b"\r"),)


def escaped(framed: bytes) -> Iterable[bytes]:
    """JSON is in ASCII, and its slashes are escaped."""
    text = json.dumps(json.loads(framed.removeprefix(b"data:")), separators=(",", ":")).replace("/", "\\/")
    return (f"data: {text}\n\n".encode(),)


def halved(event: Event, memory: Memory) -> Iterable[Event]:
    """Every piece of text comes in two, with an empty one between them."""
    if not is_delta(event):
        return (event,)
    text = event["update"]["delta"]
    pieces = (text[: len(text) // 2], "", text[len(text) // 2 :])
    return tuple({**event, "update": {**event["update"], "delta": piece}} for piece in pieces)


# Items sent anew


def first_words_in_added(event: Event, memory: Memory) -> Iterable[Event]:
    """An answer is begun with its first words, and they do not come again. Needs `stream_lies.release` at the end."""
    held: list[Event] = memory.stream.setdefault("held", [])
    if is_answer(event, "thread.item.added"):
        held.append(copy.deepcopy(event))
        return ()
    if not held:
        return (event,)
    if kind(event) == PART_ADDED:
        return ()
    begun = held.pop()
    if not is_delta(event):
        return (begun, event)
    begun["item"]["content"] = [{"type": "output_text", "text": event["update"]["delta"], "annotations": []}]
    return (begun,)


def begun_anew(event: Event, memory: Memory) -> Iterable[Event]:
    """An answer is begun under another id, taken back, and begun anew, as when a model's stream is tried again."""
    if not is_answer(event, "thread.item.added"):
        return (event,)
    draft = copy.deepcopy(event)
    draft["item"]["id"] += "-draft"
    update = {"type": TEXT_DELTA, "content_index": 0, "delta": "Let me "}
    return (
        draft,
        {"type": "thread.item.updated", "item_id": draft["item"]["id"], "update": update},
        {"type": "thread.item.removed", "item_id": draft["item"]["id"]},
        event,
    )


def replaced_at_end(event: Event, memory: Memory) -> Iterable[Event]:
    """A finished answer is replaced by itself."""
    return (event, {**event, "type": "thread.item.replaced"}) if done(event) else (event,)


# Times

How = Callable[[datetime], str]


def with_offset(at: datetime) -> str:
    """In a zone two hours east."""
    return at.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=2))).isoformat()


def in_seconds_utc(at: datetime) -> str:
    """In whole seconds, with a Z."""
    return at.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def in_microseconds(at: datetime) -> str:
    """In microseconds, with a Z."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def years_ago(at: datetime) -> str:
    """On a clock that is twelve years slow."""
    return (at - timedelta(days=12 * 365)).isoformat()


def times(how: How) -> Wire:
    """Every `created_at` is told in this way, in streams and in answers."""

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return [told(v) for v in value]
        if not isinstance(value, dict):
            return value
        made = {k: told(v) for k, v in value.items()}
        if isinstance(made.get("created_at"), str):
            made["created_at"] = how(datetime.fromisoformat(made["created_at"]))
        return made

    def event(event: Event, memory: Memory) -> Iterable[Event]:
        return (told(event),)

    def answer(value: JSON, memory: Memory) -> JSON:
        return told(value)

    return Wire(event=event, answer=answer)


# Cursors and refusals


def opaque(value: JSON, memory: Memory) -> JSON:
    """A page's cursor is no id. Needs `unwrapped` in requests."""
    value = copy.deepcopy(value)
    for page in pages(value):
        if isinstance(page.get("after"), str):
            page["after"] = "c:" + base64.urlsafe_b64encode(page["after"].encode()).decode()
    return value


def unwrapped(request: Event, memory: Memory) -> Event:
    """The id in a cursor of `opaque`; any other is passed on as it is."""
    params = request.get("params")
    cursor = params.get("after") if isinstance(params, dict) else None
    if not isinstance(params, dict) or not isinstance(cursor, str) or not cursor.startswith("c:"):
        return request
    inside = base64.urlsafe_b64decode(cursor[2:]).decode(errors="replace")
    return {**request, "params": {**params, "after": inside}}


def refused_as(told: dict[int, int]) -> Callable[[int, Memory], int]:
    """Refusals have other status codes."""
    return lambda status, memory: told.get(status, status)


def explained(value: JSON, memory: Memory) -> JSON:
    """A refusal says besides what it is about, in words of its own."""
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        return {"detail": value["error"].get("message"), "code": value["error"].get("code"), "trace_id": "4bf92f35"}
    return value


# What is left out, and what is told besides


def after_always(value: JSON, memory: Memory) -> JSON:
    """A page names its last row as cursor, the last page too."""
    value = copy.deepcopy(value)
    for page in pages(value):
        if page["data"] and "has_more" in page and not page.get("after"):
            page["after"] = page["data"][-1].get("id")
    return value


def without_null(value: JSON, memory: Memory) -> JSON:
    """What is null is left out."""
    if isinstance(value, list):
        return [without_null(row, memory) for row in value]
    if isinstance(value, dict):
        return {k: without_null(row, memory) for k, row in value.items() if row is not None}
    return value


def with_null(event: Event, memory: Memory) -> Iterable[Event]:
    """What a message does not quote is told to be null."""
    if is_user_message(event):
        event = {**event, "item": {"quoted_text": None, **event["item"]}}
    if isinstance(event.get("thread"), dict):
        event = {**event, "thread": {"title": None, **event["thread"]}}
    return (event,)


def accepted(status: int, memory: Memory) -> int:
    """What has no answer is accepted."""
    return 202 if status == 200 and memory.request.get("type") in ("items.feedback", "threads.delete") else status


DELETES = ("threads.delete", "attachments.delete")


def deleted_or_not(status: int, memory: Memory) -> int:
    """A deletion of what is not there succeeds."""
    return 200 if status == 404 and memory.request.get("type") in DELETES else status


def empty_when_deleted(value: JSON, memory: Memory) -> JSON:
    """It says nothing of what was there. Needs `deleted_or_not`."""
    gone = (
        isinstance(value, dict) and isinstance(value.get("error"), dict) and value["error"].get("code") == "not_found"
    )
    return {} if gone and memory.request.get("type") in DELETES else value
