"""What accuses nobody, whatever a check finds in it: a reply that was not what the server would have said.

Who limits its users does not do what was asked, and is right. And where the run's own memory was used up, it was we
who read no further: what came of that reply, and of all that was asked after it in the conversation, is no evidence.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..check import Check
from ..stream.once import once
from ..transcript import BODY_NOT_KEPT, NOT_KEPT, Transcript
from ..wire.status import TOO_MANY

LIMIT = "rate_limit"
"""The capability of those checks that judge a server's limit of requests itself."""

LESS = "the server limits its users. Raise its limit for the run, or hold one conversation at a time: --side-by-side 1."
"""What to do about a limit that a run meets."""

FEWER = "Hold fewer conversations in one run: --exchange NAME, or --select AREA."
"""What to do about a run that has no memory left."""


def excused(check: Check, t: Transcript) -> Mapping[str, str]:
    """Labels of the replies that accuse nobody, each with why, as a sentence; "" for what names no reply."""
    unkept = _unkept(t)
    return unkept if check.capability == LIMIT else {**_limited(t), **unkept}


@once
def _limited(t: Transcript) -> dict[str, str]:
    """The replies that were refused with 429."""
    return {
        r.label: f"{r.label} of {t.exchange} was refused with HTTP 429: {LESS}"
        for r in t.replies
        if r.status == TOO_MANY
    }


@once
def _unkept(t: Transcript) -> dict[str, str]:
    """The first reply that the run had no memory for, and all after it; all, where it was a request to the model."""
    for call in t.calls:
        if isinstance(call.body, str) and BODY_NOT_KEPT in call.body:
            why = f"the run had no memory left for request {call.n} to the model of {t.exchange}. {FEWER}"
            return dict.fromkeys((*(r.label for r in t.replies), ""), why)
    cut = next((n for n, r in enumerate(t.replies) if NOT_KEPT in (r.trouble or "")), None)
    if cut is None:
        return {}
    why = f"{t.replies[cut].label} of {t.exchange} was read no further: {t.replies[cut].trouble}. {FEWER}"
    return dict.fromkeys((*(r.label for r in t.replies[cut:]), ""), why)
