"""Reading a transcript once, however many checks look into it."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import TypeVar

from ..transcript import Transcript

Read = TypeVar("Read")


def once(read: Callable[[Transcript], Read]) -> Callable[[Transcript], Read]:
    """Keep what a pure reader makes of a transcript for as long as the transcript lives. What it raises is not kept.

    The value must not hold the transcript itself, or neither would ever be let go.
    """
    kept: dict[int, tuple[weakref.ref[Transcript], Read]] = {}

    @functools.wraps(read)
    def reader(t: Transcript) -> Read:
        key = id(t)  # a transcript is frozen, and holds dicts, which have no hash
        known = kept.get(key)
        if known is not None and known[0]() is t:
            return known[1]
        made = read(t)
        kept[key] = (weakref.ref(t, lambda _: kept.pop(key, None)), made)
        return made

    return reader
