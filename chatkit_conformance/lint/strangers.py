"""Streams of other protocols, told by their events: what they are called, and how they are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..transcript import Event
from ..wire.schema import known

Known = Callable[[dict[str, Any]], bool]


def _typed(*begins: str) -> Known:
    return lambda data: str(data.get("type", "")).startswith(begins)


STRANGERS: tuple[tuple[str, Known], ...] = (
    (
        "chunks of OpenAI's chat completions, as the model sends them",
        lambda data: isinstance(data.get("choices"), list),
    ),
    ("Gemini's own API, as the model sends it", lambda data: isinstance(data.get("candidates"), list)),
    ("OpenAI's Responses API, as the model sends it", _typed("response.")),
    ("AG-UI", _typed("RUN_", "TEXT_MESSAGE_", "TOOL_CALL_", "STATE_", "MESSAGES_", "STEP_")),
    ("Anthropic's Messages API", _typed("message_start", "content_block_", "message_delta", "message_stop")),
    ("the AI SDK's UI message stream", _typed("text-start", "text-delta", "text-end", "start-step", "tool-input-")),
    ("JSON-RPC, as MCP and A2A use it", lambda data: "jsonrpc" in data),
)
"""What people hand in by mistake, and how one of its events is known."""


def not_chatkit(events: Sequence[Event]) -> str:
    """Why this is no stream of ChatKit's, or "".

    One event, or one update without its event, is enough to be ChatKit's: the rest is for the checks to judge.
    """
    ours = {*known("ThreadStreamEvent"), *known("ThreadItemUpdate")}
    read = [event.data for event in events if event.data is not None]
    if not read or any(data.get("type") in ours for data in read):
        return ""
    named = next((name for name, fits in STRANGERS if any(fits(data) for data in read)), "")
    kinds = list(dict.fromkeys(str(data["type"]) for data in read if "type" in data))[:4]
    has = f"its types are {', '.join(kinds)}" if kinds else f"they have {', '.join(sorted(read[0])[:6]) or 'no keys'}"
    it_is = f" This is {named}." if named else ""
    return (
        f"not one of its {len(events)} events is ChatKit's: {has}.{it_is} A ChatKit stream has events such as "
        '{"type": "thread.item.added", "item": {...}}: record what your server sends to the browser.'
    )
