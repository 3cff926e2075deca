"""A turn as it was seen: the stamps of its events, and the items that a person has on the screen when it has ended."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import gevent

from chatkit_conformance.stream.event_kinds import TEXT_DELTA
from chatkit_conformance.stream.timing import BrowserClock

from .wire import Received

Shown = tuple[str, str, str]
"""An item on the screen: id, type, text ("" where it has none)."""

YIELD_EVERY = 64
"""Events read in one go: about half a millisecond, after which others get their turn."""


@dataclass(slots=True, kw_only=True)
class StreamReading:
    """What one stream showed. Times are monotonic seconds, None for what did not come."""

    thread_id: str = ""
    thread_created_at: float | None = None
    first_event_at: float | None = None
    first_token_at: float | None = None
    tool_visible_at: list[float] = field(default_factory=list)
    largest_gap_s: float | None = None
    deltas: int = 0
    error: str = ""
    items: dict[str, Shown] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    stamped: list[tuple[float, str]] = field(default_factory=list)

    @property
    def answer(self) -> str:
        """The text of all deltas."""
        return "".join(self.texts.values())

    @property
    def faithful(self) -> bool:
        """Whether each message's last state holds exactly the text that was streamed."""
        return all(self.items[id][2] == text for id, text in self.texts.items() if id in self.items)


def events(got: Received) -> list[tuple[float, Any]]:
    """The stream's events with the moment at which each was complete; None for one that is no JSON."""
    rest = b""
    times: list[float] = []
    payloads: list[bytes] = []
    for at, data in got.pieces:
        *whole, rest = (rest + data).replace(b"\r\n", b"\n").split(b"\n\n")
        for block in whole:
            payload = block[5:] if block.startswith(b"data:") and b"\n" not in block else _joined(block)
            if payload:
                times.append(at)
                payloads.append(payload)
    return list(zip(times, _values(payloads), strict=True))


def _values(payloads: list[bytes]) -> list[Any]:
    """All parsed in one go, which is thrice as fast; one by one only where one of them is no JSON."""
    try:
        made = json.loads(b"[%b]" % b",".join(payloads))
    except ValueError:
        made = []
    return made if len(made) == len(payloads) else [_value(payload) for payload in payloads]


def _value(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _joined(block: bytes) -> bytes:
    lines = (line[5:].removeprefix(b" ") for line in block.split(b"\n") if line.startswith(b"data:"))
    return b"\n".join(lines)


def text_of(item: Any) -> str:
    """An item's text, its parts joined."""
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    return "".join(p["text"] for p in parts if isinstance(p, dict) and isinstance(p.get("text"), str))


def shown(item: Any) -> Shown:
    """An item as it stands on the screen."""
    return str(item.get("id", "")), str(item.get("type", "")), text_of(item)


def read_turn(got: Received, keep_deltas: bool = False) -> StreamReading:
    """Read a stream that has ended. `keep_deltas` keeps each delta with its moment, for a probe server's."""
    seen = StreamReading()
    clock = BrowserClock()
    found = events(got)
    seen.first_event_at = found[0][0] if found else None
    for n, (at, value) in enumerate(found, 1):
        if n % YIELD_EVERY == 0:
            gevent.sleep(0)
        if not isinstance(value, dict):
            seen.error = seen.error or "an event that is not a JSON object"
            continue
        update = value.get("update")
        if type(update) is not dict or update.get("type") != TEXT_DELTA:
            clock.see(at, value)
            _note(seen, str(value.get("type")), value)
            continue
        text = str(update.get("delta", ""))
        item_id = str(value.get("item_id", ""))
        if value.get("type") == "thread.item.updated" and isinstance(update.get("delta"), str):
            clock.add(at, item_id, text)  # nearly every event is one, and it is taken apart already
        else:
            clock.see(at, value)
        seen.deltas += 1
        seen.texts[item_id] = seen.texts.get(item_id, "") + text
        if keep_deltas:
            seen.stamped.append((at, text))
    times = clock.times()
    seen.thread_created_at, seen.first_token_at = times.thread_created_at, times.first_text_at
    seen.tool_visible_at, seen.largest_gap_s = list(times.signs), times.largest_gap_s
    return seen


def _note(seen: StreamReading, kind: str, value: dict[str, Any]) -> None:
    item = value.get("item")
    if kind == "thread.created" and isinstance(value.get("thread"), dict):
        seen.thread_id = str(value["thread"].get("id", ""))
    elif kind == "error":
        seen.error = str(value.get("code") or "error")
    elif kind == "thread.item.removed":
        seen.items.pop(str(value.get("item_id", "")), None)
    elif isinstance(item, dict) and kind in ("thread.item.done", "thread.item.replaced"):
        one = shown(item)
        seen.items[one[0]] = one
