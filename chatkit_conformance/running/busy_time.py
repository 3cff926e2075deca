"""How much longer a run may take on a busy machine: by what its server, or the harness itself, waited for a processor.

Deadlines of single replies are stretched as the machine is busy (`lag.py`). A run of many replies, each in time, would
else be cut by a deadline that is meant for servers that hang.
"""

from __future__ import annotations

from .plan import RUN_S

MOST_S = 2 * RUN_S
"""Seconds by which a run is lengthened at most: it then takes three times as long as on a quiet machine."""

LOOK_EVERY_S = 0.5
"""Seconds after which it is looked how long was waited."""


def lengthened(allowed_s: float, waited_s: float) -> float:
    """Seconds that a run may take.

    Args:
        allowed_s: on a quiet machine. waited_s: for which it was ready to go on, and got no processor.
    """
    return allowed_s + min(waited_s, MOST_S)


def told(allowed_s: float, given_s: float, lasted_s: float) -> str:
    """A sentence for a run that took longer than it may on a quiet machine, since it was given more time; or "".

    Args:
        allowed_s: on a quiet machine. given_s: what it was given. lasted_s: how long it has taken.
    """
    if lasted_s <= allowed_s or given_s <= allowed_s:
        return ""
    return (
        f"the machine was busy: the run took {lasted_s:.0f} s, and was given longer than its {allowed_s:g} s by what "
        f"the server waited for a processor, {MOST_S:g} s at most. --deadline SECONDS sets a time that stays as it is."
    )
