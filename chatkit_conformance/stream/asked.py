"""What was asked, request by request, and whether a right client would have asked it there.

A right server refuses what is out of place, and may do so by breaking off: the SDK's own server finds out too late,
and its stream ends without a word. So the ends of such answers are judged by nobody, or by a check of their own.

    for asked in asked_in(t):
        if not asked.wrong: ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..transcript import ASKED_AGAIN, CUT_EARLY, DIED, JSON, NOT_SENT, RESTARTS, Reply, Transcript
from ..wire.schema import problems_of_request, streaming_types
from .once import once
from .sizes import refused_for_size

NONCE = re.compile(r"\bzq[0-9a-z]{10}\b")
"""What a message of ours carries so that the model's side finds its script."""

LARGEST_PAGE = 1000
"""Rows that a client asks for at most in one page; the SDK's own asks for 20 (server.py L97)."""

SAYS = ("threads.create", "threads.add_user_message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request in its place.

    Args:
        reply: what came back. n: its place in the transcript, from 0.
        thread_id: the thread it is about, or "".
        wrong: why no right client would send it there and then, or "".
        overlaps: whether another stream of the same thread was open at the same time.
    """

    reply: Reply
    n: int
    thread_id: str
    wrong: str = ""
    overlaps: bool = False

    @property
    def says(self) -> bool:
        """Whether it carries a message of the user's."""
        return self.reply.type in SAYS

    @property
    def message(self) -> Mapping[str, JSON]:
        """The message that it carries, or {}."""
        value = self.reply.params.get("input") if self.says else None
        return value if isinstance(value, dict) else {}

    @property
    def files(self) -> tuple[str, ...]:
        """The ids of the files that the message carries."""
        ids = self.message.get("attachments")
        return tuple(map(str, ids)) if isinstance(ids, list) else ()

    @property
    def text(self) -> str:
        """The words of the message: its texts and tags as one text, in their order."""
        content = self.message.get("content")
        parts = content if isinstance(content, list) else []
        return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))

    @property
    def nonce(self) -> str:
        """The nonce in the message, or ""."""
        found = NONCE.search(self.text) if self.says else None
        return found.group() if found else ""


@once
def asked_in(t: Transcript) -> tuple[Asked, ...]:
    """Every request of a transcript, in the order sent."""
    known = _Known()
    hindering = [*_noted(t, RESTARTS), *_noted(t, DIED)]
    made = [_asked(known, r, n, hindering) for n, r in enumerate(t.replies)]
    again = _failed_once(t)
    made = [replace(a, wrong=why) if not a.wrong and (why := _excused(a.reply, again)) else a for a in made]
    if NOT_SENT in t.notes:
        made = [replace(a, wrong=a.wrong or "its conversation ended") if a.reply.ended == "left" else a for a in made]
    streams: dict[str, list[Asked]] = {}
    for asked in made:
        if asked.thread_id and asked.reply.type in streaming_types():
            streams.setdefault(asked.thread_id, []).append(asked)
    beside = {n for those in streams.values() for n in _overlapping(those)}
    gone = {
        asked.n
        for deleted in (a for a in made if a.reply.type == "threads.delete" and not a.wrong)
        for asked in streams.get(deleted.thread_id, ())
        if asked.n < deleted.n and still_open(asked.reply, deleted.reply)
    }
    return tuple(
        replace(
            asked,
            overlaps=asked.n in beside,
            wrong="its thread was deleted meanwhile" if asked.n in gone else asked.wrong,
        )
        for asked in made
    )


def _overlapping(those: list[Asked]) -> Iterator[int]:
    """The places of the streams of one thread that were open beside another."""
    open_ones: list[Asked] = []
    for asked in those:
        open_ones = [other for other in open_ones if still_open(other.reply, asked.reply)]
        if open_ones:
            yield asked.n
            yield from (other.n for other in open_ones)
        open_ones.append(asked)


def in_place(t: Transcript) -> Iterator[Asked]:
    """The requests that a right client would have sent there and then."""
    return (asked for asked in asked_in(t) if not asked.wrong)


@dataclass(slots=True)
class _Thread:
    """What the client knows of a thread."""

    owner: str
    types: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, JSON] = field(default_factory=dict)
    pending: str = ""
    status: str = "active"
    deleted: Reply | None = None


@dataclass(slots=True)
class _Known:
    """What the client knows of the server."""

    threads: dict[str, _Thread] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    cursors: dict[tuple[str, str, JSON], float] = field(default_factory=dict)
    """By user and list: what a page named, and when. An item of one thread is no place in another."""
    said: set[tuple[str, str]] = field(default_factory=set)


def _asked(known: _Known, r: Reply, n: int, hindering: list[dict[str, JSON]]) -> Asked:
    thread = known.threads.get(r.thread_id)
    wrong = _wrong(known, thread, r) or _hindered(r, hindering) or _moved(known, r) or _forgotten(known, r, hindering)
    _learn(known, r, wrong)
    return Asked(reply=r, n=n, thread_id=r.thread_id, wrong=wrong)


