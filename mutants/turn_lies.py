"""Lies about whole turns: the turn after something is dead, an answer is left out or told otherwise."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from chatkit_conformance.stream.event_kinds import shows_tool

from .mutant import JSON, Event, EventChange, Memory
from .stream_lies import done, is_answer, is_delta, is_update, item_type

TRACEBACK = "Traceback (most recent call last):\n  File \"/srv/app/chat.py\", line 42, in respond\nKeyError: 'choices'"

Mark = Callable[[Event, Memory, dict[str, Any]], bool]
"""Whether an event condemns the turns that follow, given what is known of its thread."""


def thread_of(event: Event, memory: Memory) -> str:
    """The id of the thread that the stream is about."""
    if isinstance(event.get("thread"), dict):
        memory.stream["thread"] = event["thread"].get("id", "")
    return str(memory.stream.get("thread") or memory.thread_id)


def known(event: Event, memory: Memory) -> dict[str, Any]:
    """What is remembered of the event's thread.

    "turns" counts its streams, this one too; "open" those that the browser did not see ended.
    """
    state: dict[str, Any] = memory.server.setdefault(
        thread_of(event, memory), {"turns": 0, "open": 0, "condemned": False}
    )
    if "dead" not in memory.stream:
        memory.stream["dead"] = state["condemned"]
        memory.stream["state"] = state
        state["turns"] += 1
        state["open"] += 1
    return state


def dies(mark: Mark) -> EventChange:
    """The turns after one that `mark` condemned end in an error, without an answer. Needs `dead_end` at the end."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        state = known(event, memory)
        state["condemned"] = state["condemned"] or mark(event, memory, state)
        spoken = item_type(event) not in ("", "user_message") or is_update(event)
        return () if memory.stream["dead"] and spoken else (event,)

    return change


def dead_end(memory: Memory) -> Iterable[Event]:
    """The error that a dead turn ends in."""
    if "state" in memory.stream and not memory.left:
        memory.stream["state"]["open"] -= 1
    return ({"type": "error", "code": "stream.error", "allow_retry": True},) if memory.stream.get("dead") else ()


def after_turn(n: int) -> Mark:
    """Turns after the nth are dead."""
    return lambda event, memory, state: state["turns"] >= n


def after_error(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """Turns after one with an error are dead."""
    return event.get("type") == "error"


def after_tool(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """Turns after one with a tool are dead."""
    return shows_tool(event)


def after_retry(event: Event, memory: Memory, state: dict[str, Any]) -> bool:
    """Turns after a retry are dead."""
    return memory.request.get("type") == "threads.retry_after_item"


def locked(event: Event, memory: Memory) -> Iterable[Event]:
    """A thread whose stream was left by the browser stays locked."""
    first = "dead" not in memory.stream
    state = known(event, memory)
    if first and state["open"] > 1:
        memory.stream["dead"] = True
    spoken = item_type(event) not in ("", "user_message") or is_update(event)
    return () if memory.stream["dead"] and spoken else (event,)


def watched(event: Event, memory: Memory) -> Iterable[Event]:
    """Change nothing, but remember which streams are open. Needs `dead_end` at the end."""
    known(event, memory)
    return (event,)


def lost_after_leaving(type: str) -> Callable[[JSON, Memory], JSON]:
    """Items of that type are missing from a thread whose stream was left by the browser."""

    def change(value: JSON, memory: Memory) -> JSON:
        thread = memory.thread_id
        if memory.server.get(thread, {}).get("open", 0) > 0 and isinstance(value, dict):
            page = value.get("items", value)
            page["data"] = [row for row in page.get("data", ()) if row.get("type") != type]
        return value

    return change


def lost_after_error(value: JSON, memory: Memory) -> JSON:
    """The user's messages are missing from a thread in which the model broke."""
    thread = memory.thread_id
    if memory.server.get(thread, {}).get("condemned") and isinstance(value, dict):
        page = value.get("items", value)
        page["data"] = [row for row in page.get("data", ()) if row.get("type") != "user_message"]
    return value


def marked(mark: Mark) -> EventChange:
    """Change nothing, but remember which threads `mark` condemned."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        state = known(event, memory)
        state["condemned"] = state["condemned"] or mark(event, memory, state)
        return (event,)

    return change


def silent_after_tool(event: Event, memory: Memory) -> Iterable[Event]:
    """What the model says after a tool is not shown."""
    memory.stream["worked"] = memory.stream.get("worked", False) or shows_tool(event)
    spoken = is_answer(event, "thread.item.added", "thread.item.done") or is_delta(event) or _is_part(event)
    return () if memory.stream["worked"] and spoken else (event,)


def silent_before_tool(event: Event, memory: Memory) -> Iterable[Event]:
    """What the model says before a tool is not shown. Needs `stream_lies.release` at the end."""
    held: list[Event] = memory.stream.setdefault("held", [])
    if shows_tool(event):
        held.clear()
    if is_answer(event, "thread.item.added", "thread.item.done") or is_delta(event) or _is_part(event):
        held.append(event)
        return ()
    return (event,)


def _is_part(event: Event) -> bool:
    return str(event.get("update", {}).get("type", "")).startswith("assistant_message.")


def retold(how: Callable[[str], str]) -> EventChange:
    """The answer's text is told otherwise, in deltas, parts and the finished item alike."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        event = copy.deepcopy(event)
        update = event.get("update", {})
        if is_delta(event):
            update["delta"] = how(update["delta"])
        parts = [update.get("content")]
        if is_answer(event, "thread.item.added", "thread.item.done"):
            parts = list(event["item"].get("content", ()))
        for part in parts:
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                part["text"] = how(part["text"])
        return (event,)

    return change


def retold_rows(how: Callable[[str], str]) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Stored answers are told otherwise in the same way."""

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for row in rows:
            for part in row.get("content", ()) if row.get("type") == "assistant_message" else ():
                part["text"] = how(part["text"])
        return rows

    return change


def ascii_only(text: str) -> str:
    """Letters that are not English become question marks."""
    return text.encode("ascii", "replace").decode()


def capped(limit: int) -> EventChange:
    """Text after `limit` characters is lost, in deltas and in the finished item."""

    def change(event: Event, memory: Memory) -> Iterable[Event]:
        if is_delta(event):
            said = memory.stream.get("said", 0)
            memory.stream["said"] = said + len(event["update"]["delta"])
            if said >= limit:
                return ()
        if done(event):
            event = copy.deepcopy(event)
            for part in event["item"].get("content", ()):
                part["text"] = part["text"][:limit]
        return (event,)

    return change


def answer_again(event: Event, memory: Memory) -> Iterable[Event]:
    """Each finished answer follows a second time, under another id."""
    if not done(event):
        return (event,)
    again = copy.deepcopy(event)
    again["item"]["id"] += "b"
    return (event, {**again, "type": "thread.item.added"}, again)


def silent_retry(event: Event, memory: Memory) -> Iterable[Event]:
    """A retry removes, and does not answer."""
    retry = memory.request.get("type") == "threads.retry_after_item"
    spoken = item_type(event) == "assistant_message" or is_update(event)
    return () if retry and spoken else (event,)


def token_told(event: Event, memory: Memory) -> Iterable[Event]:
    """The caller's token stands in a progress message."""
    if event.get("type") == "stream_options":
        return (event, {"type": "progress_update", "text": f"as {memory.stream.get('token', '')}"})
    return (event,)


def note_token(headers: dict[str, str], memory: Memory) -> dict[str, str]:
    """Remember the caller's token, for `token_told`."""
    memory.stream["token"] = headers.get("authorization", "")
    return headers
