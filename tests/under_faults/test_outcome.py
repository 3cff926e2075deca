"""What is made of a scene: which turns could succeed, and what is wrong with how they went."""

from __future__ import annotations

from dataclasses import replace

from .outcome import SceneOutcome, able, outcome_of, page, troubles
from .people import FaultedTurn
from .scenes import FAILING, SCENES, families


def turn(began: float, ended: float, outcome: str = "answered", *, hit: bool = False) -> FaultedTurn:
    """One turn."""
    return FaultedTurn(began=began, ended=ended, hit=hit, outcome=outcome)


def test_what_an_outage_fell_into_could_not_succeed() -> None:
    """A turn that was under way while the database was away is left out, and one whose model call fails."""
    turns = [turn(0, 3), turn(4, 7), turn(6, 12), turn(11, 14), turn(12, 14, hit=True)]
    assert [t.began for t in able(turns, [(5.0, 11.0)])] == [0, 11]


def test_a_fifth_of_the_model_calls_fails() -> None:
    """In the share that is asked for, each kind as often."""
    dealt = families(0.2)
    assert len(dealt) == 5 * len(FAILING)
    assert all(dealt.count(prefix) == 1 for prefix in FAILING)
    assert families(0.0) == [dealt[0]]


def scene(turns: list[FaultedTurn], name: str = "quiet", **more: int | float) -> SceneOutcome:
    """A scene's figures."""
    played = next(one for one in SCENES if one.name == name)
    left = {"acknowledged": 100, "lost": 0, "mb": 150.0, "handles": 30, "tracebacks": 0, **more}
    return outcome_of("sqlite", played, turns, [], **left)


QUIET = scene([turn(n, n + 3.0) for n in range(60)])


def test_what_is_wrong_is_told() -> None:
    """Lost items, turns that did not succeed, silent ones, late ones, and what was not given back."""
    assert troubles([QUIET]) == []
    late = scene([turn(n, n + 6.1) for n in range(60)], "model")
    failed = scene([*(turn(n, n + 3.0) for n in range(60)), turn(0, 3, "told")], "model")
    silent = scene([*(turn(n, n + 3.0) for n in range(60)), turn(0, 3, "hung", hit=True)], "model")
    held = replace(QUIET, scene="quiet again", mb=190.0, handles=40)
    for wrong, words in (
        (late, "more than 2 times"),
        (failed, "1 of 61 turns that could succeed did not"),
        (silent, "1 turns ended without a word"),
        (replace(QUIET, scene="killed", lost=1), "1 of 100 acknowledged items are lost"),
        (held, "40 handles, after 30"),
        (held, "190 MB, after 150"),
    ):
        assert words in "; ".join(troubles([QUIET, wrong]))


def test_the_page_says_whether_all_is_well() -> None:
    """Its verdict stands above the table, with what is wrong."""
    about = {"people": 5, "seconds": 2.0, "command": "nox -s faults", "cores": 2, "load_average": 0.1}
    assert "**As it should be.**" in page([QUIET], about)
    assert "**Not as it should be.**\n- sqlite, killed: 3 of" in page(
        [QUIET, replace(QUIET, scene="killed", lost=3)], about
    )
