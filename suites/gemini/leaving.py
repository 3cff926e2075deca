"""What becomes of the model's call when the browser goes away."""

from __future__ import annotations

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript


@check(
    "gemini.call-cancelled-on-disconnect",
    level=SHOULD,
    on=("client_leaves",),
    clause="reported of ChatKit servers: after a disconnect the model's connection is closed within two seconds",
    cause="The model's stream is read by a task of its own that nobody cancels.",
    fix="Run the agent inside the request's own task, or cancel it when the response's generator is closed.",
)
def call_ends_with_client(t: Transcript) -> Findings:
    """When the browser leaves, the request to the model is given up within two seconds."""
    left = t.notes.get("left_at")
    calls = [c for c in t.calls if not c.side and c.sent and left is not None and c.at < left]
    if left is None or not calls:
        raise Untestable("The model was not being asked when the browser left.")
    c = calls[0]
    if c.finished_at is not None and c.finished_at <= left:
        raise Untestable("The model had answered whole before the browser left.")
    if c.gone_at is None:
        yield Finding(expected="the model's connection closed within 2 s", got="it was read to its end", call=c.n)
    elif c.gone_at - left > 2.0:
        got = f"closed after {c.gone_at - left:.1f} s"
        yield Finding(expected="the model's connection closed within 2 s", got=got, call=c.n)
