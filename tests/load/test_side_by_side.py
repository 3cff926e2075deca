"""Two servers compared: what the ratios say, and when none is told."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.load_analysis import compare
from chatkit_conformance.load_analysis.launch import LoadRound
from chatkit_conformance.load_analysis.page import page
from chatkit_conformance.load_analysis.plan import LoadPlan
from chatkit_conformance.load_analysis.rows import LoadTurn, Log, ModelLog
from chatkit_conformance.load_analysis.side_by_side import Side, levels_up_to, ratios_of, side_by_side
from chatkit_conformance.load_analysis.summary import terminal

THOUGHT_S = 0.2
TIGHTEST_S = 0.5
ABOUT = {
    "target": "a against b",
    "command": "load",
    "started": "2026-11-26T12:00:00+00:00",
    "note": "",
    "machine": {"processor": "p", "cores": 2, "system": "s", "load_before": 0.1, "python": "3.11", "versions": {}},
}


def turn(sent_at: float, created_s: float, own_s: float, whole_s: float) -> LoadTurn:
    """A turn of plain talk that went well."""
    token_at = sent_at + THOUGHT_S + own_s
    row = {
        "row": "turn",
        "kind": "talk",
        "new": True,
        "cause": "",
        "left": False,
        "sent_at": sent_at,
        "thread_created_at": sent_at + created_s,
        "first_token_at": token_at,
        "done_at": sent_at + whole_s,
        "tool_visible_at": [],
    }
    call = {"at": sent_at, "text_at": sent_at + THOUGHT_S, "call_at": None, "last_at": None}
    return LoadTurn(row=row, worker="w", start_at=sent_at, sent_at=sent_at, model=ModelLog(calls=(call,)))


def side(name: str, level: int, slowness: float, errors_s: tuple[float, ...] = (0.001,) * 50) -> Side:
    """A round in which everything takes `slowness` times as long."""
    turns = tuple(turn(n * slowness, 0.01 * slowness, 0.02 * slowness, slowness) for n in range(30))
    log = Log(turns=turns, probe_errors_s=errors_s)
    return Side(name=name, level=level, log=log, held=LoadRound(plan=LoadPlan(url=""), folder=Path()))


def rounds(people: int, **more: Any) -> list[Side]:
    """All levels of a server and of one three times as slow."""
    return [
        side(name, level, slowness, **more) for level in levels_up_to(people) for name, slowness in (("A", 1), ("B", 3))
    ]


def compared(sides: list[Side], *, complete: bool = True) -> dict[str, Any]:
    """The comparison, its page drawn on the way."""
    told = side_by_side(sides, names={"A": "a", "B": "b"}, complete=complete, tightest_s=TIGHTEST_S)
    value = {**ABOUT, **told}
    assert all(reason in page(value) for reason in value["reasons"])
    return value


def test_the_ratios_say_how_many_times_better_the_first_is() -> None:
    """One that does everything in a third of the time has three times the rate, and a third of each latency."""
    value = compared(rounds(50))
    assert (value["verdict"], value["exit"]) == ("PASS", 0)
    assert {key: (found["ratio"], found["level"]) for key, found in value["ratios"].items()} == {
        "turns_per_s_at_saturation": (pytest.approx(3), 50),
        "session_creation_p50_at_a_part": (pytest.approx(3), 10),
        "session_creation_p50_at_saturation": (pytest.approx(3), 50),
        "own_first_token_p50_at_one_stream": (pytest.approx(3), 1),
    }
    assert "3.00 x turns per second" in terminal(value)


def test_a_handful_of_people_have_no_level_between_one_and_all() -> None:
    """Where a fifth of the people is one of them, the ratio of a part is not told a second time under another name."""
    assert levels_up_to(4) == (1, 4)
    assert "session_creation_p50_at_a_part" not in compared(rounds(4))["ratios"]


def test_no_ratio_is_told_where_the_generator_was_measured() -> None:
    """A reading error beyond 5 % of the tightest target is INVALID, as it is for one server."""
    value = compared(rounds(50, errors_s=(0.03,) * 50))
    assert (value["verdict"], value["exit"], value["ratios"]) == ("INVALID", 4, {})
    assert "30.0 ms" in value["reasons"][0]
    assert "INVALID, so there is no ratio" in terminal(value)


def test_no_ratio_is_told_where_a_server_went_away_or_the_comparison_was_cut() -> None:
    """The exit codes are those of a load on one server: 3 and 5."""
    sides = rounds(50)
    died = replace(sides[1], held=LoadRound(plan=LoadPlan(url=""), folder=Path(), gone="it went away"))
    gone = compared([sides[0], died, *sides[2:]])
    assert (gone["verdict"], gone["exit"], gone["ratios"]) == ("GONE", 3, {})
    assert gone["reasons"] == ["B, 1 at once: it went away"]
    cut = compared(sides[:3], complete=False)
    assert (cut["verdict"], cut["exit"], cut["ratios"]) == ("INCONCLUSIVE", 5, {})


def test_a_comparison_that_was_cut_before_its_first_round_leaves_a_report() -> None:
    """Ctrl-C while the servers start is INCONCLUSIVE like any other, and not a fault of ours."""
    assert compared([], complete=False)["exit"] == 5


def test_a_side_without_a_good_turn_has_no_ratio() -> None:
    """Nothing is divided by nothing: the comparison is inconclusive and says why."""
    nothing = replace(side("B", 1, 1), log=Log(probe_errors_s=(0.001,) * 50))
    value = compared([side("A", 1, 1), nothing])
    assert (value["verdict"], value["exit"]) == ("INCONCLUSIVE", 5)
    assert "no turn" in value["reasons"][0]


def drawn(draw: random.Random, name: str, level: int) -> Side:
    """A round of one and the same server on a machine that is quicker in one minute than in the next."""
    machine = draw.lognormvariate(0, 0.06)
    turns = []
    at = 0.0
    for _ in range(12):
        slowness = machine * draw.lognormvariate(0, 0.2)
        turns.append(turn(at, 0.01 * slowness, 0.02 * slowness, slowness))
        at += slowness
    log = Log(turns=tuple(turns), probe_errors_s=(0.001,) * 50)
    return Side(name=name, level=level, log=log, held=LoadRound(plan=LoadPlan(url=""), folder=Path()))


@pytest.mark.parametrize("number", [2, 4])
def test_a_server_is_as_good_as_itself_nineteen_times_in_twenty(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rounds differ by themselves, the interval of each ratio holds 1 as often as it says."""
    monkeypatch.setattr(compare, "DRAWS", 100)
    draw, held = random.Random(7), Counter[str]()
    times = 60
    for _ in range(times):
        sides = [drawn(draw, name, level) for _ in range(number) for level in (1, 8) for name in "AB"]
        told = ratios_of(sides, (1, 8))
        held.update(name for name, found in told.items() if found["low"] <= 1 <= found["high"])
    assert held
    assert all(0.92 * times <= count for count in held.values()), held


def test_a_server_that_is_three_times_as_slow_is_no_chance() -> None:
    """The interval of several rounds is wide, and not so wide that it hides what is there."""
    draw = random.Random(7)
    slow = [replace(drawn(draw, "B", level), log=side("B", level, 3).log) for _ in range(4) for level in (1, 8)]
    fast = [drawn(draw, "A", level) for _ in range(4) for level in (1, 8)]
    told = ratios_of([*fast, *slow], (1, 8))
    assert all(found["low"] > 2 for found in told.values()), told
