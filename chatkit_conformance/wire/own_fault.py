"""The harness judges itself: what it sends is valid by the wire's own schema, unless an exchange says otherwise.

A server that refuses a faulty request is right. So a request of ours that the schema refuses is never sent: its
exchange ends, its checks are errors, and the run ends 4.
"""

from __future__ import annotations

from ..transcript import JSON
from .schema import RELEASE, problems_of_request


class HarnessFault(Exception):
    """The harness was about to send what it should not. The message names the request, the place, and the remedy."""


def refuse_faulty(payload: JSON) -> None:
    """Raise HarnessFault where this request is not as the wire wants it."""
    problems = problems_of_request(payload)
    if problems:
        kind = payload.get("type") if isinstance(payload, dict) else type(payload).__name__
        raise HarnessFault(
            f"the suite would send a {kind!r} that openai-chatkit {RELEASE} does not know: {problems[0]}. Fix the "
            "exchange; if it is wrong on purpose, pass wrong=True or send it with talk.raw."
        )
