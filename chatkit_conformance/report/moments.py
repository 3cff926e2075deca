"""What happened in one reply, both sides of the server, as moments on one clock: the matter of a timeline picture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..stream.event_kinds import is_text, kind_of, shows_tool
from ..stream.model_chunks import has_words, tools_called
from ..stream.once import once
from ..stream.timing import TurnTimes, times_of
from ..transcript import Call, Event, Reply, Transcript
from .plain import compact, line

Kind = Literal["request", "event", "item", "tool", "answer", "error", "end"]

OF_ANYTHING = ("notice", "client_effect")
"""Events that may speak of anything: drawn as a tool at work only where they are the first sign of a call."""

UNNAMED = 4
"""The rank of a moment that gets a mark and no label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineMark:
    """One thing that happened, with the words for it. `rank` 0 is named first where there is room for few."""

    at: float
    kind: Kind
    label: str
    rank: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One request to the model, from its arrival to its last chunk; `open_ended` where neither end was seen."""

    start: float
    end: float
    label: str
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time that has a name and a target. `share` is the server's own part of it in seconds."""

    start: float
    end: float
    name: str
    criterion: str
    share: float | None = None

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTimeline:
    """One reply as moments of the browser's side and of the model's, each in order of time."""

    browser: tuple[TimelineMark, ...]
    model: tuple[TimelineMark, ...]
    deltas: tuple[float, ...]
    chunks: tuple[float, ...]
    bars: tuple[Bar, ...]
    spans: tuple[Span, ...]

    @property
    def start(self) -> float:
        """The moment at which the request was sent."""
        return self.browser[0].at

    @property
    def times(self) -> list[float]:
        """Every time that the picture must hold, in order."""
        ends = [edge for bar in self.bars for edge in (bar.start, bar.end)]
        return sorted([*(m.at for m in (*self.browser, *self.model)), *self.deltas, *self.chunks, *ends])


def timeline_of(transcript: Transcript, reply: Reply) -> ReplyTimeline:
    """What happened in that reply of that transcript."""
    calls = calls_of(transcript, reply)
    times = times_of(reply, calls)
    chunks = tuple(sent.at for call in calls for sent in call.sent)
    return ReplyTimeline(
        browser=tuple(sorted(_browser(reply, times), key=lambda m: m.at)),
        model=tuple(sorted((m for n, call in enumerate(calls) for m in _model(n, call)), key=lambda m: m.at)),
        deltas=tuple(event.at for event in reply.deltas if is_text(event)),
        chunks=chunks,
        bars=tuple(_bar(n, call, reply) for n, call in enumerate(calls)),
        spans=tuple(_spans(reply, times)),
    )


def calls_of(transcript: Transcript, reply: Reply) -> list[Call]:
    """The requests to the model that this reply caused: by the nonce in its request, else by the time it took.

    A request outside the conversation (a title) counts where it began before the reply's end.
    """
    sent_text = _sent_texts(transcript)
    sent = _sent_text(reply)
    own = {call.nonce for call in transcript.calls if call.nonce and call.nonce in sent}
    end = reply.ended_at if reply.ended_at is not None else transcript.ended_at
    others = " ".join(sent_text[id(other)] for other in transcript.replies if other is not reply)
    free = [call for call in transcript.calls if call.nonce in own or not call.nonce or call.nonce not in others]
    within = [c for c in free if reply.sent_at <= c.at <= max(end, reply.sent_at)]
    if not own:
        return within
    later = [r for r in transcript.replies if r.sent_at > reply.sent_at and r.streamed]
    nonces = {call.nonce for call in transcript.calls if call.nonce}
    # A retry has no nonce of its own, and asks with this one's.
    last = next((r.sent_at for r in later if not any(nonce in sent_text[id(r)] for nonce in nonces)), float("inf"))
    return [
        c for c in transcript.calls if c.nonce in own and reply.sent_at <= c.at < last and (not c.side or c in within)
    ]


@once
def _sent_texts(transcript: Transcript) -> dict[int, str]:
    """Each request as text, by the identity of its reply."""
    return {id(reply): _sent_text(reply) for reply in transcript.replies}


def _sent_text(reply: Reply) -> str:
    """The request as text, in which its nonce can be found."""
    return reply.request if isinstance(reply.request, str) else json.dumps(reply.request)


def tool_names(data: str) -> list[str]:
    """The names of the tools that this chunk of the model calls as they are drawn, [] for any other chunk."""
    return [line(name, 28) for name in tools_called(data)]


def _browser(reply: Reply, times: TurnTimes) -> Iterator[TimelineMark]:
    yield TimelineMark(at=reply.sent_at, kind="request", label=line(reply.type or "raw request", 30), rank=0)
    if reply.headers_at is not None and (not reply.accepted or not reply.events):
        bad = reply.status >= 400
        yield TimelineMark(at=reply.headers_at, kind="error" if bad else "event", label=f"HTTP {reply.status}", rank=0)
    if times.first_text_at is not None:
        yield TimelineMark(at=times.first_text_at, kind="answer", label="first token", rank=0)
    shown = False
    seen = {tool.seen_at for tool in times.tools}
    for event in reply.events:
        if event.problem:
            yield TimelineMark(at=event.at, kind="error", label="unreadable event", rank=0)
        elif shows_tool(event) and (event.type not in OF_ANYTHING or event.at in seen):
            yield TimelineMark(at=event.at, kind="tool", label=_tool_label(event), rank=1 if shown else 0)
            shown = True
        elif made := _event_moment(event):
            yield made
    if reply.ended_at is not None:
        words = {"closed": "closed", "cut": "cut off", "deadline": "deadline", "left": "the harness disconnected"}
        kind: Kind = "error" if reply.ended in ("cut", "deadline", "refused") else "end"
        yield TimelineMark(at=reply.ended_at, kind=kind, label=words.get(reply.ended, line(reply.ended, 20)), rank=0)


