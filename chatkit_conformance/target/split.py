"""A secret that is told in pieces: no delta holds it, and whoever puts the deltas together has it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from ..transcript import Event, Reply, Transcript
from .secret import Secrets

Span = tuple[int, int, str]
"""From where to where a secret stands in a text, and its mark."""


def without_split(t: Transcript, secrets: Secrets) -> Transcript:
    """The transcript with each secret marked that runs over several deltas; itself where there is none."""
    replies = tuple(_marked(reply, secrets) for reply in t.replies)
    return t if all(new is old for new, old in zip(replies, t.replies, strict=True)) else replace(t, replies=replies)


def joined(reply: Reply) -> list[str]:
    """The texts that a reply tells delta by delta, each whole."""
    return ["".join(_delta(reply.events[n]) for n in places) for places in _texts(reply)]


def _marked(reply: Reply, secrets: Secrets) -> Reply:
    told: dict[int, str] = {}
    for places in _texts(reply):
        pieces = [_delta(reply.events[n]) for n in places]
        if spans := secrets.spans("".join(pieces)):
            told.update(zip(places, _cut(pieces, spans), strict=True))
    if not told:
        return reply
    events = tuple(_telling(event, told[n]) if n in told else event for n, event in enumerate(reply.events))
    return replace(reply, events=events)


def _texts(reply: Reply) -> list[list[int]]:
    """The places of the deltas of each text."""
    found: dict[tuple[object, ...], list[int]] = {}
    for n, event in enumerate(reply.events):
        if _delta(event):
            update = event.update
            found.setdefault((event.item_id, str(update.get("type")), str(update.get("content_index"))), []).append(n)
    return [places for places in found.values() if len(places) > 1]


def _delta(event: Event) -> str:
    text = event.update.get("delta")
    return text if isinstance(text, str) else ""


def _cut(pieces: Sequence[str], spans: Sequence[Span]) -> list[str]:
    """The pieces with what lies in a span left out, and its mark where it begins."""
    ends = list(accumulate(map(len, pieces)))
    made = []
    for piece, end in zip(pieces, ends, strict=True):
        begin = at = end - len(piece)
        text = ""
        for since, to, mark in spans:
            if to <= begin or since >= end:
                continue
            text += piece[at - begin : max(since, begin) - begin] + (mark if since >= begin else "")
            at = min(to, end)
        made.append(text + piece[at - begin :])
    return made


def _telling(event: Event, text: str) -> Event:
    data = {**(event.data or {}), "update": {**event.update, "delta": text}}
    return replace(event, data=data, raw=json.dumps(data))
