"""When a fault of the model happens: in which of a turn's requests, and how far into the answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment at which the model can break.

    Args:
        name: as tables and reports call it.
        does: what has happened by then, in words.
        round: which request of the turn breaks: 0 the one for the user's message, 1 the one that carries the first
            tool's result, 2 the one after the second round of tools.
        at: how far into the answer, as the stand-in's key `at` of a fault says it; None: as early as the fault can.
    """

    name: str
    does: str
    round: int = 0
    at: str | None = None


_ROWS = (
    Moment(name="before-headers", at="before-headers", does="before a byte of the answer"),
    Moment(name="before-first-token", at="before-first-token", does="behind the headers, before the first word"),
    Moment(name="mid-text", at="mid-text", does="after some words"),
    Moment(name="mid-call", at="mid-call", does="in the middle of a tool call"),
    Moment(name="after-tool", round=1, does="when a tool's result is handed back"),
    Moment(name="second-round", round=2, does="when the result of a second round of tools is handed back"),
)

MOMENTS: Mapping[str, Moment] = {row.name: row for row in _ROWS}
"""Every moment by its name, in the order of a turn."""

LATER = tuple(row.name for row in _ROWS if row.at is None)
"""The moments in a turn's later requests, at which every fault can happen."""
