"""A model that falls silent in mid-answer: the turn does not wait for it without an end."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_FAULTS
from ..evidence import calls_of, note, reply

KIND = "stall"

LATE_S = 1.0
"""Seconds between the moment at which the model's line is cut and the end of an answer that waited for it, at least."""


@check(
    "errors.silence-ended",
    level=SHOULD,
    on=("model_stays_silent",),
    needs=("model",),
    clause=SPEC_FAULTS + "; how long a model may be silent, no standard says: the OpenAI client waits ten minutes",
    cause="The client waits for the model's next words for ten minutes (the OpenAI client's default), or for ever.",
    fix="Give the client a read timeout (httpx.Timeout(read=60)), and end the turn with an error that may be retried.",
)
def silence_ended(t: Transcript) -> Findings:
    """A turn whose model says nothing for two and a half minutes in mid-answer ends before they are over."""
    r = reply(t, "silent")
    silent = [call for call in calls_of(t, "silent") if call.fault == KIND and call.fault_at is not None]
    if not silent:
        raise Untestable("The model was not silent: no answer of it had begun.")
    silent_s = float(str(note(t, "silent_s")))
    since = silent[0].fault_at or 0.0
    waited = (r.ended_at or since) - since
    if r.ended == "deadline" or waited > silent_s - LATE_S:
        expected = f"an answer or an error within {silent_s:g} s of silence"
        got = f"the answer still open after {waited:.0f} s of it"
        yield Finding(expected=expected, got=got, reply="silent", call=silent[0].n)
