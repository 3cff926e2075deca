"""Every text that reached the browser, wherever it stood, and all that had been said before it could come back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ..transcript import JSON, SAID_BEFORE, Event, Reply, Transcript
from .model_answers import model_answers
from .once import once


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One text.

    Args:
        reply: what it came with. event: its event's index, or None. text: the text itself.
        report: whether it is no conversation: an error, a notice, a refusal, a header, or what is no event at all.
    """

    reply: Reply
    event: int | None
    text: str
    report: bool = False


@once
def received_in(t: Transcript) -> tuple[Received, ...]:
    """Every text of a transcript's answers."""
    return tuple(row for r in t.replies for row in _of(r))


@once
def _distinct(t: Transcript) -> dict[tuple[str, bool, bool], set[str]]:
    """The texts of a transcript's answers, each once, by the reply's user, whether in an event, whether a report."""
    found: dict[tuple[str, bool, bool], set[str]] = {}
    for r in t.replies:
        for e in r.events:
            texts = found.setdefault((r.user, True, _reports(e)), set())
            texts.update(_texts(e.data) if e.data is not None else (e.raw,))
        found.setdefault((r.user, False, not r.accepted), set()).update(filter(None, (r.text, *_texts(r.body))))
        found.setdefault((r.user, False, True), set()).update(r.headers.values())
    return found


def texts_in(
    t: Transcript, *, user: str | None = None, event: bool | None = None, report: bool | None = None
) -> Iterator[str]:
    """The texts of `received_in`, those that come again and again seldom twice: to look where no row need be told.

    Args:
        user: only what this user received. event: only what came in an event, or not. report: see Received.
    """
    for (whose, within, told), texts in _distinct(t).items():
        if user in (None, whose) and event in (None, within) and report in (None, told):
            yield from texts


@once
def spoken_in(t: Transcript) -> str:
    """All that the users sent and the model said: what may well come back."""
    sent = (r.request if isinstance(r.request, str) else json.dumps(r.request, ensure_ascii=False) for r in t.replies)
    plain = (text for r in t.replies for text in _texts(r.request))
    said = (text for s in model_answers(t).values() for text in (s.text, *(args for _, _, args in s.calls)))
    return "\n".join((*sent, *plain, *said, *t.notes.get(SAID_BEFORE, ())))


def _reports(e: Event) -> bool:
    """Whether an event is no part of the conversation."""
    return e.type in ("error", "notice") or e.data is None


def _of(r: Reply) -> Iterator[Received]:
    for e in r.events:
        report = _reports(e)
        for text in _texts(e.data) if e.data is not None else (e.raw,):
            yield Received(reply=r, event=e.index, text=text, report=report)
    for text in (r.text, *_texts(r.body)):
        if text:
            yield Received(reply=r, event=None, text=text, report=not r.accepted)
    for text in r.headers.values():
        yield Received(reply=r, event=None, text=text, report=True)


def _texts(value: JSON) -> Iterator[str]:
    """The texts in a value, outer before inner; keys left out."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
