"""Hand-made transcripts: whole conversations that are right, and small edits that make them wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from chatkit_conformance.transcript import Call, Event, Reply, Sent, Transcript

Data = dict[str, Any]
TIME = "2026-11-22T10:00:00"
SSE = {"content-type": "text/event-stream; charset=utf-8"}
JSON_HEADERS = {"content-type": "application/json"}
UNREAD = "what was shown"
"""The body of a reload that `transcript` fills in."""


def nonce_of(label: str) -> str:
    """The nonce of a hand-made turn: made from its label."""
    return "zq" + re.sub(r"[^0-9a-z]", "", label).ljust(10, "0")[:10]


def asked(text: str, label: str) -> str:
    """A user's text with its turn's nonce."""
    return f"{text} (ref {nonce_of(label)})"


# Items and events


def thread(id: str = "thr_1", items: Iterable[Data] = (), **more: Any) -> Data:
    """A thread as the wire has it."""
    page = {"data": list(items), "has_more": False}
    return {"id": id, "created_at": TIME, "status": {"type": "active"}, "metadata": {}, "items": page, **more}


def item(kind: str, id: str, thread: str = "thr_1", **more: Any) -> Data:
    """Any item."""
    return {"type": kind, "id": id, "thread_id": thread, "created_at": TIME, **more}


def user(id: str, text: str, thread: str = "thr_1") -> Data:
    """A user's message."""
    content = [{"type": "input_text", "text": text}]
    return item("user_message", id, thread, content=content, attachments=[], inference_options={})


def said(id: str, text: str, thread: str = "thr_1") -> Data:
    """An assistant's message."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return item("assistant_message", id, thread, content=content)


def added(what: Data) -> Data:
    """thread.item.added."""
    return {"type": "thread.item.added", "item": what}


def done(what: Data) -> Data:
    """thread.item.done."""
    return {"type": "thread.item.done", "item": what}


def delta(id: str, text: str, index: int = 0) -> Data:
    """A text delta."""
    kind = "assistant_message.content_part.text_delta"
    update = {"type": kind, "content_index": index, "delta": text}
    return {"type": "thread.item.updated", "item_id": id, "update": update}


def part_done(id: str, text: str) -> Data:
    """content_part.done of part 0."""
    content = {"type": "output_text", "text": text, "annotations": []}
    update = {"type": "assistant_message.content_part.done", "content_index": 0, "content": content}
    return {"type": "thread.item.updated", "item_id": id, "update": update}


def answer(id: str, text: str, thread: str = "thr_1") -> list[Data]:
    """The events of one streamed answer."""
    half = len(text) // 2
    return [added(said(id, "", thread)), delta(id, text[:half]), delta(id, text[half:]), done(said(id, text, thread))]


CREATED: Data = {"type": "thread.created", "thread": thread()}
PROGRESS: Data = {"type": "progress_update", "text": "Working"}
ERROR: Data = {"type": "error", "code": "custom", "message": "The model is busy.", "allow_retry": True}


# Replies


def events_of(datas: Iterable[Data], at: float = 1.0) -> tuple[Event, ...]:
    """Events from their data, a tenth of a second apart."""
    return tuple(Event(index=n, at=at + n / 10, raw=json.dumps(data), data=data) for n, data in enumerate(datas))


def message(text: str, **more: Any) -> Data:
    """A message as the client sends it."""
    content = [{"type": "input_text", "text": text}]
    return {"content": content, "attachments": [], "inference_options": {}, **more}


def create(label: str, text: str, datas: Iterable[Data], id: str = "thr_1", quoting: str = "", **more: Any) -> Reply:
    """A threads.create that was answered with a stream: thread, user message, these events."""
    sent = asked(text, label)
    quoted = {"quoted_text": quoting} if quoting else {}
    request = {"type": "threads.create", "params": {"input": message(sent, **quoted)}}
    first = [{"type": "thread.created", "thread": thread(id)}, done({**user(f"u-{label}", sent, id), **quoted})]
    fields = {"status": 200, "headers": SSE, "events": events_of([*first, *datas]), **more}
    return Reply(label=label, request=request, **fields)


def say(label: str, text: str, datas: Iterable[Data], id: str = "thr_1", **more: Any) -> Reply:
    """A threads.add_user_message that was answered with a stream."""
    sent = asked(text, label)
    params = {"thread_id": id, "input": message(sent)}
    request = {"type": "threads.add_user_message", "params": params}
    fields = {"status": 200, "headers": SSE, "events": events_of([done(user(f"u-{label}", sent, id)), *datas]), **more}
    return Reply(label=label, request=request, **fields)


def ask(label: str, type: str, params: Data, body: Any = None, status: int = 200, **more: Any) -> Reply:
    """A request that was answered with JSON."""
    fields = {"status": status, "headers": JSON_HEADERS, "body": body, **more}
    return Reply(label=label, request={"type": type, "params": params}, **fields)


def get(label: str, items: Iterable[Data], id: str = "thr_1", **more: Any) -> Reply:
    """A reload that shows these items."""
    return ask(label, "threads.get_by_id", {"thread_id": id}, thread(id, items, **more))


def read(label: str, id: str = "thr_1", **more: Any) -> Reply:
    """A reload that shows what had been shown by then: `transcript` fills it in."""
    return ask(label, "threads.get_by_id", {"thread_id": id}, UNREAD, **more)


def refusal(label: str, status: int = 404, type: str = "threads.get_by_id", **params: Any) -> Reply:
    """A request that was refused with a JSON body."""
    return ask(label, type, params, {"detail": "no such thing"}, status)


# The model's side


def called(label: str, messages: Sequence[Data] = (), *, n: int = 0, position: int = 0, **more: Any) -> Call:
    """A request that the server made of the model in the turn of that label."""
    body = {
        "model": "gemini-3.8-flash",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": list(messages),
        "tools": more.pop("tools", []),
    }
    path = "/v1beta/openai/chat/completions"
    headers = {"authorization": "Bearer …a1b2"}
    fields = {"path": path, "headers": headers, "sent": UNSAID, "body": body, "at": 1.0, "finished_at": 2.0, **more}
    return Call(n=n, nonce=nonce_of(label), position=position, **fields)


UNSAID = (Sent(at=1.0, data="what was shown"),)
"""The answer of a model's call that `transcript` fills in: what its turn showed."""


