"""Times of a live turn, on the proxy's clock: the first words, the model's share, and when a tool was seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..cassette.tape import PLACE, TapedCall
from ..transcript import Call, Event, Reply, Sent

VISIBLE = ("workflow", "task", "widget", "client_tool_call", "generated_image")
"""Items that show a user that a tool runs."""


def as_call(n: int, taped: TapedCall) -> Call:
    """A recorded call as transcripts hold it."""
    began = taped.began or 0.0
    lines = [part.removeprefix("data: ") for part in taped.text.split("\n\n") if part.strip()]
    ended = began + taped.ended_s
    return Call(
        n=n,
        at=began,
        method=taped.method,
        path=f"/{PLACE.split('/', 3)[3]}{taped.path}",
        status=taped.status,
        headers=dict(taped.request_headers),
        body=_json(taped.body),
        sent=tuple(Sent(at=began + at, data=line) for at, line in zip(taped.at, lines, strict=False)),
        finished_at=ended if taped.ended == "whole" else None,
        gone_at=ended if taped.ended == "left" else None,
    )


def first_token(reply: Reply, calls: Sequence[TapedCall]) -> tuple[float | None, float | None]:
    """Seconds from the message to the first words, and how many of them Gemini took; None where there were none.

    Gemini's share is its time in every call before those words: to the call's end, or to the words that left it.
    """
    if not reply.deltas:
        return None, None
    at = reply.deltas[0].at
    model = 0.0
    for call in calls:
        began = call.began or 0.0
        if began < at:
            model += min(began + call.ended_s, max([began, *(began + s for s in call.at if began + s <= at)])) - began
    return at - reply.sent_at, model


def tool_visible(reply: Reply, calls: Sequence[TapedCall]) -> float | None:
    """Seconds from the first tool call's arrival until something of it was seen, or None where nothing was."""
    for call in calls:
        lines = [part for part in call.text.split("\n\n") if part.strip()]
        called = [(call.began or 0.0) + at for at, line in zip(call.at, lines, strict=False) if '"tool_calls"' in line]
        if called:
            return next((e.at - called[0] for e in reply.events if e.at >= called[0] and _shows(e)), None)
    return None


def _shows(event: Event) -> bool:
    return event.type == "progress_update" or event.item.get("type") in VISIBLE


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
