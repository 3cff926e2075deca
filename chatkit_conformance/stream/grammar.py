"""Is this stream in order? One pure function reads the tables of `grammar_tables` and names each breach.

for breach in judge_stream(reply.events, reply.request, ended=reply.ended, trouble=reply.trouble):
    print(breach.level, breach.rule, breach.index, breach.expected, breach.got)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..check import Level
from ..transcript import JSON, Ended, Event, Reply
from ..wire.sse import shorten
from .parts import Parts, judge_update
from .reload import View
from .tables import (
    ANSWERS,
    EVENTS,
    FITS,
    LIFE,
    RULES,
    START,
    TURN,
    Rule,
)

__all__ = ["FITS", "LIFE", "RULES", "TURN", "Breach", "Rule", "judge_reply", "judge_stream"]

SPEAKS = ("notice", "client_effect", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One breach of one rule.

    Args:
        rule: its name in RULES. index: the event that breaks it, or None where it is about the stream as a whole.
        expected, got: short sentences with the values in them.
    """

    rule: str
    index: int | None
    expected: str
    got: str

    @property
    def level(self) -> Level:
        """MUST or SHOULD, as the rule says."""
        return RULES[self.rule].level


@dataclass(slots=True)
class _Item:
    state: str
    type: str
    parts: Parts | None = None


@dataclass(slots=True)
class _Stream:
    """Where a stream is, while it is read."""

    turn: str
    thread_id: str = ""
    created: bool = False
    items: dict[str, _Item] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    spoke: bool = False
    greetings: list[Breach] = field(default_factory=list)


def judge_reply(reply: Reply, before: View | None = None) -> list[Breach]:
    """The breaches in a reply's stream. See `judge_stream`."""
    return judge_stream(reply.events, reply.request, ended=reply.ended, trouble=reply.trouble, before=before)


def judge_stream(
    events: Sequence[Event],
    request: JSON = None,
    *,
    ended: Ended = "closed",
    trouble: str | None = None,
    before: View | None = None,
) -> list[Breach]:
    """Every breach of the grammar in one stream, in the order of its events.

    Args:
        events: the stream's events, broken ones included.
        request: the ChatKit request that it answers; None where that is not known (then nothing of it is presumed).
        ended, trouble: how the transfer ended. A stream that we left is not judged by its end.
        before: what the client showed before it. Without it, an item that is not in the stream may be from
            an earlier turn, and its updates are given the benefit of the doubt (messages excepted).
    """
    asked = request if isinstance(request, dict) else {}
    kind = str(asked.get("type", ""))
    params = asked.get("params")
    thread_id = params.get("thread_id") if isinstance(params, dict) else None
    stream = _Stream(
        turn=START.get(kind, "answering"), thread_id=thread_id if isinstance(thread_id, str) else "", created=not kind
    )
    for item in before.items if before else ():
        stream.items[str(item.get("id"))] = _Item("known", str(item.get("type")), Parts.of(item))
    fresh = before is not None or kind == "threads.create"
    breaches = [breach for event in events for breach in _event(stream, event, kind, fresh)]
    return [*breaches, *_end(stream, events, kind, ended, trouble)]


def _event(stream: _Stream, event: Event, kind: str, fresh: bool) -> Iterator[Breach]:
    if event.problem or not event.type:
        yield _breach("readable", event, event.problem or f"no type in {shorten(event.raw)}")
    elif event.type not in EVENTS:
        yield _breach("event-known", event, f"type {event.type!r}")
    elif event.type == "thread.created":
        yield from _created(stream, event, kind)
    elif event.type == "thread.updated":
        yield from _same_thread(stream, event, _thread_id(event))
    elif event.type.startswith("thread.item."):
        yield from _item(stream, event, fresh)
    elif event.type in SPEAKS:
        stream.spoke = True
        if event.type == "error":
            yield from _step(stream, event, "error")


def _created(stream: _Stream, event: Event, kind: str) -> Iterator[Breach]:
    if kind not in ("", "threads.create"):
        yield _breach("thread-created-once", event, f"thread.created in the stream of {kind}")
        return
    if stream.created and kind:
        yield _breach("thread-created-once", event, "a second thread.created")
    elif stream.turn != "answering":
        yield from _step(stream, event, "thread.created")
    stream.created = True
    if not stream.thread_id:
        stream.thread_id = _thread_id(event)
    yield from _same_thread(stream, event, _thread_id(event))


def _same_thread(stream: _Stream, event: Event, thread_id: str) -> Iterator[Breach]:
    if stream.thread_id and thread_id and thread_id != stream.thread_id:
        yield _breach("thread-same", event, f"thread {thread_id!r} in the stream of thread {stream.thread_id!r}")


def _thread_id(event: Event) -> str:
    thread = (event.data or {}).get("thread")
    value = thread.get("id") if isinstance(thread, dict) else None
    return value if isinstance(value, str) else ""


