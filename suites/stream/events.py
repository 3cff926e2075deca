"""Each event by itself, and the transfer that carries them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Level, Untestable, check
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.stream.once import once
from chatkit_conformance.stream.received import texts_in
from chatkit_conformance.stream.recognized import misplaced
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import JSON, Event, Reply, Transcript
from chatkit_conformance.wire.schema import Problem, known, problems_of_event

from ..clauses import HTTP_CUT, SSE, types
from ..evidence import STREAMING, answered, replies, shorten, turns

HIDDEN = ("hidden_context_item", "sdk_hidden_context")


@check(
    "stream.content-type",
    level=MUST,
    clause=SSE + "a stream has the MIME type text/event-stream; types.py L304-312 name the requests that stream",
    cause="The endpoint returned JSON or an error where the client expects a stream, or set no media type.",
    fix='Return StreamingResponse(result, media_type="text/event-stream") when process() gave a StreamingResult.',
)
def content_type(t: Transcript) -> Findings:
    """A streaming request that is accepted is answered with content type text/event-stream."""
    made = [a.reply for a in in_place(t) if a.reply.type in STREAMING and a.reply.accepted]
    if not made:
        raise Untestable(f"No streaming request of {t.exchange} was accepted.")
    for r in made:
        if not r.streamed:
            kind = r.headers.get("content-type", "none")
            yield Finding(expected="content-type text/event-stream", got=f"content-type {kind}", reply=r.label)


@check(
    "stream.frames-readable",
    level=MUST,
    clause=SSE + "9.2.6 parsing: each event is `data:` lines and a blank line; ChatKit puts one JSON object in each",
    cause="Something else is written into the stream (a log line, a traceback, [DONE]), or JSON is split over lines.",
    fix=r'Write each event as "data: " + one line of JSON + "\n\n", and nothing else but comment lines.',
)
def frames_readable(t: Transcript) -> Findings:
    """The data of every event is one JSON object."""
    for r in turns(t):
        for e in r.events:
            if e.problem or e.data is None:
                got = f"{e.problem or 'no object'}: {shorten(e.raw)}"
                yield Finding(expected="one JSON object in the event's data", got=got, reply=r.label, event=e.index)


@check(
    "stream.events-valid",
    level=MUST,
    clause=types("354-597") + ": the event types, item types and update types, and the fields of each",
    cause="The event was built by hand, or dumped with other options than the SDK's (by_alias, exclude_none).",
    fix="Build events with the classes of chatkit.types, or compare the field named here with that class.",
)
def events_valid(t: Transcript) -> Findings:
    """Every event matches the schema for its type, and an update comes inside thread.item.updated."""
    yield from _of_level(t, MUST)
    for r in t.turns():
        for e in r.events:
            if e.type in known("ThreadItemUpdate"):
                got = f"{e.type} as an event of its own, which no client reads"
                yield Finding(expected=misplaced(e.data or {}), got=got, reply=r.label, event=e.index)


@once
def _problems(t: Transcript) -> tuple[tuple[str, Event, Problem], ...]:
    return tuple(
        (r.label, e, problem)
        for r in t.turns()
        for e in r.events
        if e.data is not None
        for problem in problems_of_event(e.data)
    )


def _of_level(t: Transcript, level: Level) -> Findings:
    turns(t)
    for label, e, problem in _problems(t):
        if problem.level == level:
            expected = f"{e.type or 'event'}: {problem.belongs}"
            yield Finding(expected=expected, got=problem.got, reply=label, event=e.index)


@check(
    "stream.events-match-sdk",
    level=SHOULD,
    clause=types("354-597") + ": what the SDK's own server sends, which the released client was made for",
    cause="The event was built by hand: a field that the SDK always sends is missing, or one is null.",
    fix="Build events with the classes of chatkit.types and dump them as ChatKitServer does (exclude_none, by_alias).",
)
def events_match_sdk(t: Transcript) -> Findings:
    """Every event has the fields that the SDK's own server would send, optional fields and defaults included."""
    yield from _of_level(t, SHOULD)


def _streams(t: Transcript) -> list[Reply]:
    """The streams of requests that were in place. Raises Untestable where there is none."""
    made = [a.reply for a in in_place(t) if a.reply.streamed]
    if not made:
        raise Untestable(f"No request of {t.exchange} that was in place was answered with a stream.")
    return made


