"""The table of the model's faults against the stand-in that plays them."""

from __future__ import annotations

import pytest

from chatkit_conformance.moves.broken_turn import WORDS, pairs, title, turn
from chatkit_conformance.moves.faults import FAULTS, SHAPES
from chatkit_conformance.moves.model_fault import ModelFault
from chatkit_conformance.moves.moments import LATER, MOMENTS, Moment
from chatkit_conformance.moves.places import PLACES, can_be
from chatkit_conformance.script import call, reply
from gemini_standin import fault_kinds, shapes
from gemini_standin.script import parse

CALL = call("get_weather", {"city": "Paris"})


def test_every_kind_of_the_stand_in_is_in_the_table() -> None:
    """No kind of fault that can be played is left out, and none is named that cannot."""
    assert {fault.kind for fault in FAULTS.values()} == set(fault_kinds.KINDS)


def test_every_place_of_a_kind_is_used() -> None:
    """All rows of a kind together happen wherever the stand-in can play it, and nowhere else."""
    used: dict[str, set[str]] = {}
    for fault in FAULTS.values():
        used.setdefault(fault.kind, set()).update(fault.within)
    assert used == {name: set(kind.at) for name, kind in fault_kinds.KINDS.items()}


def test_the_wrong_shapes_are_those_of_the_stand_in() -> None:
    """Both name the same shapes in the same words."""
    assert {name: does for name, (_, does) in SHAPES.items()} == {name: s.does for name, s in shapes.SHAPES.items()}


@pytest.mark.parametrize(("fault", "moment"), pairs(), ids=[f"{f.name}-{m.name}" for f, m in pairs()])
def test_every_turn_with_a_fault_can_be_played(fault: ModelFault, moment: Moment) -> None:
    """The stand-in takes the script of each fault at each of its moments, passing ones and lasting ones."""
    script = parse({"turn": turn(fault, moment.name, CALL, times=2, until="a-gate")})
    broken = script.turn[moment.round].fault
    assert broken is not None
    assert broken.keys["at"] == (moment.at or fault.within[0])


@pytest.mark.parametrize("name", FAULTS)
def test_every_title_with_a_fault_can_be_played(name: str) -> None:
    """The stand-in takes the script of each fault in a request for a title, at each moment that it can have there."""
    moments = [moment for moment in MOMENTS if can_be(FAULTS[name], moment, PLACES["title"])]
    for moment in moments:
        assert parse({"turn": [reply("Hello.")], "side": title(FAULTS[name], moment)}).side is not None


def test_a_moment_that_a_fault_cannot_have_is_refused() -> None:
    """Asked for a moment that is not its own, a fault names those that are."""
    with pytest.raises(ValueError, match="404 cannot happen mid-text; it can at: before-headers, after-tool"):
        turn(FAULTS["404"], "mid-text", CALL)


def test_every_fault_can_happen_in_a_later_request() -> None:
    """After a tool's result and in the second round everything can go wrong that can go wrong at all."""
    assert all(set(LATER) <= set(fault.moments) <= set(MOMENTS) for fault in FAULTS.values())


def test_what_lasts_is_never_told_to_be_worth_another_try() -> None:
    """A fault that the same request meets again does not ask for allow_retry true; only errors ask for anything."""
    assert not [f.name for f in FAULTS.values() if f.allow_retry and not f.passing]
    assert not [f.name for f in FAULTS.values() if f.allow_retry is not None and f.ends != "error"]


def test_the_words_hold_letters_of_every_length() -> None:
    """A cut inside a letter has letters of two, three and four bytes to fall into."""
    assert {len(letter.encode()) for letter in WORDS} == {1, 2, 3, 4}
