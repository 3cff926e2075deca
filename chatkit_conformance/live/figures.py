"""The recording proxy's calls as transcripts hold calls: a live turn is timed as every other (stream/timing.py)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..cassette.tape import PLACE, TapedCall
from ..transcript import Call, Sent


def as_calls(taped: Iterable[TapedCall]) -> tuple[Call, ...]:
    """The calls of a conversation, in order.

    Nothing in them says what they are for. A request outside the conversation, for a title or a summary, is told by
    what it lacks: it declares no tools where the others of its server do, and ends in no tool's result.
    """
    made = [_as_call(n, call) for n, call in enumerate(taped)]
    uses_tools = any(call.tools for call in made)
    return tuple(replace(call, side=uses_tools and not call.tools and _last_role(call) != "tool") for call in made)


def _as_call(n: int, taped: TapedCall) -> Call:
    began = taped.began or 0.0
    lines = [part.removeprefix("data: ") for part in taped.text.split("\n\n") if part.strip()]
    ended = began + taped.ended_s
    body = _json(taped.body)
    return Call(
        n=n,
        position=_rounds(body),
        at=began,
        method=taped.method,
        path=f"/{PLACE.split('/', 3)[3]}{taped.path}",
        status=taped.status,
        headers=dict(taped.request_headers),
        body=body,
        sent=tuple(Sent(at=began + at, data=line) for at, line in zip(taped.at, lines, strict=False)),
        finished_at=ended if taped.ended == "whole" else None,
        gone_at=ended if taped.ended == "left" else None,
    )


def _last_role(call: Call) -> str:
    return str(call.messages[-1].get("role")) if call.messages else ""


def _rounds(body: Any) -> int:
    """The rounds of tool calls after the last user message of a request."""
    messages = Call(n=0, body=body).messages
    last = max((n for n, message in enumerate(messages) if message.get("role") == "user"), default=-1)
    return sum(1 for message in messages[last + 1 :] if message.get("tool_calls"))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
