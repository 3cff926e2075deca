"""What near misses do: odd, and within ChatKit's contract or that of server-sent events."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from typing import Any

from .answer_lies import pages
from .mutant import JSON, Event, Memory
from .stream_lies import done, is_answer, is_delta, is_update

SHORT = 60
"""Characters up to which an answer comes whole. Longer ones are streamed: to hold those back would be slow."""


def heartbeats(framed: bytes) -> Iterable[bytes]:
    """A comment before each event."""
    return (b": keep-alive\n\n", framed)


def crlf(framed: bytes) -> Iterable[bytes]:
    """Lines end with CR LF."""
    return (framed.replace(b"\n", b"\r\n"),)


def crumbs(framed: bytes) -> Iterable[bytes]:
    """Events are written seven bytes at a time, through the middle of characters."""
    return (framed[n : n + 7] for n in range(0, len(framed), 7))


def no_space(framed: bytes) -> Iterable[bytes]:
    """No blank after `data:`."""
    return (framed.replace(b"data: ", b"data:", 1),)


def many_lines(framed: bytes) -> Iterable[bytes]:
    """Each event's JSON is printed over many lines, every one a `data:` line of its own, in ASCII only."""
    text = json.dumps(json.loads(framed.removeprefix(b"data:")), indent=1, ensure_ascii=True, sort_keys=True)
    return ("".join(f"data: {line}\n" for line in text.splitlines()).encode() + b"\n",)


def numbered(framed: bytes) -> Iterable[bytes]:
    """Each event has an `id:` and a `retry:` line."""
    return (b"id: 7\nretry: 3000\n" + framed,)


def chatter(event: Event, memory: Memory) -> Iterable[Event]:
    """Progress and notices stand between all events."""
    notice = {"type": "notice", "level": "info", "message": "All is well."}
    return (event, {"type": "progress_update", "text": "Working"}, notice)


def thread_repeated(event: Event, memory: Memory) -> Iterable[Event]:
    """The thread is sent again, as it is, in the middle of the answer."""
    if thread := event.get("thread"):
        memory.stream["thread"] = thread
    if "thread" in memory.stream and is_delta(event):
        return (event, {"type": "thread.updated", "thread": memory.stream["thread"]})
    return (event,)


def title_changes(event: Event, memory: Memory) -> Iterable[Event]:
    """The thread gets a provisional title in the middle of the answer, and its own one back at once."""
    if thread := event.get("thread"):
        memory.stream["thread"] = thread
    if "thread" in memory.stream and is_delta(event) and not memory.stream.get("told"):
        memory.stream["told"] = True
        thread = memory.stream["thread"]
        return (
            event,
            {"type": "thread.updated", "thread": {**thread, "title": "A new conversation"}},
            {"type": "thread.updated", "thread": thread},
        )
    return (event,)


def short_answers_whole(event: Event, memory: Memory) -> Iterable[Event]:
    """A short answer comes as one finished item, with nothing before it."""
    held: list[Event] = memory.stream.setdefault("held", [])
    if is_answer(event, "thread.item.added"):
        held.append(event)
        return ()
    mine = held and event.get("item_id", event.get("item", {}).get("id")) == held[0]["item"]["id"]
    if mine and event.get("type") == "thread.item.removed":
        held.clear()  # nobody has seen it
        return ()
    if held and done(event) and mine:
        held.clear()
        return (event,)
    if held and is_update(event) and mine:
        held.append(event)
        if sum(len(e["update"].get("delta", "")) for e in held if "update" in e) <= SHORT:
            return ()
        released, held[:] = list(held), []
        return released
    return (event,)


def rest_of_short(memory: Memory) -> Iterable[Event]:
    """What is still held when a stream ends without its answer being finished."""
    held: list[Event] = memory.stream.pop("held", [])
    return held


def more_fields(value: Any) -> Any:
    """A copy with a vendor's field in every object that has a type."""
    if isinstance(value, list):
        return [more_fields(v) for v in value]
    if not isinstance(value, dict):
        return value
    made = {k: more_fields(v) for k, v in value.items()}
    return {**made, "x_vendor_trace": "abc123"} if "type" in made else made


def vendor_event(event: Event, memory: Memory) -> Iterable[Event]:
    """Every event and item has a field that no schema knows; free-form parts are left alone."""
    if event.get("type") not in ("thread.item.added", "thread.item.done") or not is_answer(
        event, "thread.item.added", "thread.item.done"
    ):
        return ({**event, "x_vendor_trace": "abc123"},)
    return (more_fields(copy.deepcopy(event)),)


def vendor_answer(value: JSON, memory: Memory) -> JSON:
    """Every answer has a field that no schema knows, and so have the answers' items in it, as in the stream."""
    if not isinstance(value, dict) or ("id" not in value and "data" not in value):
        return value
    value = copy.deepcopy(value)
    for page in pages(value):
        page["data"] = [more_fields(row) if row.get("type") == "assistant_message" else row for row in page["data"]]
    return {**value, "x_vendor_trace": "abc123"}