def still_open(earlier: Reply, later: Reply) -> bool:
    """Whether the earlier request's answer had not ended when the later one was sent."""
    return earlier.ended_at is not None and later.sent_at > 0 and earlier.ended_at > later.sent_at


def _wrong(known: _Known, thread: _Thread | None, r: Reply) -> str:
    """Why no right client would send it, or ""."""
    if r.raw:
        return "it was sent as no client sends it"
    if not r.user:
        return "it carries no user's credentials"
    if r.request is None or (isinstance(r.request, dict) and set(r.request) == {"type"}):
        return ""  # a recording of one stream alone: nothing is known of what was asked
    if not r.type or (problems := [p for p in problems_of_request(r.request) if p.level == "MUST"]):
        return f"it is no request of ChatKit's{f' ({problems[0]})' if r.type else ''}"
    if isinstance(limit := r.params.get("limit"), int) and not 1 <= limit <= LARGEST_PAGE:
        return f"it asks for a page of {limit}"
    if too_much := refused_for_size(r):
        return too_much
    if (cursor := r.params.get("after")) is not None and (r.user, _list_of(r), cursor) not in known.cursors:
        return f"no page of this list of user {r.user}'s named the cursor {cursor!r}"
    if "thread_id" in r.params and (wrong := _wrong_thread(thread, r)):
        return wrong
    return _wrong_message(known, r) or (_wrong_item(thread, r) if thread is not None else "")


def _list_of(r: Reply) -> str:
    """What a request reads pages of: the id of a thread, or "" for the user's threads."""
    return "" if r.type == "threads.list" else r.thread_id


def _wrong_thread(thread: _Thread | None, r: Reply) -> str:
    if thread is None:
        return "" if _shows(r) else f"nothing is known of thread {r.thread_id!r}"
    if thread.owner != r.user:
        return f"thread {r.thread_id!r} is another user's"
    if thread.deleted is not None:
        return f"thread {r.thread_id!r} was deleted before"
    if thread.status != "active" and r.type in streaming_types():
        return f"thread {r.thread_id!r} is {thread.status}"
    return ""


def _wrong_message(known: _Known, r: Reply) -> str:
    """What a right server may refuse in a message: a file that it was never given, a model that is not Gemini's."""
    message = r.params.get("input") if r.type in SAYS else None
    if not isinstance(message, dict):
        return ""
    if r.refused and (r.thread_id, str(message)) in known.said:
        return "it is a message that was sent before, and a server may take it once"
    for id in message.get("attachments") or ():
        if known.files.get(str(id)) != r.user:
            return f"attachment {id!r} is none of the user's"
    options = message.get("inference_options")
    model = options.get("model") if isinstance(options, dict) else None
    if model and not str(model).removeprefix("models/").startswith("gemini-"):
        return f"model {model!r} is none of Gemini's"
    return ""


def _wrong_item(thread: _Thread, r: Reply) -> str:
    id = r.params.get("item_id")
    kind = thread.types.get(str(id), "")
    match r.type:
        case "threads.retry_after_item" if kind != "user_message":
            return f"{id!r} is no message of the user's in this thread"
        case "threads.add_structured_input" if kind != "structured_input":
            return f"{id!r} asks nothing in this thread"
        case "threads.add_client_tool_output" if not thread.pending:
            return "no call of a client tool is pending in this thread"
        case "items.feedback" if strange := [one for one in r.params["item_ids"] if not thread.types.get(str(one))]:
            return f"{strange[0]!r} is no item of this thread"
        case "items.feedback" if r.refused and (said := _said_by_user(thread, r)):
            return f"{said[0]!r} is the user's own message, which the server takes no feedback on"
        case "threads.custom_action" | "threads.sync_custom_action":
            action = r.params.get("action")
            if not _has(thread.widgets.get(str(id)), action):
                return f"no widget of this thread offers the action {action!r}"
    return ""


def _said_by_user(thread: _Thread, r: Reply) -> list[JSON]:
    """The items of a feedback that are the user's own messages: a page has no thumbs beside them."""
    return [one for one in r.params["item_ids"] if thread.types.get(str(one)) == "user_message"]


def _has(widget: JSON, action: JSON) -> bool:
    """Whether an action stands somewhere in a widget, with its payload."""
    wanted = (action.get("type"), action.get("payload")) if isinstance(action, dict) else None
    waiting = [widget]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if wanted == (node.get("type"), node.get("payload")):
                return True
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return False


NEAR_S = 1.0
"""Seconds before the end of the server was seen in which what it was answering broke off."""


def _hindered(r: Reply, rows: list[dict[str, JSON]]) -> str:
    """Whether the server was stopped by us, or ended by itself, while it answered."""
    ended = r.ended_at or r.sent_at
    for row in rows:
        if "at" in row and r.ended != "closed" and ended >= row["at"] - NEAR_S:
            return f"the server {row.get('how', 'ended')} meanwhile"
        if "from" in row and r.sent_at <= row.get("to", 0.0) and ended >= row["from"]:
            return "the server was stopped by us meanwhile"
    return ""