@check(
    "stream.ends-closed",
    level=MUST,
    clause=HTTP_CUT + "; ChatKit's stream ends by closing",
    cause="An exception escaped from the generator after the headers were sent, or the stream was never ended.",
    fix="Catch what respond() can raise and yield an `error` event instead; return from the generator when done.",
    criteria=("SC-008",),
)
def ends_closed(t: Transcript) -> Findings:
    """The server closes every stream, complete and in time."""
    slow = {turn.asked.reply.label for turn in turns_in(t) if turn.slow}
    for r in _streams(t):
        if r.ended in ("cut", "deadline") and r.label not in slow:
            got = f"{r.ended} after {len(r.events)} events: {r.trouble or 'no reason seen'}"
            last = r.events[-1].index if r.events else None
            yield Finding(expected="the stream ended by the server", got=got, reply=r.label, event=last)


@check(
    "stream.not-empty",
    level=MUST,
    clause=types("304-312") + "; a turn yields at least an item, an error or a notice",
    cause="The handler returned before it yielded anything, or swallowed an exception.",
    fix="Let respond() yield the answer's events, and an `error` event where it cannot answer.",
)
def not_empty(t: Transcript) -> Findings:
    """No stream ends without a single event."""
    for r in _streams(t):
        if not r.events and r.ended == "closed":
            yield Finding(expected="at least one event", got=f"none: {answered(r)}", reply=r.label)


@check(
    "stream.no-hidden-items",
    level=MUST,
    clause=types("778-795") + ": hidden context is never sent to the client",
    cause="Items are serialized straight from the store, without the SDK's filter.",
    fix="Leave out items of type hidden_context_item and sdk_hidden_context in every event, page and thread.",
)
def no_hidden_items(t: Transcript) -> Findings:
    """Hidden context items never reach the client, in any event or response."""
    answered_ones = replies(t)
    for r in () if frozenset(HIDDEN).isdisjoint(texts_in(t)) else answered_ones:
        for value, event in [*((e.data, e.index) for e in r.events), (r.body, None)]:
            for item in _hidden(value):
                got = f"item {item.get('id')} of type {item['type']}: {shorten(item.get('content'))}"
                yield Finding(expected="no hidden item", got=got, reply=r.label, event=event)


def _hidden(value: JSON) -> Iterator[dict[str, JSON]]:
    """The hidden items anywhere in a value."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("type") in HIDDEN:
                yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


@check(
    "stream.not-cacheable",
    level=SHOULD,
    clause="RFC 9111 section 5.2.2.4/5: an answer for one user is kept out of shared caches; ChatKit answers are POSTs",
    cause="A cache header meant for static files is set on every response.",
    fix="Send Cache-Control: no-cache (or no-store) with streams, and never public or a max-age.",
)
def not_cacheable(t: Transcript) -> Findings:
    """A stream is not marked as publicly cacheable."""
    for r in turns(t):
        control = r.headers.get("cache-control", "").lower()
        if "public" in control or "s-maxage" in control:
            yield Finding(
                expected="no public caching of a user's stream", got=f"cache-control: {control}", reply=r.label
            )


_NAMED = re.compile(r"field 'event: ?(?!message')")
"""A field `event` that names the event otherwise than the standard does where it has no name."""


@check(
    "stream.no-event-names",
    level=SHOULD,
    clause=SSE
    + "9.2.6: an `event:` field sends the event to listeners of that name, not to `message`; ChatKit has none",
    cause="A library for server-sent events names each event after its type.",
    fix="Write only `data:` lines: the type is in the JSON.",
)
def no_event_names(t: Transcript) -> Findings:
    """Events carry no `event:` line, or one with the name that every event has."""
    for r in turns(t):
        for e in r.events:
            if _NAMED.search(e.oddity):
                yield Finding(expected="no `event:` line", got=e.oddity, reply=r.label, event=e.index)


@check(
    "stream.charset",
    level=SHOULD,
    clause=SSE + "9.2.4: text/event-stream is always UTF-8; the only charset that may be named is utf-8",
    cause="The framework appends its default charset to the media type.",
    fix="Send text/event-stream alone, or with charset=utf-8.",
)
def charset(t: Transcript) -> Findings:
    """A stream that names a charset names utf-8."""
    for r in turns(t):
        _, _, parameters = r.headers.get("content-type", "").lower().partition(";")
        if "charset" in parameters and "utf-8" not in parameters:
            yield Finding(expected="charset=utf-8", got=r.headers["content-type"], reply=r.label)
