"""Recordings of other protocols: what they are called, and what to record in their place."""

from __future__ import annotations

from collections.abc import Sequence

from ..stream.recognized import BESIDE, in_event_lines, protocol_of
from ..stream.recognized import not_chatkit as other_than_chatkit
from ..transcript import Event
from ..wire.schema import known


def not_chatkit(events: Sequence[Event]) -> str:
    """Why this is no stream of ChatKit's, or "".

    One event that only ChatKit has, or one update without its event, is enough: the rest is for the checks to judge.
    """
    ours = {*known("ThreadStreamEvent"), *known("ThreadItemUpdate")}
    read = [event.data for event in events if event.data is not None]
    kinds_read = {str(data.get("type")) for data in read}
    if in_event_lines(events) or (ours & kinds_read and ours & kinds_read <= BESIDE - {"error"}):
        return other_than_chatkit(events)
    if not read or ours & kinds_read:
        return ""
    named = protocol_of(events)
    kinds = list(dict.fromkeys(str(data["type"]) for data in read if "type" in data))[:4]
    has = f"its types are {', '.join(kinds)}" if kinds else f"they have {', '.join(sorted(read[0])[:6]) or 'no keys'}"
    it_is = f" This is {named}." if named else ""
    return (
        f"not one of its {len(events)} events is ChatKit's: {has}.{it_is} A ChatKit stream has events such as "
        '{"type": "thread.item.added", "item": {...}}: record what your server sends to the browser.'
    )
