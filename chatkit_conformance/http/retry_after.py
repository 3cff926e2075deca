"""When to come again after a 429: what Retry-After says (RFC 9110 section 10.2.3), and how long is waited at most."""

from __future__ import annotations

import time

REFUSED = "refused_for_now"
"""Note of a transcript: labels of what was turned away for longer than its conversation could wait."""

MOST_S = 90.0
"""Seconds for which a request is held back at most: limits count by the minute, and others stand in the same line."""

BRIEF_S = 3.0
"""The same, while another answer of its conversation is open: the model of that one may wait for this one."""


def seconds_told(retry_after: str) -> float | None:
    """Seconds from now on that a Retry-After header names, or None where it names none."""
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError, TypeError):
        return None
