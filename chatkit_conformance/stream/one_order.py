"""What several did at once, put in one order; or the two acts that no order fits, and why.

An act takes effect at one moment between its request and its answer (Herlihy and Wing, Linearizability, 1990). Each
value is written once, so what is read tells which write it follows: all acts of one value are together, and of two
values one was before the other. That is contradicted, in the manner of Elle (Kingsbury and Alvaro, 2020), by a cycle
of two: an act of the first value had ended before one of the second began, and the other way round.

    contradictions(acts_on_titles)       values: the titles that were given
    contradictions(list_acts(...))       values: how many messages the thread has, for each message is one more
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import inf

LAST = 10**9
"""The place of a message that was acknowledged, and that no read shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One act.

    Args:
        label: of its reply. does: what it does, in words. value: what it writes or reads.
        begins, ends: seconds between which it took effect; `ends` is infinite where nobody was told that it did.
        writes: whether it writes the value.
    """

    label: str
    does: str
    value: int | str
    begins: float
    ends: float
    writes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two acts that no order fits, and why, in words."""

    first: Operation
    second: Operation
    why: str


def overlapping(acts: Iterable[Operation]) -> bool:
    """Whether any two of the acts are known to have been under way at the same time."""
    ordered = sorted((act for act in acts if act.ends < inf), key=lambda act: act.begins)
    return any(later.begins < earlier.ends for earlier, later in pairwise(ordered))


def contradictions(acts: Iterable[Operation]) -> Iterator[Contradiction]:
    """Where no order fits: the acts on one register, whose values are written once each."""
    clusters: dict[int | str, list[Operation]] = {}
    for act in acts:
        clusters.setdefault(act.value, []).append(act)
    for those in clusters.values():
        write = next((act for act in those if act.writes), None)
        early = min((act for act in those if not act.writes), key=lambda act: act.ends, default=None)
        if write and early and early.ends < write.begins:
            why = f"{early.label} {early.does} {write.begins - early.ends:.3f} s before {write.label} {write.does}"
            yield Contradiction(first=early, second=write, why=why)
    for one, other in combinations(clusters.values(), 2):
        yield from _cycle(one, other)


def _cycle(one: Sequence[Operation], other: Sequence[Operation]) -> Iterator[Contradiction]:
    """Whether of two values each was there before the other."""
    ended, began = min(one, key=lambda act: act.ends), max(other, key=lambda act: act.begins)
    back_ended, back_began = min(other, key=lambda act: act.ends), max(one, key=lambda act: act.begins)
    if ended.ends < began.begins and back_ended.ends < back_began.begins:
        why = f"{_before(ended, began)}; yet {_before(back_ended, back_began)}"
        yield Contradiction(first=ended, second=back_began, why=why)


def _before(earlier: Operation, later: Operation) -> str:
    apart = later.begins - earlier.ends
    return f"{earlier.label} {earlier.does}, which ended {apart:.3f} s before {later.label} {later.does}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRead:
    """One reading of a whole list, the oldest first."""

    label: str
    shows: tuple[str, ...]
    begins: float
    ends: float


def torn(reads: Sequence[ListRead]) -> Iterator[Contradiction]:
    """Readings of a list that only grows, where one does not begin as a longer one does."""
    longest = max(reads, key=lambda read: len(read.shows), default=None)
    for read in reads:
        if longest and read.shows != longest.shows[: len(read.shows)]:
            n = next(n for n, (a, b) in enumerate(zip(read.shows, longest.shows, strict=False)) if a != b)
            why = f"{read.label} shows {read.shows[n]} at place {n + 1}, where {longest.label} shows {longest.shows[n]}"
            yield Contradiction(first=_reading(read), second=_reading(longest), why=why)


def _reading(read: ListRead) -> Operation:
    does = f"showed {len(read.shows)} messages"
    return Operation(label=read.label, does=does, value=len(read.shows), begins=read.begins, ends=read.ends)


def out_of_place(appends: Iterable[Operation], reads: Sequence[ListRead]) -> Iterator[Contradiction]:
    """Acts on a list of which one had ended before the other began, and stands behind it.

    Args:
        appends: one for each value of the list, in any order; `value` is the list's element. reads: none of them torn.
    """
    order = max((read.shows for read in reads), key=len, default=())
    places = [(order.index(act.value) + 1.0, act) for act in appends if act.value in order]
    missing = [(float(LAST), act) for act in appends if act.value not in order and act.ends < inf]
    acts = [*places, *missing, *((len(read.shows) + 0.5, _reading(read)) for read in reads)]
    for (place, one), (other_place, other) in combinations(acts, 2):
        early, late = (
            ((place, one), (other_place, other)) if one.ends < other.begins else ((other_place, other), (place, one))
        )
        if early[1].ends < late[1].begins and early[0] > late[0]:
            yield Contradiction(first=early[1], second=late[1], why=f"{_before(early[1], late[1])}, and is behind it")
