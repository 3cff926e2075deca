"""What one conversation was: both sides of the server, on one clock.

A transcript is a frozen value. `replies` is the browser's side (what the harness asked the server and what came
back); `calls` is the model's side (what the server asked Gemini, as the stand-in's journal tells it). All times are
seconds of the machine's monotonic clock, which every process of one machine shares, so they compare across sides.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

JSON = Any
"""A value that came out of a JSON parser."""

Ended = Literal["closed", "cut", "deadline", "left", "refused", "unsent"]
"""How a reply ended: closed by the server; cut off (broken transfer); our deadline; we left; connection refused."""

NOT_KEPT = "the run keeps no more than"
"""In the trouble of a reply that was read no further since the run's own memory was used up."""

BODY_NOT_KEPT = "… (not kept: "
"""In the body of a call of which the run's memory kept the beginning."""
CUT = "cut_after_s"
"""Note of a transcript whose exchange was cut at its deadline: the seconds."""

HELD_UP = "held_up_s"
"""Note of a transcript: seconds for which the harness itself was held up by other programs, where they are many."""

STARVED = "starved_s"
"""Note of a transcript: seconds for which the started server was ready to run and got no processor, where many."""

LATE_S = 10.0
"""Seconds from which on an answer is itself late, where the end of the whole conversation cuts it."""

CUT_EARLY = "it was cut with its conversation, which had gone on for too long, after"
"""Begins the trouble of a reply that we cut although it was not late: nothing of it is held against the server."""

RESTARTS = "restarts"
"""Note of a transcript: when we stopped the server and started it again, rows of `from`, `to` (seconds) and `kill`."""


SHARED_TASKS = "shared_tasks"
"""Note of a transcript whose users have tasks of other conversations, too, by the page: `from`, the arguments with
which each read their list, by user, and `why`, what to do where it lacks a task."""

SAID_BEFORE = "said_before"
"""Note of a transcript: the marks of messages that its threads had before it."""

IN_WORDS = "in_words"
"""Note of a transcript: the model played no script, and was asked in words."""

STOPPED = "stopped"
"""Note of a transcript: labels of the turns that the server is to stop: a guardrail trips, an answer does not fit."""

UNASKED = "unasked"
"""Note of a transcript: labels of messages that were not sent, since no words bring about what they want."""

ASKED_AGAIN = "asked_again"
"""Note of a transcript: messages after which the model was asked again in plainer words, rows of `label`, `by` (the
label of that), `why`, and `failed`: whether it ended in an error, of which nobody can tell whose fault it was."""

NOT_SENT = "not_sent"
"""Note of a transcript that ends before a request which ends the server each time: why it was not sent."""