def _item(stream: _Stream, event: Event, fresh: bool) -> Iterator[Breach]:
    verb = event.type.rpartition(".")[2]
    item_id = event.item_id
    if not item_id:
        yield _breach("readable", event, f"{event.type} without an item's id: {shorten(event.raw)}")
        return
    item, whole = stream.items.get(item_id), verb == "done" and item_id not in stream.items
    if item is None:
        item = _Item(_unseen(verb, event, fresh), "")
        stream.items[item_id] = item
    yield from _live(stream, event, verb, item_id, item)
    if verb == "updated":
        yield from _update(event, item)
        return
    if verb == "removed":
        item.parts = None
        return
    # An item that cannot be read (stream.events-valid) is still the one that its id names.
    found = str(event.item.get("type") or item.type)
    if verb == "done" and item.type and item.type != found:
        yield _breach("type-stable", event, f"item {item_id!r} added as {item.type}, done as {found}")
    item.type, item.parts = found, Parts.of(event.item) if event.item else item.parts
    yield from _same_thread(stream, event, str(event.item.get("thread_id") or ""))
    if verb == "replaced":
        stream.spoke = True
        return
    if whole and found != "user_message" and stream.created and stream.turn == "message expected":
        # A greeting opens a new thread; without another answer behind the message it was the answer itself.
        stream.greetings.append(_breach("user-message-first", event, f"{_named(event)}, {stream.turn}"))
        return
    yield from _step(stream, event, "user item" if found == "user_message" else "answer item")
    if found != "user_message" and item_id not in stream.answers:
        stream.answers.append(item_id)


def _unseen(verb: str, event: Event, fresh: bool) -> str:
    """The state of an item that this stream has not seen: one from an earlier turn may well be meant."""
    message = FITS.get(str(event.update.get("type"))) == "assistant_message"
    return "absent" if fresh or message or verb in ("added", "done") else "known"


def _live(stream: _Stream, event: Event, verb: str, item_id: str, item: _Item) -> Iterator[Breach]:
    before = item.state
    item.state, rule = LIFE[before, verb]
    if before == "known" and verb == "done" and event.item.get("type") in ("workflow", "client_tool_call"):
        rule = ""  # agents.py: a workflow that was left open is ended in the next turn
    if before == "known" and verb == "updated" and item.type == "assistant_message":
        rule = "update-after-done"
    elif rule == "update-after-done" and item.type != "assistant_message":
        rule = "update-after-done-other-items"
    if rule:
        kind = item.type or str(event.update.get("type") or event.item.get("type") or "item")
        yield _breach(rule, event, f"{verb} of {kind} {item_id!r}, which is {_STATE_WORDS[before]}")


_STATE_WORDS = {
    "absent": "not in the stream",
    "open": "added already",
    "replaced": "replaced already",
    "done": "done already",
    "removed": "removed",
    "known": "of an earlier turn",
}


def _update(event: Event, item: _Item) -> Iterator[Breach]:
    kind = str(event.update.get("type", ""))
    if kind not in FITS:
        yield _breach("update-known", event, f"update {kind!r}")
    elif item.type and item.type != FITS[kind]:
        yield _breach("update-fits-item", event, f"{kind} for {event.item_id!r}, a {item.type}")
    elif item.parts is not None and item.state in ("open", "replaced", "known"):
        for rule, got in judge_update(item.parts, event.update):
            yield _breach(rule, event, got)


def _step(stream: _Stream, event: Event, what: str) -> Iterator[Breach]:
    before = stream.turn
    stream.turn, rule = TURN[before, what]
    if rule:
        yield _breach(rule, event, f"{what} while {before}" if what != "answer item" else f"{_named(event)}, {before}")


def _named(event: Event) -> str:
    return f"{event.type} of {event.item.get('type')} {event.item_id!r}"


def _end(stream: _Stream, events: Sequence[Event], kind: str, ended: Ended, trouble: str | None) -> Iterator[Breach]:
    if ended in ("left", "refused", "unsent"):
        return
    last = events[-1].index if events else None
    if ended != "closed" or trouble:
        yield _whole("not-cut", last, f"{ended} after {len(events)} events: {trouble or 'no reason seen'}")
    if not events:
        yield _whole("not-empty", None, "no event")
        return
    if stream.turn == "failed":
        return
    if stream.greetings and not stream.answers:
        yield stream.greetings[0]
        return
    if stream.turn != "answering" and kind in START:
        rule = "thread-created-first" if stream.turn == "thread expected" else "user-message-first"
        yield _whole(rule, last, f"the stream ended, {stream.turn}")
    for item_id, item in stream.items.items():
        if item.type == "user_message" and item.state == "open":
            yield _whole("item-finished", last, f"user_message {item_id!r} is added and not done")
    shown = [item_id for item_id in stream.answers if stream.items[item_id].state != "removed"]
    if not shown and not stream.spoke and kind in ANSWERS:
        yield _whole("turn-answered", last, f"{len(events)} events, none of them an answer")
    finished = any(stream.items[item_id].state in ("done", "replaced") for item_id in shown)
    for item_id in shown:
        item = stream.items[item_id]
        if item.state == "open" and (item.type != "workflow" or not (finished or stream.spoke)):
            final = item_id == shown[-1] or item.type == "assistant_message"
            yield _whole("turn-finished" if final else "item-finished", last, f"{item.type} {item_id!r} is not done")


def _breach(rule: str, event: Event, got: str) -> Breach:
    return Breach(rule=rule, index=event.index, expected=RULES[rule].says, got=got)


def _whole(rule: str, index: int | None, got: str) -> Breach:
    return Breach(rule=rule, index=index, expected=RULES[rule].says, got=got)
