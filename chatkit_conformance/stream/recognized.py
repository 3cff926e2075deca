"""Whether a stream is ChatKit's at all, and whose it is where it is not.

A stream of another protocol breaks nearly every promise, one by one. Told as that it is one sentence: what came, and
what ChatKit sends in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeGuard

from ..transcript import JSON, Event
from ..wire.schema import known
from ..wire.sse import parse_json

SENDS = (
    'ChatKit sends `data: {"type": "thread.created", ...}`, then thread.item.done with the user\'s message, then the '
    "answer as thread.item.added, thread.item.updated and thread.item.done"
)
"""What belongs there, in one sentence without its end."""

NAMED = 3
"""Types named of a stream that is not ChatKit's."""

BESIDE = frozenset({"thread.created", "thread.updated", "error"})
"""Kinds that other protocols have as well: alone they make no ChatKit stream."""

_EVENT_LINE = re.compile(r"field 'event: ?([^'…]*)")


def _data(test: Callable[[Mapping[str, JSON], str], bool]) -> Callable[[Event], bool]:
    return lambda event: event.data is not None and test(event.data, event.type)


PROTOCOLS: Mapping[str, Callable[[Event], bool]] = {
    "OpenAI's Chat Completions API": _data(
        lambda data, _: "choices" in data or "chat.completion" in str(data.get("object"))
    ),
    "OpenAI's Responses API": _data(lambda _, kind: kind.startswith("response.")),
    "OpenAI's Assistants API": _data(lambda data, _: str(data.get("object", "")).startswith("thread.")),
    "Gemini's own API": _data(lambda data, _: "candidates" in data),
    "Anthropic's Messages API": _data(lambda _, kind: kind.startswith(("message_", "content_block_"))),
    "AG-UI": _data(lambda _, kind: bool(re.fullmatch(r"[A-Z]+(_[A-Z]+)+", kind))),
    "the AI SDK's UI message stream": _data(
        lambda _, kind: kind.startswith(("text-start", "text-delta", "text-end", "start-step", "tool-input-"))
    ),
    "JSON-RPC, as MCP and A2A use it": _data(lambda data, _: "jsonrpc" in data),
}
"""Protocols that are found in ChatKit's place, by how one of their events is known."""


def protocol_of(events: Iterable[Event]) -> str:
    """The other protocol that these events are of, or "" where they are of none that is known."""
    told = tuple(events)
    return next((name for name, fits in PROTOCOLS.items() if any(map(fits, told))), "")


def misplaced(data: Mapping[str, Any]) -> str:
    """How an object that is known, but no event, must be wrapped to become one; "" where it is an event, or unknown."""
    kind = data.get("type")
    if not isinstance(kind, str) or kind in known("ThreadStreamEvent"):
        return ""
    if kind in _updates():
        return f'{{"type": "thread.item.updated", "item_id": ..., "update": {{"type": "{kind}", ...}}}}'
    if kind in known("ThreadItem"):
        return f'{{"type": "thread.item.done", "item": {{"type": "{kind}", ...}}}}'
    return ""


def wrapping(raw: str) -> str:
    """What one of ChatKit's events was put into on its way, in words; "" where nothing is around it."""
    try:
        value = parse_json(raw)
    except ValueError:
        return ""
    if _is_own(value):
        return ""
    if isinstance(value, str) and _is_own(_parsed(value)):
        return "encoded twice (a JSON string that holds the object)"
    if isinstance(value, list) and any(map(_is_own, value)):
        return "sent in a list"
    inside = (
        [key for key, held in value.items() if _is_own(held) or _is_own(_parsed(held))] if _is_object(value) else []
    )
    return f"wrapped in an object, under {inside[0]!r}" if inside else ""


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_own(value: object) -> bool:
    return _is_object(value) and value.get("type") in known("ThreadStreamEvent")


def _parsed(value: object) -> object:
    """What a text says as JSON; None where it is no text, or no JSON."""
    try:
        return parse_json(value) if isinstance(value, str) else None
    except ValueError:
        return None


def in_event_lines(events: Iterable[Event]) -> list[str]:
    """The types that stand in `event:` lines of a stream of ChatKit's in whose data no type stands; else nothing."""
    told = tuple(events)
    named = [found.group(1).strip() for event in told if (found := _EVENT_LINE.search(event.oddity))]
    return [] if any(event.type for event in told) or not {*named} & {*known("ThreadStreamEvent")} else named


def not_chatkit(events: Iterable[Event]) -> str:
    """Why a stream is none of ChatKit's, with what came and what belongs there; "" where it may be one.

    A stream that is empty, or has one event of ChatKit's own, may be.
    """
    told = tuple(events)
    own = {*known("ThreadStreamEvent")} - BESIDE
    strange = [event for event in told if event.type not in known("ThreadStreamEvent")]
    if not strange or any(event.type in own for event in told):
        return ""
    if named := in_event_lines(told):
        return (
            f"the type of each event stands only in its `event:` line ({_list(named)}), which ChatKit's client "
            f'does not read: write it into the data, as `data: {{"type": "{named[0]}", ...}}`'
        )
    if around := next((text for event in strange if (text := wrapping(event.raw))), ""):
        return f'each event is {around}: send the object alone, as `data: {{"type": "thread.created", ...}}`'
    if wrapped := next((text for event in strange if event.data and (text := misplaced(event.data))), ""):
        kinds = _list(event.type for event in strange)
        return f"updates or items are sent as events of their own ({kinds}): wrap each, as {wrapped}"
    whose = protocol_of(strange)
    came = _list(event.type or event.raw[:60] for event in strange)
    return f"the stream is {whose or 'of another protocol'} (it sent {came}): {SENDS}"


def _updates() -> tuple[str, ...]:
    return known("ThreadItemUpdate")


def _list(names: Iterable[str]) -> str:
    several = list(dict.fromkeys(names))
    return ", ".join(several[:NAMED]) + (", ..." if len(several) > NAMED else "")