def _moved(known: _Known, r: Reply) -> str:
    """Whether a list was refused that goes on at a thread of another conversation, which may have deleted it since."""
    after = r.params.get("after") if r.type == "threads.list" and r.refused else None
    thread = known.threads.get(str(after))
    gone = after is not None and (thread is None or thread.deleted is not None)
    return f"thread {after!r} is none of this conversation's, and may be gone" if gone else ""


def _forgotten(known: _Known, r: Reply, rows: list[dict[str, JSON]]) -> str:
    """Whether a page was refused whose cursor an earlier process has named."""
    named = known.cursors.get((r.user, _list_of(r), r.params.get("after"))) if r.refused else None
    since = named is not None and any(named <= row.get("from", 0.0) <= r.sent_at for row in rows)
    return "the server was restarted since it named the cursor" if since else ""


def _noted(t: Transcript, note: str) -> list[dict[str, JSON]]:
    rows = t.notes.get(note)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _excused(r: Reply, failed_once: set[JSON]) -> str:
    """Why an answer says nothing: we cut it with its conversation, or it failed and a model unseen was asked again."""
    if r.label in failed_once:
        return "it had no answer, which a model that cannot be seen may be to blame for, and it was asked again"
    return r.trouble if r.trouble and r.trouble.startswith(CUT_EARLY) else ""


def _failed_once(t: Transcript) -> set[JSON]:
    """The labels of messages without an answer that were sent once more, as a model unseen was asked again."""
    rows = t.notes.get(ASKED_AGAIN)
    return {row.get("label") for row in rows if row.get("failed")} if isinstance(rows, list | tuple) else set()


def _shows(r: Reply) -> bool:
    """Whether an answer shows anything of its thread: a recording may begin in the middle of a conversation."""
    return bool(r.of("thread.item.done", "thread.item.added")) or (r.accepted and isinstance(r.body, dict))


def _learn(known: _Known, r: Reply, wrong: str) -> None:
    """What the answer tells the client."""
    taken = r.accepted
    body = r.body if isinstance(r.body, dict) else {}
    if taken and r.type == "attachments.create" and isinstance(body.get("id"), str):
        known.files[body["id"]] = r.user
    if taken and r.type in SAYS:
        known.said.add((r.thread_id, str(r.params.get("input"))))
    if taken and r.type == "attachments.delete":
        known.files.pop(str(r.params.get("attachment_id")), None)
    if taken and r.type == "threads.list":
        for row in _rows(body):
            _note_status(known.threads.get(str(row.get("id"))), row)
    for page in (body, body.get("items")):
        if isinstance(page, dict) and isinstance(page.get("after"), str):
            known.cursors[r.user, _list_of(r), page["after"]] = r.ended_at or r.sent_at
    if not r.thread_id or not taken:
        return
    if (thread := known.threads.get(r.thread_id)) is None:
        if not _shows(r) and not r.of("thread.created"):
            return
        thread = known.threads[r.thread_id] = _Thread(owner=r.user)
    if r.type == "threads.delete" and not wrong:
        thread.deleted = r
    for shown in _values(r, body):
        _note(thread, shown, in_order=r.type != "items.list")
    if r.type == "threads.add_client_tool_output" and not wrong and not r.errors:
        thread.pending = ""


def _rows(page: Mapping[str, JSON]) -> list[dict[str, Any]]:
    data = page.get("data")
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def _values(r: Reply, body: Mapping[str, JSON]) -> Iterator[Mapping[str, JSON]]:
    """The threads and items that an answer shows, in their order; an item taken away as {id, type: ""}."""
    for e in r.events:
        thread = (e.data or {}).get("thread")
        if isinstance(thread, dict):
            yield thread
        if e.item:
            yield e.item
        if e.type == "thread.item.removed":
            yield {"id": e.item_id, "type": ""}
        if isinstance(widget := e.update.get("widget"), dict):
            yield {"id": e.item_id, "type": "widget", "widget": widget}
    if r.type in ("threads.get_by_id", "threads.update"):
        yield body
        items = body.get("items")
        yield from _rows(items) if isinstance(items, dict) else ()
    if r.type == "items.list":
        yield from _rows(body)
    if isinstance(updated := body.get("updated_item"), dict):
        yield updated


def _note(thread: _Thread, shown: Mapping[str, JSON], *, in_order: bool) -> None:
    id, kind = str(shown.get("id")), shown.get("type")
    if not isinstance(kind, str):
        _note_status(thread, shown)
        return
    new = in_order and id not in thread.types
    thread.types[id] = kind
    if kind == "widget":
        thread.widgets[id] = shown.get("widget")
    waits = kind == "client_tool_call" and shown.get("status", "pending") == "pending"
    if kind == "client_tool_call" and (new or (thread.pending == id and not waits)):
        thread.pending = id if waits else ""
    elif kind == "user_message" and new:  # a page of a longer thread shows the older ones, behind which it waits
        thread.pending = ""


def _note_status(thread: _Thread | None, shown: Mapping[str, JSON]) -> None:
    status = shown.get("status")
    if thread is not None and isinstance(status, dict) and isinstance(status.get("type"), str):
        thread.status = status["type"]