def _event_moment(event: Event) -> TimelineMark | None:
    """The moment for an event that is neither a delta nor a tool at work; None for one not worth a mark."""
    kind = str(event.item.get("type", ""))
    match event.type:
        case "thread.created":
            return TimelineMark(at=event.at, kind="event", label="thread created", rank=0)
        case "thread.item.done" if kind == "user_message":
            return TimelineMark(at=event.at, kind="item", label="user message", rank=1)
        case "thread.item.done" if kind == "assistant_message":
            return TimelineMark(at=event.at, kind="item", label="answer done", rank=1)
        case "thread.item.added" if kind == "assistant_message":
            return TimelineMark(at=event.at, kind="event", label="answer added", rank=UNNAMED)
        case "thread.item.added":
            return TimelineMark(at=event.at, kind="event", label=f"{line(kind, 20)} added".replace("_", " "), rank=3)
        case "thread.item.done" | "thread.item.replaced" | "thread.item.removed":
            return TimelineMark(
                at=event.at, kind="item", label=f"{line(kind, 20)} {event.type.rsplit('.', 1)[-1]}", rank=2
            )
        case "error":
            code = line((event.data or {}).get("code"), 24)
            return TimelineMark(at=event.at, kind="error", label=f"error {code}".strip(), rank=0)
        case "thread.updated" | "notice" | "client_effect":
            return TimelineMark(
                at=event.at, kind="event", label=event.type.replace("thread.updated", "thread updated"), rank=3
            )
    return None


def _tool_label(event: Event) -> str:
    if event.type == "progress_update":
        return line(f"progress “{(event.data or {}).get('text', '')}”", 28)
    kind = kind_of(event.data or {})
    words = kind if kind == event.type else f"{kind.split(' ', 1)[-1]} {event.type.rsplit('.', 1)[-1]}"
    return line(words.replace("_", " "), 28)


def _model(n: int, call: Call) -> Iterator[TimelineMark]:
    name = (
        "title asked" if call.side else f"request {n + 1}" + (f", attempt {call.attempt + 1}" if call.attempt else "")
    )
    yield TimelineMark(at=call.at, kind="request", label=name, rank=0)
    first, called = True, False
    for sent in call.sent:
        names = tool_names(sent.data)
        if names:
            called = True
            yield TimelineMark(at=sent.at, kind="tool", label=line("calls " + ", ".join(names), 30), rank=0)
        elif first and not call.side and has_words(sent.data):
            first = False
            yield TimelineMark(at=sent.at, kind="answer", label="first text", rank=2)
    if call.status >= 400:
        at = call.sent[0].at if call.sent else call.finished_at or call.at
        yield TimelineMark(at=at, kind="error", label=f"answers {call.status}", rank=0)
    if call.gone_at is not None:
        yield TimelineMark(at=call.gone_at, kind="error", label="server left", rank=0)
    elif call.finished_at is not None and call.status < 400:
        yield TimelineMark(at=call.finished_at, kind="end", label="answered", rank=UNNAMED if called else 2)


def _bar(n: int, call: Call, reply: Reply) -> Bar:
    seen = [call.at, *(sent.at for sent in call.sent), *(t for t in (call.finished_at, call.gone_at) if t is not None)]
    broken = call.status >= 400 or call.gone_at is not None or call.finished_at is None
    label = f"request {n + 1} to {line(call.model, 30) or 'no model'}, HTTP {call.status}, {len(call.sent)} chunks"
    return Bar(start=call.at, end=max(seen), label=label, broken=broken)


def _spans(reply: Reply, times: TurnTimes) -> Iterator[Span]:
    start = times.sent_at
    if times.thread_created_at is not None and reply.type == "threads.create":
        yield Span(start=start, end=times.thread_created_at, name="session", criterion="SC-009")
    if times.first_text_at is not None:
        end, share = times.first_text_at, times.own_share_s
        yield Span(start=start, end=end, name="first token", criterion="SC-001", share=share)
    shown = [(tool.called_at, tool.seen_at) for tool in times.tools if tool.seen_at is not None]
    for called, seen in shown[:1]:
        yield Span(start=called, end=seen, name="tool visible", criterion="SC-002")


def gist(event: Event, limit: int = 220) -> str:
    """An event on one line: its JSON, cut; for one that could not be read, what is wrong with it."""
    if event.problem:
        return line(f"{event.problem}: {event.raw}", limit)
    data = {k: v for k, v in (event.data or {}).items() if k != "type"}
    if event.update:
        rest = {k: v for k, v in event.update.items() if k != "type"}
        kind = ".".join(str(event.update.get("type", "?")).split(".")[-2:])
        return line(f"{kind} {compact(rest)} of {event.item_id}", limit)
    return line(compact(data), limit)
