"""One order for what several did at once: the verdict of trying every order, and a reason that a reader can follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from chatkit_conformance.stream.one_order import ListRead, Operation, contradictions, out_of_place, overlapping, torn

MOMENTS = st.tuples(st.integers(0, 12), st.integers(1, 8)).map(lambda span: (span[0], span[0] + span[1]))


def write(value: str, begins: float, ends: float) -> Operation:
    """A write."""
    return Operation(label=f"write-{value}", does="wrote", value=value, begins=begins, ends=ends, writes=True)


def read(value: str, begins: float, ends: float, n: int = 0) -> Operation:
    """A read."""
    return Operation(label=f"read-{n}-{value}", does="read", value=value, begins=begins, ends=ends)


@st.composite
def registers(draw: st.DrawFn) -> list[Operation]:
    """Up to three writes and three reads of what they wrote."""
    values = "abc"[: draw(st.integers(1, 3))]
    writes = [write(value, *draw(MOMENTS)) for value in values]
    return writes + [read(draw(st.sampled_from(values)), *draw(MOMENTS), n) for n in range(draw(st.integers(0, 3)))]


def as_register(order: Sequence[Operation]) -> bool:
    """Whether each read of an order shows what was written last."""
    value: int | str = ""
    for act in order:
        if not act.writes and act.value != value:
            return False
        value = act.value if act.writes else value
    return True


def fits(acts: Sequence[Operation], right: Callable[[Sequence[Operation]], bool]) -> bool:
    """Whether any order fits in which nothing comes before what had ended when it began: all of them are tried."""
    return any(
        right(order)
        for order in permutations(acts)
        if not any(later.ends < earlier.begins for n, earlier in enumerate(order) for later in order[n + 1 :])
    )


@settings(max_examples=300, deadline=None)
@given(registers())
def test_a_register_is_judged_as_by_trying_every_order(acts: list[Operation]) -> None:
    """No contradiction is told where some order fits, and one is wherever none does."""
    assert bool(list(contradictions(acts))) == (not fits(acts, as_register))


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[Operation], list[ListRead]]:
    """Up to three messages, the last perhaps unacknowledged, and up to three readings of them."""
    values = "abc"[: draw(st.integers(1, 3))]
    appends = [write(value, *draw(MOMENTS)) for value in values]
    shown = st.permutations(values).flatmap(lambda all: st.integers(0, len(all)).map(lambda n: tuple(all[:n])))
    reads = [
        ListRead(label=f"read-{n}", shows=draw(shown), begins=at, ends=to) for n, (at, to) in enumerate(draw(SPANS))
    ]
    return appends, reads


SPANS = st.lists(MOMENTS, min_size=1, max_size=3)


def as_list(order: Sequence[Operation]) -> bool:
    """Whether each read of an order shows all that was appended before it, in that order."""
    there: list[str] = []
    for act in order:
        if act.writes:
            there.append(str(act.value))
        elif act.value != ",".join(there):
            return False
    return True


@settings(max_examples=300, deadline=None)
@given(lists())
def test_a_list_is_judged_as_by_trying_every_order(made: tuple[list[Operation], list[ListRead]]) -> None:
    """No contradiction is told where some order of messages and readings fits, and one is wherever none does."""
    appends, reads = made
    as_acts = [read(",".join(r.shows), r.begins, r.ends, n) for n, r in enumerate(reads)]
    told = list(torn(reads)) or list(out_of_place(appends, reads))
    assert bool(told) == (not fits([*appends, *as_acts], as_list))


def test_the_reason_names_what_had_ended_before_what_began() -> None:
    """A title that was given and acknowledged, and is not there in a later reading, is told as a cycle of two."""
    acts = [write("old", 0, 1), write("new", 2, 3), read("old", 4.5, 5)]
    (found,) = contradictions(acts)
    assert "write-new wrote, which ended 1.500 s before read-0-old read" in found.why
    assert "write-old wrote, which ended 1.000 s before write-new wrote" in found.why


def test_what_nobody_acknowledged_may_be_missing() -> None:
    """A message whose sender was told nothing contradicts no reading without it."""
    reads = [ListRead(label="read", shows=("a",), begins=5, ends=6)]
    appends = [write("a", 0, 1), write("b", 2, inf)]
    assert list(out_of_place(appends, reads)) == []


def test_acts_one_after_another_do_not_overlap() -> None:
    """Only acts that are known to have been under way together count as an overlap."""
    assert not overlapping([write("a", 0, 1), write("b", 1.5, inf), read("a", 2, 3)])
    assert overlapping([write("a", 0, 1), read("a", 0.5, 3)])
