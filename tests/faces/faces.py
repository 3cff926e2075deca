"""One turn as each face of the harness reads it: a check, the report, a live run, the load generator.

The turn: sent at 0, asked of the model at 0.1, a tool called at 0.5, words at 1.5. What the browser read is given.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chatkit_conformance.check import CHECKS
from chatkit_conformance.judging.catalogue import load_suites
from chatkit_conformance.live.report import turns_of
from chatkit_conformance.load_analysis.measures import MEASURES
from chatkit_conformance.load_analysis.place import PACKAGE, as_package
from chatkit_conformance.load_analysis.rows import LoadTurn, ModelLog
from chatkit_conformance.report.moments import timeline_of
from chatkit_conformance.transcript import Call, Event, Reply, Sent, Transcript
from gemini_standin.entry import Entry
from gemini_standin.stamps import stamps_of

load_suites()
as_package()
wire: Any = importlib.import_module(f"{PACKAGE}.wire")
turn: Any = importlib.import_module(f"{PACKAGE}.turn")

Timed = tuple[float, dict[str, Any]]

NONCE = "zq0123456789"
ASKED_S, CALLED_S, AGAIN_S, SPOKE_S, ENDED_S = 0.1, 0.5, 0.7, 1.5, 9.0

CALLING = json.dumps(
    {"choices": [{"delta": {"tool_calls": [{"id": "c", "function": {"name": "read", "arguments": "{}"}}]}}]},
    separators=(",", ":"),
)
SPEAKING = json.dumps({"choices": [{"delta": {"content": "These are your tasks."}}]}, separators=(",", ":"))


@dataclass(frozen=True)
class Read:
    """What one face made of the turn, in seconds; None for what it did not see."""

    first_token_s: float | None
    tool_visible_s: float | None
    own_share_s: float | None


def calls(tool: bool) -> tuple[Call, ...]:
    """The model's side: with a tool call before the words, or without."""
    question = [{"role": "user", "content": f"Read. (ref {NONCE})"}]
    body = {"messages": question, "tools": [{"type": "function", "function": {"name": "read"}}]}
    said = (Sent(at=SPOKE_S, data=SPEAKING),)
    if not tool:
        return (Call(n=0, nonce=NONCE, at=ASKED_S, body=body, sent=said, finished_at=SPOKE_S),)
    rounds = [{"role": "assistant", "tool_calls": [{"id": "c"}]}, {"role": "tool", "tool_call_id": "c"}]
    called = (Sent(at=CALLED_S, data=CALLING),)
    return (
        Call(n=0, nonce=NONCE, at=ASKED_S, body=body, sent=called, finished_at=CALLED_S),
        Call(
            n=1,
            nonce=NONCE,
            position=1,
            at=AGAIN_S,
            body={**body, "messages": [*question, *rounds]},
            sent=said,
            finished_at=SPOKE_S,
        ),
    )


def transcript(events: Sequence[Timed], tool: bool) -> Transcript:
    """The turn as an exchange leaves it."""
    label, exchange = ("tool-1", "quiet_tool") if tool else ("quiet-1", "quiet_turns")
    content = [{"type": "input_text", "text": f"Read. (ref {NONCE})"}]
    reply = Reply(
        label=label,
        request={"type": "threads.create", "params": {"input": {"content": content}}},
        status=200,
        headers={"content-type": "text/event-stream"},
        events=tuple(Event(index=n, at=at, raw=json.dumps(d), data=d) for n, (at, d) in enumerate(events)),
        ended_at=ENDED_S,
    )
    return Transcript(exchange=exchange, dialect="gemini-3", replies=(reply,), calls=calls(tool))


def by_check(events: Sequence[Timed], tool: bool) -> Read:
    """As the checks of time measure it, on the transcript as it is saved."""
    t = Transcript.from_json(json.loads(json.dumps(transcript(events, tool).to_json())))
    first, visible, own = (CHECKS[f"latency.{n}"].measure(t) for n in ("first-token", "tool-visible", "own-share"))
    return Read(first, visible, own)


def by_report(events: Sequence[Timed], tool: bool) -> Read:
    """As the timeline draws it."""
    t = transcript(events, tool)
    spans = {span.criterion: span for span in timeline_of(t, t.replies[0]).spans}
    first, visible = spans.get("SC-001"), spans.get("SC-002")
    return Read(first.seconds if first else None, visible.seconds if visible else None, first.share if first else None)


def by_live(events: Sequence[Timed], tool: bool) -> Read:
    """As a live run tells it."""
    one = turns_of([transcript(events, tool)])[0]
    known = one.first_token_s is not None and one.model_s is not None
    own = (one.first_token_s or 0.0) - (one.model_s or 0.0) if known else None
    return Read(one.first_token_s, one.tool_visible_s, own)


def by_load(events: Sequence[Timed], tool: bool) -> Read:
    """As the load generator stamps its bytes, with the stand-in's own stamps of the model's side."""
    got = wire.Received(sent_at=0.0)
    got.pieces = [(at, b"data: " + json.dumps(data).encode() + b"\n\n") for at, data in events]
    seen = turn.read_turn(got)
    stamps = [
        stamps_of(
            Entry(
                n=call.n,
                at=call.at,
                method="POST",
                path="",
                headers={},
                raw=b"",
                nonce=NONCE,
                position=call.position,
                sent=[(sent.at, sent.data) for sent in call.sent],
                finished_at=call.finished_at,
            )
        )
        for call in calls(tool)
    ]
    row = {"kind": "tool:read" if tool else "talk", "left": False, "cause": ""}
    row |= {"first_token_at": seen.first_token_at, "tool_visible_at": seen.tool_visible_at}
    held = LoadTurn(row=row, worker="w", start_at=0.0, sent_at=0.0, model=ModelLog(calls=tuple(stamps)))
    names = ("first_token_after_tools" if tool else "first_token", "tool_visible", "own_first_token")
    first, visible, own = (next(iter(MEASURES[name].of(held)), None) for name in names)
    return Read(first, visible, own)


FACES: dict[str, Callable[[Sequence[Timed], bool], Read]] = {
    "check": by_check,
    "report": by_report,
    "live": by_live,
    "load": by_load,
}
"""By the name of the face."""
