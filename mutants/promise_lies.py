"""Ways to break promises about requests, pages, threads at the same time and credentials."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from .mutant import JSON, Event, Memory
from .stream_lies import done
from .turn_lies import known, thread_of

SLOW_HISTORY_S = 2.3
"""Seconds that a history of more than one turn takes to load: more than the two in which a first token is to come."""

Request = Callable[[Event, Memory], Event]
Answer = Callable[[JSON, Memory], JSON]


def asks(memory: Memory, types: str) -> bool:
    """Whether the request is of one of these types (separated by blanks)."""
    return memory.request.get("type") in types.split()


def params(memory: Memory) -> dict[str, Any]:
    """The request's parameters."""
    value = memory.request.get("params")
    return value if isinstance(value, dict) else {}


def changed(types: str, how: Callable[[dict[str, Any], Memory], Any]) -> Request:
    """Change the parameters of these requests in place, before the server sees them."""

    def change(request: Event, memory: Memory) -> Event:
        if request.get("type") not in types.split() or not isinstance(request.get("params"), dict):
            return request
        request = copy.deepcopy(request)
        how(request["params"], memory)
        return request

    return change


def told(types: str, how: Callable[[dict[str, Any], Memory], Any]) -> Answer:
    """Change the answers to these requests in place, where they are objects."""

    def change(value: JSON, memory: Memory) -> JSON:
        if asks(memory, types) and isinstance(value, dict):
            value = copy.deepcopy(value)
            how(value, memory)
        return value

    return change


def refused_if(when: Callable[[Memory], object], status: int = 422) -> Callable[[int, Memory], int]:
    """Requests for which it holds are answered with this status."""
    return lambda was, memory: status if when(memory) else was


# Messages


def in_message(how: Callable[[dict[str, Any]], Any]) -> Request:
    """Change the user's input, in place."""

    def change(given: dict[str, Any], memory: Memory) -> None:
        if isinstance(given.get("input"), dict) and isinstance(given["input"].get("content"), list):
            how(given["input"])

    return changed("threads.create threads.add_user_message", change)


def flattened(message: dict[str, Any]) -> None:
    """Tags become text, and what was quoted is forgotten."""
    message["content"] = [{"type": "input_text", "text": str(part.get("text", ""))} for part in message["content"]]
    message.pop("quoted_text", None)


def texts(how: Callable[[str], str]) -> Callable[[dict[str, Any]], None]:
    """Each text of a message is changed."""

    def change(message: dict[str, Any]) -> None:
        for part in message["content"]:
            if isinstance(part.get("text"), str):
                part["text"] = how(part["text"])

    return change


# Threads


def condemn(when: Callable[[int, Memory], object]) -> Callable[[int, Memory], int]:
    """Remember the threads of requests for which it holds; their later streams stay empty with `condemned`."""

    def change(status: int, memory: Memory) -> int:
        if when(status, memory):
            memory.server.setdefault("condemned", set()).add(params(memory).get("thread_id"))
        return status

    return change


def condemned(event: Event, memory: Memory) -> Iterable[Event]:
    """Nothing is shown in a thread that `condemn` remembered."""
    return () if thread_of(event, memory) in memory.server.get("condemned", ()) else (event,)


def first_asked_again(event: Event, memory: Memory) -> Iterable[Event]:
    """Remember the first message of each thread, for `unknown_is_first`."""
    item = event.get("item", {})
    if event.get("type") == "thread.item.done" and item.get("type") == "user_message":
        memory.server.setdefault("firsts", {}).setdefault(item.get("thread_id"), item.get("id"))
    return (event,)


def unknown_is_first(given: dict[str, Any], memory: Memory) -> None:
    """A retry after an unknown item begins at the thread's first message."""
    if "nowhere" in str(given.get("item_id")):
        given["item_id"] = memory.server.get("firsts", {}).get(given.get("thread_id"), given.get("item_id"))


def elsewhere_is_first(given: dict[str, Any], memory: Memory) -> None:
    """A retry after a message of another thread begins at the first message of the one that is named."""
    firsts = memory.server.get("firsts", {})
    if given.get("item_id") in firsts.values() and given.get("thread_id") in firsts:
        given["item_id"] = firsts[given["thread_id"]]


def remembering(types: str, key: str) -> Request:
    """Remember the thread ids of these requests; nothing is changed."""

    def change(request: Event, memory: Memory) -> Event:
        if request.get("type") in types.split():
            memory.server.setdefault(key, set()).add((request.get("params") or {}).get("thread_id"))
        return request

    return change


def emptied(key: str, *kinds: str) -> Callable[[dict[str, Any], Memory], None]:
    """Items of these types (all, if none is named) are missing from threads that `remembering` knows."""

    def change(value: dict[str, Any], memory: Memory) -> None:
        page = value.get("items", value)
        if params(memory).get("thread_id") in memory.server.get(key, ()) and "data" in page:
            page["data"] = [row for row in page["data"] if kinds and row.get("type") not in kinds]

    return change


def others_emptied(value: dict[str, Any], memory: Memory) -> None:
    """A thread that was read before another was deleted has no items from then on."""
    deleted = len(memory.server.get("deleted", ()))
    before = memory.server.setdefault("read", {}).setdefault(value.get("id"), deleted)
    if deleted > before and "items" in value:
        value["items"]["data"] = []


def listed_again(value: dict[str, Any], memory: Memory) -> None:
    """Deleted threads are missing from the next list, and are in the ones after it."""
    seen = memory.server.setdefault("lists", {})
    for thread in memory.server.get("deleted", ()):
        seen[thread] = seen.get(thread, 0) + 1
        if seen[thread] > 1 and isinstance(value.get("data"), list):
            row = {"id": thread, "created_at": "2026-01-01T00:00:00", "status": {"type": "active"}}
            value["data"].append({**row, "items": {"data": [], "has_more": False}})