DIED = "died"
"""Note of a transcript under which the server ended by itself: rows of `at`, `how` it ended, what it `said` last and
`printed`, and the `request` and `reply` that were under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One server-sent event, or one that could not be read.

    Args:
        index: place in its reply, from 0.
        at: monotonic seconds at which its last byte was read.
        raw: the event's data lines, joined, as text.
        data: the parsed JSON object, or None where `problem` says why there is none.
        problem: what is wrong with the framing or the JSON, or None.
        oddity: what a browser ignores but a reader may want to know (an `event:` line, comments before it), or "".
    """

    index: int
    at: float
    raw: str
    data: dict[str, JSON] | None = None
    problem: str | None = None
    oddity: str = ""

    @property
    def type(self) -> str:
        """The event's `type`, or "" where it has none."""
        value = (self.data or {}).get("type")
        return value if isinstance(value, str) else ""

    @property
    def update(self) -> dict[str, JSON]:
        """The `update` object of a `thread.item.updated`, else {}."""
        value = (self.data or {}).get("update")
        return value if isinstance(value, dict) else {}

    @property
    def item(self) -> dict[str, JSON]:
        """The `item` object of added, done and replaced, else {}."""
        value = (self.data or {}).get("item")
        return value if isinstance(value, dict) else {}

    @property
    def item_id(self) -> str:
        """The id of the item that this event speaks of, or ""."""
        value = (self.data or {}).get("item_id", self.item.get("id"))
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Reply:
    """One HTTP request to the server and all that came back.

    Args:
        label: the exchange's name for it ("turn-1", "reload"): checks find replies by it.
        user: the user of the target file whose credentials were sent ("a", "b", "" for none).
        request: the JSON that was sent, or the raw text where it was not JSON.
        sent_at: monotonic seconds just before the request was written.
        status: HTTP status, or 0 where no answer came.
        headers: response headers, names in lower case.
        headers_at: when the response headers were read, or None.
        events: the stream's events; empty for a JSON answer.
        body: the parsed body of a JSON answer, or None.
        text: the body as text where it was neither a stream nor JSON (cut at 64 KiB).
        ended: see Ended.
        ended_at: when the reply ended, or None.
        trouble: what went wrong on the wire, in words with the values, or None.
        raw: whether it was sent byte by byte, or by another method, as no client of ChatKit's sends it.
    """

    label: str
    user: str = "a"
    request: JSON = None
    sent_at: float = 0.0
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    headers_at: float | None = None
    events: tuple[Event, ...] = ()
    body: JSON = None
    text: str = ""
    ended: Ended = "closed"
    ended_at: float | None = None
    trouble: str | None = None
    raw: bool = False

    @property
    def type(self) -> str:
        """The ChatKit request type that was sent, or ""."""
        value = self.request.get("type") if isinstance(self.request, dict) else None
        return value if isinstance(value, str) else ""

    @property
    def params(self) -> dict[str, JSON]:
        """The request's `params`, or {}."""
        value = self.request.get("params") if isinstance(self.request, dict) else None
        return value if isinstance(value, dict) else {}

    @property
    def accepted(self) -> bool:
        """Whether the request was taken: a status from 200 to 299 (RFC 9110 section 15.3)."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the request was refused as the client's fault: a status from 400 to 499 (RFC 9110 section 15.5)."""
        return 400 <= self.status < 500

    @property
    def streamed(self) -> bool:
        """Whether the answer came as an event stream."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower() == "text/event-stream"

    def of(self, *types: str) -> tuple[Event, ...]:
        """The events of these types, in order."""
        known = _by_type(self)
        if len(types) == 1:
            return known.get(types[0], ())
        found = [event for type in dict.fromkeys(types) for event in known.get(type, ())]
        return tuple(sorted(found, key=lambda event: event.index))

    def updates(self, *types: str) -> tuple[Event, ...]:
        """The `thread.item.updated` events whose update is of these types, in order."""
        return tuple(event for event in self.of("thread.item.updated") if event.update.get("type") in types)

    @property
    def deltas(self) -> tuple[Event, ...]:
        """The assistant's text deltas, in order."""
        return self.updates("assistant_message.content_part.text_delta")

    def items_done(self, *types: str) -> tuple[Event, ...]:
        """The `thread.item.done` events, or only those whose item is of these types."""
        return tuple(e for e in self.of("thread.item.done") if not types or e.item.get("type") in types)

    @property
    def errors(self) -> tuple[Event, ...]:
        """The `error` events of the stream."""
        return self.of("error")

    @property
    def errored(self) -> bool:
        """Whether it ended as it does where the server or its model failed: an error, HTTP 5xx, or our deadline."""
        return bool(self.errors) or self.status >= 500 or self.ended == "deadline"

    @property
    def thread_id(self) -> str:
        """The thread this reply is about: from `thread.created`, else from the request, else ""."""
        for event in self.of("thread.created", "thread.updated"):
            thread = (event.data or {}).get("thread")
            if isinstance(thread, dict) and isinstance(thread.get("id"), str):
                return str(thread["id"])
        value = self.params.get("thread_id")
        return value if isinstance(value, str) else ""


_BY_TYPE: dict[int, tuple[weakref.ref[Reply], dict[str, tuple[Event, ...]]]] = {}
"""The events of replies by their type, for as long as the reply lives: hundreds of checks ask for them."""


