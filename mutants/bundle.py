"""Near misses that stand in one server: one of each kind, so that no two of them change the same thing.

What is right stays right beside something else that is right. So a bundle that passes has passed with each of its
members; where a MUST check fires, its members are judged one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .mutant import Mutant, Upstream

FRAMES = "bytes on the wire"
HTTP = "headers, packing and addresses"
ANSWERS = "an answer begun, cut into pieces or replaced otherwise"
EVENTS = "other events, titles and leavings"
FAULTS = "faults told or mended otherwise"
TIMES = "times and ids of another form"
PAGES = "pages, cursors and refusals of another form"
TOOLS = "tools of other names, arguments and results"
TOWARDS = "other requests to the model"
CREDENTIALS = "other credentials"
VISIBLE = "tools that are shown otherwise"
LACKING = "something left out that others have"

TOGETHER = (HTTP, FRAMES, CREDENTIALS, ANSWERS, EVENTS, TIMES, PAGES, FAULTS, TOOLS, TOWARDS)
"""Kinds that go together, in the order in which their changes lie around the server, the outermost first."""

JOINED = "+"
"""What stands between the names of a bundle's members."""


def bundles(odd: Iterable[Mutant]) -> list[tuple[Mutant, ...]]:
    """The near misses, put together where they can be: one of each kind at most, and of those with a target file."""
    made: list[list[Mutant]] = []
    for one in sorted(odd, key=_place):
        free = (row for row in made if _fits(one, row))
        row = next(free, None)
        if row is None:
            made.append([one])
        else:
            row.append(one)
    return [tuple(row) for row in made]


def _place(one: Mutant) -> int:
    return TOGETHER.index(one.kind) if one.kind in TOGETHER else len(TOGETHER)


def _fits(one: Mutant, row: Sequence[Mutant]) -> bool:
    alone = any(m.kind not in TOGETHER or m.env or m.meets != "*" for m in (one, *row))
    targets = [m.target for m in (one, *row) if m.target]
    return not alone and len(targets) < 2 and one.kind not in [m.kind for m in row]


def together(members: Sequence[Mutant], apply: Callable[[Mutant], None]) -> Mutant:
    """The members of a bundle as one near miss.

    Args:
        apply: puts one change in place.
    """

    def change() -> None:
        # A gateway to the model is a server, too, and is begun before there are layers in front of servers.
        for member in sorted(members, key=lambda one: not isinstance(one.change, Upstream)):
            apply(member)

    lies = " ".join(member.lie for member in members)
    target = next((member.target for member in members if member.target), "")
    names = JOINED.join(member.name for member in members)
    return Mutant(name=names, lie=lies, change=change, kind="several", near_miss=True, target=target)
