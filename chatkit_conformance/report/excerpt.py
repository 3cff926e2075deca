"""The place in a transcript that a finding speaks of: the few events around it, the one it means marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from ..results.model import SavedFinding
from ..transcript import Call, Event, Reply, Transcript
from .moments import calls_of, gist
from .plain import duration, line, plain, pretty, slug

AROUND = 3
"""Events shown on each side of the marked one."""

MOST_ASKED = 4
"""Requests to the model named under a reply."""

_TOKEN = re.compile(r'("(?:[^"\\\n]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\b\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\b)')


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptRow:
    """One event on one line; the marked one has its JSON laid out in `full`."""

    index: int
    time: str
    type: str
    text: str
    marked: bool = False
    full: Markup | None = None
    bad: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What is shown of one reply: its heading, some of its events, and what else bears on the finding.

    Args:
        heading: request, status and end in one line. rows: events. before, after: how many are not shown.
        parts: (name, text) of the rest: the request, a body that is not a stream, the request to the model.
        asked: what the model was asked during this reply and answered, a line each.
    """

    heading: str
    rows: tuple[ExcerptRow, ...] = ()
    before: int = 0
    after: int = 0
    parts: tuple[tuple[str, Markup], ...] = ()
    asked: tuple[str, ...] = ()


def excerpt_of(transcript: Transcript, finding: SavedFinding) -> Excerpt | None:
    """What to show of the transcript for this finding; None where it names no place in it."""
    reply = next((r for r in transcript.replies if r.label == finding.reply), None)
    call = next((c for c in transcript.calls if c.n == finding.call), None) if finding.call is not None else None
    if reply is None and call is None:
        return None
    parts: list[tuple[str, Markup]] = []
    if call:
        parts.append((f"Request {call.n} to the model", highlight(pretty(_call_body(call), 2600))))
    if reply is None:
        return Excerpt(heading=call_heading(call) if call else "", parts=tuple(parts))
    if not reply.events:
        parts += [("Sent", highlight(line(reply.request, 700))), ("Answered", _body(reply))]
    elif finding.event is None:
        parts.append(("Sent", highlight(line(reply.request, 700))))
    at = finding.event
    near = _near(reply.events, at)
    rows = tuple(row_of(reply, event, marked=event.index == at) for event in near)
    before = near[0].index if near else 0
    after = len(reply.events) - before - len(near)
    asked = tuple(_asked(c) for c in calls_of(transcript, reply)[:MOST_ASKED])
    return Excerpt(
        heading=reply_heading(reply), rows=rows, before=before, after=max(0, after), parts=tuple(parts), asked=asked
    )


def row_of(reply: Reply, event: Event, *, marked: bool = False, limit: int = 260, anchor: str = "") -> ExcerptRow:
    """One event of a reply as a row."""
    full = highlight(pretty(event.data, 2600) if event.data is not None else plain(event.raw, 2600)) if marked else None
    return ExcerptRow(
        index=event.index,
        time="+" + duration(max(0.0, event.at - reply.sent_at)),
        type=line(event.type, 40) or ("unreadable" if event.problem else "no type"),
        text=gist(event, limit),
        marked=marked,
        full=full,
        bad=bool(event.problem) or event.type == "error",
        anchor=anchor,
    )


def reply_heading(reply: Reply) -> str:
    """A reply in one line: what was asked, by whom, the status, what came and how it ended."""
    took = f" after {duration(reply.ended_at - reply.sent_at)}" if reply.ended_at is not None else ""
    words = {
        "closed": "closed by the server",
        "cut": "cut off",
        "deadline": "cut at our deadline",
        "left": "the harness disconnected",
        "refused": "connection refused",
        "unsent": "never sent",
    }
    kind = line(reply.headers.get("content-type", ""), 60)
    said = [line(reply.type, 40) or "raw request", f"user {line(reply.user, 20)}" if reply.user else "no credentials"]
    said += [f"HTTP {reply.status}" if reply.status else "no answer", kind]
    said.append(f"{len(reply.events)} events" if reply.events else "")
    said.append(words.get(reply.ended, line(reply.ended, 20)) + took)
    said.append(line(reply.trouble, 200) if reply.trouble else "")
    return " · ".join(part for part in said if part)


def call_heading(call: Call) -> str:
    """A request to the model in one line."""
    names = ", ".join(line(t.get("name"), 30) for t in call.tools[:8])
    end = (
        "the server left"
        if call.gone_at is not None
        else "answered completely"
        if call.finished_at is not None
        else "unfinished"
    )
    said = [
        f"request {call.n}",
        line(call.model, 40) or "no model",
        f"HTTP {call.status}",
        f"{len(call.messages)} messages",
    ]
    said += [f"tools {names}" if names else "no tools", f"{len(call.sent)} chunks", end]
    said += ["outside the conversation"] if call.side else []
    said += [f"attempt {call.attempt + 1}"] if call.attempt else []
    return " · ".join(said)


def reply_anchor(transcript: Transcript, reply: Reply) -> str:
    """The HTML id of a reply in the list of transcripts."""
    return slug("t", transcript.exchange, transcript.dialect or "any", reply.label)


def highlight(text: str) -> Markup:
    """JSON text with its keys, strings and numbers marked for the style sheet; everything is escaped."""
    parts: list[Markup] = []
    at = 0
    for found in _TOKEN.finditer(text):
        parts.append(escape(text[at : found.start()]))
        kind = "k" if found[2] is not None else "s" if found[1] else "w" if found[3] else "n"
        parts.append(Markup("<i class={}>{}</i>").format(kind, found[1] or found[0]))
        parts.append(escape(found[2] or ""))
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def _asked(call: Call) -> str:
    """A request to the model in one line, with what it was refused with."""
    said = call.sent[0].data if call.status >= 400 and call.sent else "; ".join(call.complaints)
    return " · ".join(part for part in (call_heading(call), line(said, 240)) if part)


def _near(events: Sequence[Event], at: int | None) -> Sequence[Event]:
    """The events around index `at`; where there is none, the last ones: what a stream lacks, it lacks at its end."""
    if at is None or not 0 <= at < len(events):
        return events[-(AROUND + 2) :]
    return events[max(0, at - AROUND) : at + AROUND + 1]


def _body(reply: Reply) -> Markup:
    if reply.body is not None:
        return highlight(pretty(reply.body, 2600))
    said = reply.text or reply.trouble or "(nothing)"
    return escape(plain(said, 1500))


def _call_body(call: Call) -> object:
    """The request's body with its tools as names alone: their schemas would fill the page."""
    if not isinstance(call.body, dict):
        return call.body
    names = [line(tool.get("name"), 40) for tool in call.tools]
    shown = {key: value for key, value in call.body.items() if key != "tools"}
    return {
        **shown,
        **({"tools": names} if "tools" in call.body else {}),
        **({"refused": call.complaints} if call.complaints else {}),
    }
