"""What a run of the harness says about a mutant, from hand-made results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatkit_conformance.check import MUST, SHOULD, Check, Level
from chatkit_conformance.judging import catalogue as suites
from chatkit_conformance.judging.judge import Result
from chatkit_conformance.results.outcome import Outcome
from mutants.bench import chosen
from mutants.matrix import line, main, report, sliced, written
from mutants.matrix_page import page
from mutants.mutant import Mutant, Wire
from mutants.verdict import CONTROL, SENTINELS, judged, unproven

LIE = Mutant(name="a-lie", lie="It lies.", change=Wire(whole=True), named=("stream.a", "stream.b"))
ODD = Mutant(name="odd-one", lie="It is odd.", change=Wire(whole=True), near_miss=True)


def results(**outcomes: Outcome) -> list[Result]:
    """Results of these checks; `__` stands for the dot of an id, `_` for its hyphens."""
    rows = [(name.replace("__", ".").replace("_", "-"), outcome) for name, outcome in outcomes.items()]
    return [Result(check=a_check(id, SHOULD if outcome == "warned" else MUST), outcome=outcome) for id, outcome in rows]


def a_check(id: str, level: Level) -> Check:
    """A check of which only the id and the level count."""
    return Check(
        id=id, level=level, requirement="It holds.", clause="nowhere", judge=lambda t: (), on=(), cause="-", fix="-"
    )


def test_a_lie_is_killed_by_one_check_that_is_named_for_it() -> None:
    """One named check that fires is enough; the other is told as silent."""
    verdict = judged(LIE, results(stream__a="failed", stream__b="passed"), seconds=1)
    assert verdict.killed
    assert verdict.right
    assert verdict.silent == ("stream.b",)


def test_a_lie_that_other_checks_find_still_lives() -> None:
    """A check that is not named does not kill: it may have fired by chance."""
    verdict = judged(LIE, results(stream__a="passed", stream__other="failed"), seconds=1)
    assert not verdict.killed
    assert "LIVES" in line(verdict)


def test_a_sentinel_that_fires_makes_the_row_wrong() -> None:
    """A check that judges something unbroken and fires is a stray, and the row is not right."""
    verdict = judged(LIE, results(stream__a="failed", errors__bad_json="warned"), seconds=1)
    assert verdict.stray == ("errors.bad-json",)
    assert not verdict.right


def test_a_near_miss_passes_with_warnings_and_not_with_failures() -> None:
    """A SHOULD may warn of a near miss, a MUST may not fail."""
    assert judged(ODD, results(stream__a="passed", stream__b="warned"), seconds=1).right
    shot = judged(ODD, results(stream__a="failed"), seconds=1)
    assert not shot.right
    assert shot.killed_by == ("stream.a",)


@pytest.mark.parametrize("found", [[], results(stream__a="untestable")])
def test_a_run_without_a_verdict_proves_nothing(found: list[Result]) -> None:
    """No results, and results in which nothing was judged, are trouble: neither killed nor passed."""
    assert not judged(LIE, found, seconds=1).right
    assert not judged(ODD, found, seconds=1).right


def test_what_fires_on_the_reference_server_kills_nothing() -> None:
    """A check that fires where nothing is broken is left out, in lies and in near misses."""
    assert not judged(LIE, results(stream__a="failed", stream__b="passed"), seconds=1, noise=["stream.a"]).killed
    assert judged(ODD, results(stream__a="failed", stream__b="passed"), seconds=1, noise=["stream.a"]).right


def test_a_check_is_proved_by_a_lie_and_not_by_a_near_miss() -> None:
    """What fires on a near miss has shown nothing but its own mistake."""
    verdicts = [
        judged(LIE, results(stream__a="failed"), seconds=1),
        judged(ODD, results(stream__b="failed"), seconds=1),
    ]
    assert unproven(verdicts, ["stream.a", "stream.b"]) == ["stream.b"]


def test_a_known_survivor_is_right_until_something_kills_it() -> None:
    """A lie that nothing catches yet is shown as living, and is wrong as soon as a check fires that could be named."""
    alive = Mutant(name="c-lie", lie="It lies on.", change=Wire(whole=True), survives="no check looks there")
    lives = judged(alive, results(stream__a="passed"), seconds=1)
    assert lives.right
    assert "UNKILLED" in line(lives)
    assert "**UNKILLED** no check looks there" in page(report([lives], full=False))
    assert not judged(alive, results(stream__a="failed"), seconds=1).right


def test_a_lie_is_judged_by_its_checks_and_the_sentinels() -> None:
    """A lie meets what is named and the sentinels, a near miss every MUST check, the reference server all."""
    lie = Mutant(name="a-lie", lie="It lies.", change=Wire(whole=True), named=("stream.item-id-stable",))
    assert {check.id for check in chosen(lie)} == {*lie.named, *SENTINELS}
    assert {check.level for check in chosen(ODD)} == {MUST}
    assert chosen(lie, everything=True) == chosen(CONTROL) == suites.checks()


def test_a_matrix_is_held_in_parts() -> None:
    """The second of five parts is named so, and what is none is refused."""
    assert sliced("2/5") == (2, 5)
    for wrong in ("0/5", "6/5", "half"):
        with pytest.raises(ValueError, match=r"."):
            sliced(wrong)


def test_a_matrix_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    """The rows of an earlier matrix are the same verdicts."""
    verdicts = [judged(LIE, results(stream__a="failed"), seconds=1.26)]
    path = tmp_path / "matrix.json"
    path.write_text(json.dumps(report(verdicts, full=False)))
    assert written(path) == {"a-lie": verdicts[0]}
    assert written(tmp_path / "none.json") == {}


def test_the_page_names_what_lives_and_what_is_unproven() -> None:
    """The page shows the killing check in bold, the mutant that lives, and the checks without proof."""
    lives = judged(
        Mutant(name="b-lie", lie="It lies too.", change=Wire(), named=("stream.b",)),
        results(stream__b="passed"),
        seconds=1,
    )
    text = page(report([judged(LIE, results(stream__a="failed"), seconds=1), lives], full=False))
    assert "**stream.a**" in text
    assert "| `b-lie` | It lies too. | **UNKILLED**" in text
    assert "1 of 2 mutants" in text
    assert "- `stream.item-id-stable`" in text


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with 2 and names the nearest."""
    assert main(["--only", "ids-fak"]) == 2
    assert "ids-fake" in capsys.readouterr().err
