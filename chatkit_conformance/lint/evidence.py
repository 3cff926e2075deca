"""Which checks a recording is evidence enough for, and what they say of it.

A check was written for the conversations that it is `on`. A stream from elsewhere is none of them, so only the checks
of EVIDENCE, which look at nothing but what such a recording holds, judge it. Transcripts of a run are judged by all the
checks that are on their exchanges. The rest is told as not applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ..check import Check
from ..judging.judge import Result, judge
from ..stream.grammar import RULES
from ..transcript import Transcript
from .recording import Kind, Recording

OF_EVENTS = (
    *(f"stream.{rule}" for rule in RULES if rule not in ("not-cut", "readable", "thread-same")),
    "stream.frames-readable",
    "stream.events-valid",
    "stream.events-match-sdk",
    "stream.ids-unique",
    "stream.item-id-stable",
    "stream.deltas-add-up",
    "stream.part-done-agrees",
    "stream.no-hidden-items",
    "errors.no-traceback",
)
OF_STREAM = (*OF_EVENTS, "stream.ends-closed")
OF_REQUESTS = (
    *OF_STREAM,
    "stream.content-type",
    "stream.not-cacheable",
    "stream.item-thread",
    "stream.thread-ids-unique",
    "stream.user-message-echoed",
    "protocol.json-answers-valid",
    "protocol.json-content-type",
    "protocol.requests-accepted",
    "protocol.thread-created",
    "persistence.reload-equals-stream",
)

EVIDENCE: Mapping[Kind, tuple[str, ...]] = {"events": OF_EVENTS, "stream": OF_STREAM, "har": OF_REQUESTS}
"""Kind of recording -> the checks that need no more than it holds."""

MISSING: Mapping[Kind, str] = {
    "events": "it needs more than the events of one stream: the request, the model's side, or a reload",
    "stream": "it needs more than one stream: the request, the model's side, or a reload",
    "har": "it needs the model's side, or a conversation held by the suite",
    "run": "this recording has no transcript of its exchanges",
}
"""Why the other checks are not applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What a recording shows: the results, and for the checks that were not applied the reason."""

    results: tuple[Result, ...]
    left: Mapping[str, str]


def lint(recording: Recording, checks: Iterable[Check]) -> Linted:
    """Judge a recording by those of these checks for which it is evidence enough."""
    results: list[Result] = []
    left: dict[str, str] = {}
    for check in checks:
        held = _held(check, recording)
        if not held:
            left[check.id] = MISSING[recording.kind]
            continue
        result = judge(check, held)
        if result.outcome == "untestable" and recording.kind != "run":
            left[check.id] = result.reason
        else:
            results.append(result)
    return Linted(results=tuple(results), left=left)


def _held(check: Check, recording: Recording) -> tuple[Transcript, ...]:
    if recording.kind == "run":
        return tuple(t for t in recording.transcripts if check.judges(t.exchange))
    if not any(fnmatchcase(check.id, glob) for glob in EVIDENCE[recording.kind]):
        return ()
    if check.id == "persistence.reload-equals-stream":
        return tuple(_from_the_start(t) for t in recording.transcripts)
    return recording.transcripts


def _from_the_start(t: Transcript) -> Transcript:
    """Only the threads whose first turn was recorded: of the others nobody knows what they held before."""
    begun = {reply.thread_id for reply in t.replies if reply.of("thread.created")}
    return replace(t, replies=tuple(reply for reply in t.replies if reply.thread_id in begun))
