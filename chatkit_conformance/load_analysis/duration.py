"""How long, as Locust writes it: 90, 90s, 5m, 1h30m."""

from __future__ import annotations

import argparse
import re

_SPAN = re.compile(r"(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m)?(?:(?P<s>\d+(?:\.\d+)?)s?)?")


def duration(text: str) -> float:
    """Seconds. Raises argparse.ArgumentTypeError with what may be given."""
    match = _SPAN.fullmatch(text.strip().lower())
    if not match or not any(match.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is no time: give seconds, such as 90, or 90s, 5m, 1h30m.")
    return 3600 * int(match["h"] or 0) + 60 * int(match["m"] or 0) + float(match["s"] or 0)
