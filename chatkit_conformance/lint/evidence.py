"""Which checks a recording is evidence enough for, and what they say of it.

A check was written for the conversations that it is `on`. A stream from elsewhere is none of them, so only the
invariants judge it, which hold of every conversation. Transcripts of a run are judged by all the checks that are on
their exchanges. The rest is told as not applied.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..check import Check
from ..judging.judge import Result, judge
from ..transcript import Transcript
from .recording import Kind, Recording

OF_TRANSFER = (
    "stream.ends-closed",
    "stream.not-empty",
    "stream.content-type",
    "stream.charset",
    "stream.not-cacheable",
    "stream.no-event-names",
)
"""Invariants about how a stream was sent, of which its events alone tell nothing."""

BEYOND: Mapping[Kind, tuple[str, ...]] = {"events": OF_TRANSFER, "stream": (), "har": (), "run": ()}
"""Kind of recording -> the invariants that need more than it holds. All others judge it as they judge a run."""

MISSING: Mapping[Kind, str] = {
    "events": "it needs more than the events of one stream: the request, the model's side, or a reload",
    "stream": "it needs more than one stream: the request, the model's side, or a reload",
    "har": "it needs the model's side, or a conversation held by the suite",
    "run": "this recording has no transcript of its exchanges",
}
"""Why the other checks are not applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What a recording shows: the results, and for the checks that were not applied the reason.

    Args:
        cut: whether the time was over before all had looked at it.
    """

    results: tuple[Result, ...]
    left: Mapping[str, str]
    cut: bool = False


def lint(recording: Recording, checks: Iterable[Check], *, until: float = math.inf) -> Linted:
    """Judge a recording by those of these checks for which it is evidence enough.

    Args:
        until: monotonic seconds after which it looks at nothing more.
    """
    results: list[Result] = []
    left: dict[str, str] = {}
    for check in checks:
        held = _held(check, recording)
        if not held:
            left[check.id] = MISSING[recording.kind]
            continue
        # Nobody declared anything for a recording; what it shows is there, and what it does not show is no evidence.
        shown = {check.capability: True} if check.capability and recording.kind != "run" else {}
        result = judge(check, held, shown, until=until)
        if result.outcome in ("untestable", "not_applicable", "not_judged") and recording.kind != "run":
            left[check.id] = result.reason
        else:
            results.append(result)
    return Linted(results=tuple(results), left=left, cut=time.monotonic() > until)


def _held(check: Check, recording: Recording) -> tuple[Transcript, ...]:
    if recording.kind == "run":
        return tuple(t for t in recording.transcripts if check.judges(t.exchange))
    if not check.everywhere or check.id in BEYOND[recording.kind]:
        return ()
    return recording.transcripts
