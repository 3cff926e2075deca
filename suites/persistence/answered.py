"""Whether a turn was answered: what many checks of this area judge."""

from __future__ import annotations

from chatkit_conformance.check import Finding, Findings, Untestable
from chatkit_conformance.transcript import Transcript

from ..evidence import (
    LIMITED,
    answer_text,
    answered,
    reply,
    said_errors,
    says,
    shorten,
)


def answered_with(t: Transcript, label: str, said: str) -> Findings:
    """A finding unless the turn's answer holds these words; any, where the model plays no script.

    Raises Untestable where the server's own limit refused the message.
    """
    r = reply(t, label)
    if r.status == LIMITED:
        raise Untestable(f"{label} of {t.exchange} was answered with {answered(r)}.")
    if not says(t, r, said):
        got = f"answer {shorten(answer_text(r))}, {said_errors(r)}; {answered(r)}"
        yield Finding(expected=f"answer {shorten(said)}", got=got, reply=label)
