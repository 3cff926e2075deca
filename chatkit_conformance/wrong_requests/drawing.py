"""Draws wrong requests: every field of the sixteen requests in every group once, then several flaws together.

    for request in drawn(seed=0, number=2000): ...

The same seed draws the same requests. What once broke a server stands in corpus.json, and comes first in every list.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from .kinds import FIELD_GROUPS, VALUES, WHOLE
from .sample import Ids, Place, places, request_types, sample
from .wrong_request import Flaw, WrongRequest

Cell = tuple[str, Place, str]
"""A request type, a place in it, and a group of what can be wrong there."""

_WHOLE_OFTEN = tuple(WHOLE) * 3
"""A whole request is spoilt in each group as often as three of its fields."""

_MORE_FLAWS = (1, 1, 2, 2, 3)
"""How many flaws a request has, drawn from these, once every cell was met by itself."""


@cache
def corpus() -> tuple[WrongRequest, ...]:
    """Requests of one flaw each that some server answered with 500 or never."""
    text = files(__package__).joinpath("corpus.json").read_text(encoding="utf-8")
    return tuple(WrongRequest.from_json(row) for row in json.loads(text))


@cache
def cells() -> tuple[Cell, ...]:
    """Everything that can be drawn: each field of each request in each group, and each whole request in each group."""
    return tuple(
        (type, place, group)
        for type in request_types()
        for place, groups in (
            *((place, FIELD_GROUPS) for place in places(sample(type, full=True, ids=Ids()))),
            ((), _WHOLE_OFTEN),
        )
        for group in groups
    )


@cache
def _always_there(type: str) -> frozenset[Place]:
    """The places of a request that has only the fields that it must have."""
    return frozenset(places(sample(type, full=False, ids=Ids())))


def drawn(*, seed: int, number: int) -> Iterator[WrongRequest]:
    """So many wrong requests: the corpus, then the cells in an order of the seed's, again and again."""
    yield from corpus()[:number]
    order = list(cells())
    random.Random(f"{seed}").shuffle(order)
    for n in range(max(0, number - len(corpus()))):
        yield _request(order[n % len(order)], random.Random(f"{seed}/{n}"), several=n >= len(order))


def _request(cell: Cell, chance: random.Random, *, several: bool) -> WrongRequest:
    type, place, group = cell
    flaws = [_flaw(place, group, chance)]
    if several:
        others = [other for other in cells() if other[0] == type]
        wanted = chance.choice(_MORE_FLAWS)
        while len(flaws) < wanted:
            _, other, more = chance.choice(others)
            if other not in {flaw.place for flaw in flaws}:
                flaws.append(_flaw(other, more, chance))
    there = {(), *_always_there(type)}
    # A thread that is to stay is not named to a request that deletes it.
    own = type != "threads.delete" and ("params", "thread_id") in there and chance.random() < 0.5
    full = any(flaw.place not in there for flaw in flaws) or chance.random() < 0.5
    return WrongRequest(type=type, full=full, own=own, flaws=tuple(flaws))


def _flaw(place: Place, group: str, chance: random.Random) -> Flaw:
    kinds = tuple((VALUES if place else WHOLE).get(group, ()))
    return Flaw(group=group, kind=chance.choice(kinds) if kinds else "", place=place)