def sent(text: str = "", *calls: tuple[str, str, Any], finish: str = "stop", at: float = 1.0) -> tuple[Sent, ...]:
    """What the stand-in wrote: words, and tool calls as (id, name, arguments)."""
    rows = [
        {"id": id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for id, name, arguments in calls
    ]
    delta = {"role": "assistant"} | ({"content": text} if text else {}) | ({"tool_calls": rows} if rows else {})
    chunk = {"choices": [{"delta": delta, "finish_reason": finish, "index": 0}]}
    return Sent(at=at, data=json.dumps(chunk)), Sent(at=at, data="[DONE]")


def calling(*made: tuple[str, str, Any]) -> Data:
    """An assistant message with tool calls: (id, name, arguments)."""
    rows = [
        {"id": id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for id, name, arguments in made
    ]
    return {"role": "assistant", "tool_calls": rows}


def result(id: str, content: Any) -> Data:
    """A tool message."""
    return {"role": "tool", "tool_call_id": id, "content": content if isinstance(content, str) else json.dumps(content)}


def steps(label: str, question: str, *rounds: tuple[str, Any, Any], n: int = 0, **more: Any) -> list[Call]:
    """The requests of a turn with one tool call in each round: (name, arguments, result)."""
    messages: list[Data] = [{"role": "user", "content": asked(question, label)}]
    made = []
    for at, (name, arguments, content) in enumerate(rounds):
        made.append(called(label, messages, n=n + at, position=at, sent=sent("", (f"c{at}", name, arguments)), **more))
        messages = [*messages, calling((f"c{at}", name, arguments)), result(f"c{at}", content)]
    return [*made, called(label, messages, n=n + len(rounds), position=len(rounds), **more)]


# Whole transcripts and edits of them


def transcript(exchange: str, replies: Iterable[Reply], calls: Iterable[Call] = (), **notes: Any) -> Transcript:
    """A transcript with these replies, calls and notes (underscores in names become hyphens where doubled)."""
    named = {key.replace("__", "-"): value for key, value in notes.items()}
    made = filled(replies)
    spoken = tuple(_spoken(_reminded(call, made), made) for call in calls)
    return Transcript(exchange=exchange, dialect="gemini-3", replies=made, calls=spoken, notes=named)


def _reminded(call: Call, replies: tuple[Reply, ...]) -> Call:
    """The call with what was said in its thread before, where its messages do not tell it themselves."""
    own = next((n for n, r in enumerate(replies) if nonce_of(r.label) == call.nonce and r.thread_id), 0)
    before = _kept(replies[:own], replies[own].thread_id)["items"]["data"] if own else []
    said_before = [_heard(row) for row in before if row["type"] in ("user_message", "assistant_message")]
    told = json.dumps(call.messages, ensure_ascii=False)
    if not said_before or not call.messages or any(row["content"] in told for row in said_before if row["content"]):
        return call
    first = next((n for n, m in enumerate(call.messages) if m.get("role") != "system"), 0)
    messages = [*call.messages[:first], *said_before, *call.messages[first:]]
    return replace(call, body={**call.body, "messages": messages})


def _heard(row: Data) -> Data:
    """A message of a thread as it is sent to the model."""
    words = "".join(str(part.get("text", "")) for part in row["content"])
    quoted = f"{row['quoted_text']}\n\n" if row.get("quoted_text") else ""
    role = "user" if row["type"] == "user_message" else "assistant"
    return {"role": role, "content": f"{quoted}{words}"}


def _spoken(call: Call, replies: Iterable[Reply]) -> Call:
    """The call with the answer that its turn showed, or the error that it met, where it is not told."""
    if call.sent != UNSAID:
        return call
    if call.status >= 400:
        return replace(call, sent=(Sent(at=1.0, data=json.dumps([{"error": {"code": call.status}}])),))
    shown = [r for r in replies if nonce_of(r.label) == call.nonce or nonce_of(_retried(r)) == call.nonce]
    items = shown[min(call.attempt, len(shown) - 1)].items_done("assistant_message") if shown else ()
    words = [str(part["text"]) for e in items for part in e.item["content"]]
    return replace(call, sent=sent("".join(words) or "…"))


def _retried(r: Reply) -> str:
    """The label of the turn that a retry repeats."""
    return str(r.params.get("item_id")).removeprefix("u-") if r.type == "threads.retry_after_item" else ""


def filled(replies: Iterable[Reply]) -> tuple[Reply, ...]:
    """The replies, with each reload showing what the replies before it had shown."""
    made: list[Reply] = []
    for r in replies:
        made.append(replace(r, body=_kept(made, r.params["thread_id"])) if r.body == UNREAD else r)
    return tuple(made)


def _kept(replies: Iterable[Reply], id: str) -> Data:
    """A thread as these replies left it."""
    items: dict[str, Data] = {}
    more: Data = {}
    for r in (r for r in replies if r.thread_id == id and r.status == 200):
        if r.type == "threads.retry_after_item":
            after = list(items)[list(items).index(r.params["item_id"]) + 1 :]
            items = {key: value for key, value in items.items() if key not in after}
        if r.type == "threads.update":
            more["title"] = r.params["title"]
        for e in r.of("thread.item.done", "thread.item.replaced"):
            items[e.item_id] = e.item
        for e in r.of("thread.item.removed"):
            items.pop(e.item_id, None)
    return thread(id, items.values(), **more)


def edit(t: Transcript, label: str, **changes: Any) -> Transcript:
    """The transcript with fields of one reply changed."""
    return replace(t, replies=tuple(replace(r, **changes) if r.label == label else r for r in t.replies))


def restream(t: Transcript, label: str, change: Callable[[list[Data]], Iterable[Data]]) -> Transcript:
    """The transcript with one reply's events changed."""
    old = [e.data or {} for e in t.reply(label).events]
    return edit(t, label, events=events_of(change(json.loads(json.dumps(old)))))


def recall(t: Transcript, change: Callable[[Call], Call | None]) -> Transcript:
    """The transcript with every request to the model changed, or left out where None comes back."""
    return replace(t, calls=tuple(c for old in t.calls if (c := change(old)) is not None))


def noted(t: Transcript, **notes: Any) -> Transcript:
    """The transcript with notes changed; None takes one away."""
    merged = {**t.notes, **{key.replace("__", "-"): value for key, value in notes.items()}}
    return replace(t, notes={key: value for key, value in merged.items() if value is not None})


def without(t: Transcript, label: str, *types: str) -> Transcript:
    """The transcript without one reply's events of these types."""
    return restream(t, label, lambda datas: [d for d in datas if d["type"] not in types])


def replaced(t: Transcript, label: str, old: str, new: str) -> Transcript:
    """The transcript with words of one reply's stream and body replaced."""
    r = t.reply(label)
    datas = json.loads(json.dumps([e.data for e in r.events]).replace(old, new))
    return edit(t, label, events=events_of(datas), body=json.loads(json.dumps(r.body).replace(old, new)))


def items_of(t: Transcript, label: str) -> list[Data]:
    """The items of one reload."""
    rows: list[Data] = t.reply(label).body["items"]["data"]
    return rows
