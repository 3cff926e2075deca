"""Ways to break answers that are no stream, requests on their way in, and pages."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from .mutant import JSON, AnswerChange, Event, Memory

Rows = list[dict[str, Any]]

FAKE = "__fake_id__"


def on(types: str, how: Callable[[Any, Memory], Any]) -> AnswerChange:
    """Change the answers to these request types (separated by blanks)."""

    def change(value: JSON, memory: Memory) -> JSON:
        return how(copy.deepcopy(value), memory) if memory.request.get("type") in types.split() else value

    return change


def pages(value: Any) -> Iterator[dict[str, Any]]:
    """Every page inside an answer: the answer itself, a thread's items, the items of listed threads."""
    if isinstance(value, dict):
        if isinstance(value.get("data"), list):
            yield value
        for inside in (value.get("items"), *(value.get("data") or ())):
            yield from pages(inside)


def on_items(how: Callable[[Rows], Rows]) -> AnswerChange:
    """Change the rows of every page of items in a reload."""

    def change(value: Any, memory: Memory) -> Any:
        for page in pages(value):
            page["data"] = how(page["data"])
        return value

    return on("threads.get_by_id items.list", change)


def on_page(types: str, how: Callable[[dict[str, Any]], Any]) -> AnswerChange:
    """Change every page of the answers to these request types, in place."""

    def change(value: Any, memory: Memory) -> Any:
        for page in pages(value):
            how(page)
        return value

    return on(types, change)


def with_params(types: str, **changed: Any) -> Callable[[Event, Memory], Event]:
    """Replace parameters of these requests before the server sees them; None takes one away."""

    def change(request: Event, memory: Memory) -> Event:
        if request.get("type") not in types.split() or not isinstance(request.get("params"), dict):
            return request
        params = {**request["params"], **changed}
        return {**request, "params": {k: v for k, v in params.items() if v is not None}}

    return change


def shortened(rows: Rows) -> Rows:
    """Answers keep their first 20 characters."""
    for row in rows:
        for part in row.get("content", ()) if row.get("type") == "assistant_message" else ():
            part["text"] = part["text"][:20]
    return rows


def renumbered(rows: Rows) -> Rows:
    """Items have other ids than the stream gave them."""
    return [{**row, "id": f"{row['id']}-stored"} for row in rows]


def without(type: str) -> Callable[[Rows], Rows]:
    """Items of that type are missing."""
    return lambda rows: [row for row in rows if row.get("type") != type]


def doubled(rows: Rows) -> Rows:
    """The last item is there two times, under two ids."""
    return [*rows, {**rows[-1], "id": f"{rows[-1]['id']}-copy"}] if rows else rows


def backwards(rows: Rows) -> Rows:
    """Items come in the opposite order."""
    return rows[::-1]


def fake_ids(event: Event, memory: Memory) -> tuple[Event, ...]:
    """Every assistant message has the same id, and so have its updates."""
    event = copy.deepcopy(event)
    faked: set[str] = memory.stream.setdefault("faked", set())
    item = event.get("item") or {}
    if item.get("type") == "assistant_message":
        faked.add(item["id"])
        item["id"] = FAKE
    if event.get("item_id") in faked:
        event["item_id"] = FAKE
    return (event,)


def fake_rows(rows: Rows) -> Rows:
    """Every stored assistant message has the same id."""
    return [{**row, "id": FAKE} if row.get("type") == "assistant_message" else row for row in rows]


def instead_of(type: str) -> Callable[[Event, Memory], Event]:
    """Requests of that type only read the thread; what was asked for is remembered."""

    def change(request: Event, memory: Memory) -> Event:
        if request.get("type") != type:
            return request
        memory.stream["asked"] = request
        return {"type": "threads.get_by_id", "params": {"thread_id": request.get("params", {}).get("thread_id", "")}}

    return change


def pretended(value: JSON, memory: Memory) -> JSON:
    """Answer what the remembered request would have led to."""
    asked = memory.stream.get("asked")
    if not asked or not isinstance(value, dict) or "id" not in value:
        return value
    return {**value, "title": asked["params"].get("title")} if asked["type"] == "threads.update" else {}


def anyone(headers: dict[str, str], memory: Memory) -> dict[str, str]:
    """Whoever shows no token is taken for the first who did."""
    if shown := headers.get("authorization"):
        memory.server.setdefault("first", shown)
    return {**headers, "authorization": shown or memory.server.get("first", "")}


def owner_of_id(headers: dict[str, str], memory: Memory) -> dict[str, str]:
    """Whoever knows a thread's id is taken for its owner."""
    memory.stream["token"] = headers.get("authorization", "")
    thread = memory.thread_id
    return {**headers, "authorization": memory.server.get(thread, memory.stream["token"])}


def note_owner(event: Event, memory: Memory) -> tuple[Event, ...]:
    """Remember whose thread it is, for `owner_of_id`."""
    if event.get("type") == "thread.created":
        memory.server[event["thread"]["id"]] = memory.stream["token"]
    return (event,)


def any_signature(headers: dict[str, str], memory: Memory) -> dict[str, str]:
    """A token's signature, algorithm and expiry are not looked at."""
    sent = headers.get("authorization", "")
    if not sent:
        return headers
    return {**headers, "authorization": memory.server.setdefault("first", sent)}


def back_to_life(request: Event, memory: Memory) -> Event:
    """A message to a deleted thread begins a new one."""
    params = request.get("params", {})
    gone: set[str] = memory.server.setdefault("gone", set())
    if request.get("type") == "threads.delete":
        gone.add(params.get("thread_id", ""))
    if request.get("type") == "threads.add_user_message" and params.get("thread_id") in gone:
        return {**request, "type": "threads.create", "params": {"input": params.get("input")}}
    return request


def as_500(status: int, memory: Memory) -> int:
    """What the client did wrong is told as the server's failure."""
    return 500 if 400 <= status < 500 else status


def as_200(status: int, memory: Memory) -> int:
    """What the client did wrong is told as success."""
    return 200 if 400 <= status < 500 else status


def broken_by_bad(status: int, memory: Memory) -> int:
    """After the first body that is no JSON nothing works any more."""
    memory.server["broken"] = memory.server.get("broken", False) or not memory.request
    return 503 if memory.server["broken"] else status


def silent_when_broken(event: Event, memory: Memory) -> tuple[Event, ...]:
    """No event comes once `broken_by_bad` has seen such a body."""
    return () if memory.server.get("broken") else (event,)


def refuse(types: str) -> Callable[[int, Memory], int]:
    """Requests of these types are answered with 404."""
    return lambda status, memory: 404 if memory.request.get("type") in types.split() else status
