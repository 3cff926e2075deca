"""A turn in which the model breaks: the steps that make a fault happen at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..script import Step, calls, reply
from .faults import FAULTS
from .model_fault import ModelFault
from .moments import MOMENTS, Moment

WORDS = "Ferns 🌿 have no flowers. They like shade – à l’ombre – and their leaves, rolled up at first, open in spring."
"""What the model says around a fault; letters of two, three and four bytes are in it, for a cut to fall into."""

AFTERWARDS = "That is all I know of ferns."
"""What the model says once the fault is over, or where the server carries a broken call out."""


def turn(
    fault: ModelFault,
    moment: str,
    tool_call: Mapping[str, Any],
    *,
    text: str = WORDS,
    then: str = AFTERWARDS,
    times: int | None = None,
    until: str = "",
) -> list[Step]:
    """The steps of a turn in which this fault happens at this moment.

    Args:
        moment: one of `fault.moments`.
        tool_call: a call of a tool that the server has (`script.call`), for the moments that need one.
        text: what the model says, or begins to say, where it breaks in mid-text.
        then: what it says once the fault is over, after the result of a broken call, and where nothing breaks.
        times: how many of the server's requests meet the fault, its own retries among them; None: all.
        until: the gate that ends the fault, however often the server asks before.

    Raises:
        ValueError: the fault cannot happen at this moment.
    """
    if moment not in fault.moments:
        raise ValueError(f"{fault.name} cannot happen {moment}; it can at: {', '.join(fault.moments) or 'no moment'}")
    when = MOMENTS[moment]
    broken = fault.broken(when)
    passes: dict[str, Any] = {key: value for key, value in (("times", times), ("until", until)) if value}
    steps = [calls(dict(tool_call)) for _ in range(when.round)]
    if broken["at"] == "mid-call":
        return [*steps, {**calls(dict(tool_call)), "fault": {**broken, **passes}}, reply(then)]
    spoken = {"text": text} if broken["at"] == "mid-text" else {}
    return [*steps, {**reply(then), "fault": {**broken, **passes, **spoken}}]


def title(fault: ModelFault, moment: str) -> Step:
    """The step of a request for a title in which this fault happens at this moment."""
    broken = fault.broken(MOMENTS[moment])
    spoken = {"text": "Ferns and"} if broken["at"] == "mid-text" else {}
    return {**reply("Ferns and shade"), "fault": {**broken, **spoken}}


def pairs(faults: Iterable[ModelFault] = FAULTS.values()) -> tuple[tuple[ModelFault, Moment], ...]:
    """Every fault at every moment at which it can happen."""
    return tuple((fault, MOMENTS[name]) for fault in faults for name in fault.moments)
