"""What concurrent calls did and saw, and why no serial run explains it.

As Elle does for databases: two facts that each put one event before another, in opposite directions, are an anomaly,
and the finding names both. Real time is one source of facts (a call that was answered came before one that was begun
later), what a read or the final list shows is the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreEvent:
    """One acknowledged call. Times are `time.perf_counter()` seconds.

    Args:
        wrote: id or value that it wrote, "" for a read.
        saw: ids in the order read, or the one value read.
    """

    task: int
    began: float
    ended: float
    wrote: str = ""
    saw: tuple[str, ...] = ()


@dataclass(slots=True)
class History:
    """Events of one run, in the order they were acknowledged, counted from `start`."""

    events: list[StoreEvent] = field(default_factory=list)
    start: float = field(default_factory=time.perf_counter)

    @property
    def writes(self) -> list[StoreEvent]:
        return [event for event in self.events if event.wrote]

    @property
    def reads(self) -> list[StoreEvent]:
        return [event for event in self.events if not event.wrote]

    def at(self, moment: float) -> str:
        return f"{(moment - self.start) * 1000:.1f} ms"

    def described(self, event: StoreEvent) -> str:
        what = f"write of {event.wrote!r}" if event.wrote else f"read of {len(event.saw)}"
        return f"the {what} by task {event.task} ({self.at(event.began)} to {self.at(event.ended)})"


def list_anomaly(history: History, listed: Sequence[str]) -> str | None:
    """Why the final list of a thread is none that a serial run of the acknowledged adds gives, or None."""
    counts = {entry: listed.count(entry) for entry in set(listed)}
    for write in history.writes:
        count = counts.get(write.wrote, 0)
        if count != 1:
            return f"{history.described(write)} was acknowledged, and its item is listed {count} times"
    place = {entry: index for index, entry in enumerate(listed)}
    for one in history.writes:
        for other in history.writes:
            if one.ended < other.began and place[other.wrote] < place[one.wrote]:
                return (
                    f"{history.described(one)} was acknowledged before {history.described(other)} was begun, and yet "
                    f"{other.wrote!r} is listed before {one.wrote!r}: no serial run gives both"
                )
    return None


def read_anomaly(history: History) -> str | None:
    """A read that misses an acknowledged add, foresees one, or forgets what an earlier read saw; or None."""
    for read in history.reads:
        seen = set(read.saw)
        for write in history.writes:
            if write.ended < read.began and write.wrote not in seen:
                return (
                    f"{history.described(write)} was acknowledged before {history.described(read)} was begun, "
                    "and the read does not have it: the read came before the write, and after it"
                )
            if read.ended < write.began and write.wrote in seen:
                return f"{history.described(read)} ended before {history.described(write)} was begun, and has its item"
        for later in history.reads:
            forgotten = seen - set(later.saw)
            if read.ended < later.began and forgotten:
                began = f"{history.described(later)} began after {history.described(read)} ended"
                return f"{began}, and forgot {sorted(forgotten)[:3]}"
    return None


def value_anomaly(history: History, initial: str) -> str | None:
    """A read of the one value that many wrote which no serial run explains, or None.

    A read may give the value of any write that had begun and was not surely overwritten: by a write that began after
    the first was acknowledged, and was acknowledged before the read began.
    """
    wrote = {write.wrote: write for write in history.writes}
    for read in history.reads:
        value = read.saw[0]
        if value == initial:
            over: Iterable[StoreEvent] = history.writes
        elif value not in wrote:
            return f"{history.described(read)} gives {value!r}, which nobody wrote"
        elif read.ended < wrote[value].began:
            return f"{history.described(read)} gives {value!r} before {history.described(wrote[value])} was begun"
        else:
            over = (write for write in history.writes if wrote[value].ended < write.began)
        for write in over:
            if write.ended < read.began:
                lost = f"{history.described(write)} was acknowledged before {history.described(read)} was begun"
                return f"{lost}, which gives the older value {value!r}: that write is lost"
    return None