def _by_type(reply: Reply) -> dict[str, tuple[Event, ...]]:
    key = id(reply)
    kept = _BY_TYPE.get(key)
    if kept is not None and kept[0]() is reply:
        return kept[1]
    rows: dict[str, list[Event]] = {}
    for event in reply.events:
        rows.setdefault(event.type, []).append(event)
    made = {type: tuple(events) for type, events in rows.items()}
    _BY_TYPE[key] = (weakref.ref(reply, lambda _: _BY_TYPE.pop(key, None)), made)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One chunk that the stand-in wrote: when (monotonic seconds), and the data line's text."""

    at: float
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that the server made of the model, from the stand-in's journal.

    Args:
        n: place in the stand-in's whole journal, from 0.
        nonce: the nonce found in its last user message, or "".
        position: how many tool-call rounds came after the last user message: 0 for a turn's first request.
        attempt: how often this nonce and position were asked before (a retry of ours is 1, 2, ...).
        side: whether it was a request outside the conversation (a title, a guard's judgement).
        title: whether it was one for a title or a summary.
        matched: whether a script answered it.
        at: when its body was read. `headers_at`: unused by checks.
        path: the path asked for.
        headers: request headers, names in lower case, credentials replaced by a short fingerprint.
        body: the parsed request body.
        status: what was answered.
        profile: the dialect in which it was answered.
        sent: the chunks written, with their times; one for an answer that is not a stream.
        finished_at: when the answer was written whole, or None.
        gone_at: when the server went away before the answer was whole, or None.
        complaints: what Gemini would refuse or ignore in this request, in Gemini's own words.
        fault: the kind of fault that its answer met, or "".
        fault_at: when the fault set in, or None where the server went away before it did.
    """

    n: int
    nonce: str = ""
    position: int = 0
    attempt: int = 0
    side: bool = False
    title: bool = False
    matched: bool = True
    at: float = 0.0
    method: str = "POST"
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: JSON = None
    status: int = 200
    profile: str = ""
    sent: tuple[Sent, ...] = ()
    finished_at: float | None = None
    gone_at: float | None = None
    complaints: tuple[str, ...] = ()
    fault: str = ""
    fault_at: float | None = None

    @property
    def unread(self) -> bool:
        """Whether what was asked for is not known: no body came, or the server went away before all of it had."""
        cut = self.gone_at is not None or self.finished_at is None
        return not self.body or (cut and not isinstance(self.body, dict))

    @property
    def fields(self) -> dict[str, JSON]:
        """The fields of the request, none where its body is no object."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def model(self) -> str:
        """The model asked for, or ""."""
        value = self.fields.get("model")
        return value if isinstance(value, str) else ""

    @property
    def messages(self) -> list[dict[str, JSON]]:
        """The messages sent to the model, those that are objects."""
        value = self.fields.get("messages")
        return [m for m in value if isinstance(m, dict)] if isinstance(value, list) else []

    @property
    def tools(self) -> list[dict[str, JSON]]:
        """The function objects of the tools that the server declared."""
        value = self.fields.get("tools")
        tools = value if isinstance(value, list) else []
        return [t["function"] for t in tools if isinstance(t, dict) and isinstance(t.get("function"), dict)]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Transcript:
    """One exchange, whole: what was asked, what came back, what the model was sent.

    Args:
        exchange: the exchange's name. dialect: the stand-in's profile it ran in ("gemini-3", "gemini-2.5").
        replies: the browser's side, in the order in which they were sent.
        calls: the model's side, in order of arrival; only those with a nonce of this exchange.
        notes: facts the exchange wrote down for its checks (ids, expected texts, deadlines).
        untestable: why the exchange could not be held, or None. A check of it is then untestable, never passed.
        started_at, ended_at: monotonic seconds.
    """

    exchange: str
    dialect: str = ""
    replies: tuple[Reply, ...] = ()
    calls: tuple[Call, ...] = ()
    notes: Mapping[str, JSON] = field(default_factory=dict)
    untestable: str | None = None
    started_at: float = 0.0
    ended_at: float = 0.0

    def reply(self, label: str) -> Reply:
        """The first reply with this label. Raises KeyError with the labels there are."""
        for reply in self.replies:
            if reply.label == label:
                return reply
        raise KeyError(f"no reply {label!r} in {self.exchange}: there are {[r.label for r in self.replies]}")

    def turns(self) -> Iterator[Reply]:
        """The replies to streaming requests that the server answered with a stream."""
        return (reply for reply in self.replies if reply.streamed)

    def to_json(self) -> dict[str, JSON]:
        """The transcript as plain JSON values, which it shares: they are not to be changed."""
        replies = [{**_fields(r), "events": [_fields(event) for event in r.events]} for r in self.replies]
        calls = [{**_fields(c), "sent": [_fields(sent) for sent in c.sent]} for c in self.calls]
        return {**_fields(self), "replies": replies, "calls": calls}

    @classmethod
    def from_json(cls, value: Mapping[str, JSON]) -> Transcript:
        """The transcript that `to_json` made. Raises TypeError or KeyError where it is not one."""
        replies = tuple(
            Reply(**{**r, "events": tuple(Event(**e) for e in r.get("events", ()))}) for r in value.get("replies", ())
        )
        calls = tuple(
            Call(
                **{
                    **c,
                    "sent": tuple(Sent(**s) for s in c.get("sent", ())),
                    "complaints": tuple(c.get("complaints", ())),
                }
            )
            for c in value.get("calls", ())
        )
        return replace(cls(**{**value, "replies": (), "calls": ()}), replies=replies, calls=calls)


def _fields(value: Any) -> dict[str, JSON]:
    """The fields of a frozen value by name. `dataclasses.asdict` copies all that is in them: seconds in a whole run."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def pieces(transcript: Transcript) -> Iterator[str]:
    """The transcript as JSON, a reply or a call at a time (lone surrogates kept as escapes)."""
    value = transcript.to_json()
    rows = {name: value.pop(name) for name in ("replies", "calls")}
    yield json.dumps(value)[:-1]
    for name, parts in rows.items():
        yield f', "{name}": ['
        for n, part in enumerate(parts):
            yield (", " if n else "") + json.dumps(part)
        yield "]"
    yield "}"
