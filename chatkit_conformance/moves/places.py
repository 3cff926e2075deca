"""Where in a conversation a fault of the model happens: the third of the three tables, beside faults and moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .faults import FAULTS
from .model_fault import ModelFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place.

    Args:
        name: as tables and reports call it. does: where it is, in words.
        wants, makes: what must be there, and what is there afterwards, as `MoveKind` says it.
        needs: what the server must have.
    """

    name: str
    does: str
    wants: tuple[str, ...] = ("thread",)
    makes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def begins(self) -> bool:
        """Whether the turn begins a thread."""
        return "thread" in self.makes


_ROWS = (
    Place(name="first-turn", does="in the turn that begins a thread", wants=(), makes=("thread",)),
    Place(name="later-turn", does="in a later turn", wants=("thread", "answer")),
    Place(name="after-tools", does="in a thread in which a tool was called", wants=("thread", "tools")),
    Place(name="retry", does="when a message is asked again", wants=("thread", "answer"), needs=("retry",)),
    Place(name="after-fault", does="after another fault", wants=("thread", "fault")),
    Place(
        name="beside", does="while another user's turn is answered", wants=("thread", "two"), makes=("other-thread",)
    ),
    Place(name="title", does="in the request for a title", wants=(), makes=("thread",), needs=("side-request",)),
)

PLACES: Mapping[str, Place] = {row.name: row for row in _ROWS}
"""Every place by its name, the simplest first."""

TITLE_MOMENTS = ("before-headers", "before-first-token", "mid-text")
"""When a request for a title can break: it has neither tools nor a second round."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cell:
    """A fault, a moment and a place, by their names."""

    fault: str
    moment: str
    place: str


def can_be(fault: ModelFault, moment: str, place: Place) -> bool:
    """Whether the fault can happen at that moment in that place."""
    return moment in fault.moments and (place.name != "title" or (moment in fault.within and moment in TITLE_MOMENTS))


def cells() -> tuple[Cell, ...]:
    """The full product of the three tables."""
    return tuple(
        Cell(fault=fault.name, moment=moment, place=place.name)
        for fault in FAULTS.values()
        for moment in fault.moments
        for place in PLACES.values()
        if can_be(fault, moment, place)
    )
