"""What becomes of the model's call when the browser goes away."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript

from ..in_words import needs_script

WITHIN_S = 2.0
"""Seconds after a disconnect in which the request to the model is cancelled: what this check asks."""


@check(
    "gemini.call-cancelled-on-disconnect",
    level=SHOULD,
    needs=("model",),
    on=("client_leaves",),
    clause="reported of ChatKit servers: after a disconnect the model's connection is closed within two seconds",
    cause="A separate task reads the model's stream, and nobody cancels it.",
    fix="Run the agent inside the request's task, or cancel it when the response's generator is closed.",
)
def call_cancelled_on_disconnect(t: Transcript) -> Findings:
    """When the browser disconnects, the request to the model is cancelled within two seconds."""
    left = t.notes.get("left_at")
    calls = [c for c in t.calls if not c.side and c.sent and left is not None and c.at < left]
    if left is None or not calls:
        raise Untestable("No model request was running when the browser disconnected.")
    c = calls[0]
    if c.finished_at is not None and c.finished_at - left <= WITHIN_S:
        needs_script(t)
        after = c.finished_at - left
        when = "before the browser disconnected" if after <= 0 else f"{after:.1f} s after the browser disconnected"
        raise Untestable(f"The model had finished its answer {when}: nothing was left to cancel.")
    expected = f"the model's connection closed within {WITHIN_S:g} s"
    if c.gone_at is None:
        yield Finding(expected=expected, got="it stayed open until the model was done", call=c.n)
    elif c.gone_at - left > WITHIN_S:
        yield Finding(expected=expected, got=f"closed after {c.gone_at - left:.1f} s", call=c.n)