def dead_retry_creates(request: Event, memory: Memory) -> Event:
    """A retry in a deleted thread begins a new one."""
    given = request.get("params", {})
    gone: set[str] = memory.server.setdefault("gone", set())
    if request.get("type") == "threads.delete":
        gone.add(given.get("thread_id", ""))
    if request.get("type") == "threads.retry_after_item" and given.get("thread_id") in gone:
        content = [{"type": "input_text", "text": "Again."}]
        message = {"content": content, "attachments": [], "inference_options": {}}
        return {"type": "threads.create", "params": {"input": message}}
    return request


def stale_second(value: dict[str, Any], memory: Memory) -> None:
    """Every other reload of a thread is without its last item."""
    reads = memory.server.setdefault("reads", {})
    thread = params(memory).get("thread_id")
    reads[thread] = reads.get(thread, 0) + 1
    if reads[thread] % 2 and "items" in value:
        value["items"]["data"] = value["items"]["data"][:-1]


def overwritten(value: dict[str, Any], memory: Memory) -> None:
    """Of several answers in a thread, the first is missing after a reload."""
    rows = value.get("items", {}).get("data", [])
    spoken = [row for row in rows if row.get("type") == "assistant_message"]
    if len(spoken) > 1:
        rows.remove(spoken[0])


# At the same time


def one_at_a_time(event: Event, memory: Memory) -> Iterable[Event]:
    """While one thread is answered, others stay silent. Needs `over` at the end."""
    if "counted" not in memory.stream:
        memory.stream["counted"] = True
        memory.stream["silent"] = memory.server.get("streams", 0) > 0
        memory.server["streams"] = memory.server.get("streams", 0) + 1
    mine = (
        event.get("type") in ("thread.created", "stream_options") or event.get("item", {}).get("type") == "user_message"
    )
    return () if memory.stream["silent"] and not mine else (event,)


def over(memory: Memory) -> Iterable[Event]:
    """A stream of `one_at_a_time` is over."""
    if memory.stream.get("counted"):
        memory.server["streams"] -= 1
    return ()


def mixed(event: Event, memory: Memory) -> Iterable[Event]:
    """Each answer begins with the one that was finished last, whosever it was."""
    if done(event):
        event = copy.deepcopy(event)
        part = event["item"]["content"][0]
        before, memory.server["said"] = memory.server.get("said", ""), part["text"]
        part["text"] = before + part["text"]
    return (event,)


def last_said(event: Event, memory: Memory) -> Iterable[Event]:
    """Remember the answer that was finished last, for `said_everywhere`."""
    if done(event):
        memory.server["said"] = event["item"]["content"][0]["text"]
    return (event,)


def said_everywhere(value: dict[str, Any], memory: Memory) -> None:
    """A reload shows the answer that was finished last, in whichever thread."""
    for row in value.get("items", {}).get("data", ()):
        for part in row.get("content", ()) if row.get("type") == "assistant_message" else ():
            part["text"] = memory.server.get("said", part["text"])


def open_threads(event: Event, memory: Memory) -> Iterable[Event]:
    """Change nothing, but know which threads are being answered. Needs `turn_lies.dead_end` at the end."""
    known(event, memory)
    return (event,)


def is_open(memory: Memory, thread: object) -> bool:
    """Whether a thread is being answered."""
    state = memory.server.get(str(thread))
    return isinstance(state, dict) and state.get("open", 0) > 0


def kept_while_open(request: Event, memory: Memory) -> Event:
    """A thread that is being answered is not deleted; the answer says that it was."""
    thread = (request.get("params") or {}).get("thread_id")
    if request.get("type") == "threads.delete" and is_open(memory, thread):
        memory.stream["spared"] = True
        return {"type": "threads.get_by_id", "params": {"thread_id": thread}}
    return request


def spared(value: JSON, memory: Memory) -> JSON:
    """The answer to a delete that `kept_while_open` swallowed."""
    return {} if memory.stream.get("spared") else value


def renamed_while_open(request: Event, memory: Memory) -> Event:
    """Remember the threads that were renamed while they were answered."""
    thread = (request.get("params") or {}).get("thread_id")
    if request.get("type") == "threads.update" and is_open(memory, thread):
        memory.server.setdefault("renamed", set()).add(thread)
    return request


def title_of_before(value: dict[str, Any], memory: Memory) -> None:
    """A thread that `renamed_while_open` remembered has its old title."""
    if value.get("id") in memory.server.get("renamed", ()):
        value["title"] = "as it was before"


# Credentials


def first_token_for(types: str) -> Callable[[dict[str, str], Memory], dict[str, str]]:
    """Whoever makes these requests is taken for the first who showed a token."""

    def change(headers: dict[str, str], memory: Memory) -> dict[str, str]:
        first: str = memory.server.setdefault("first", headers.get("authorization", ""))
        return {**headers, "authorization": first} if asks(memory, types) else headers

    return change


def owner_for(types: str) -> Callable[[dict[str, str], Memory], dict[str, str]]:
    """In these requests, who knows a thread's id is taken for its owner. Needs `answer_lies.note_owner`."""

    def change(headers: dict[str, str], memory: Memory) -> dict[str, str]:
        memory.stream["token"] = headers.get("authorization", "")
        owner: str = memory.server.get(str(params(memory).get("thread_id")), memory.stream["token"])
        return {**headers, "authorization": owner} if asks(memory, types) else headers

    return change
