"""What was not judged is never a yes: not in the verdict, on the page, on the badge, in a level or in a criterion."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from chatkit_conformance.check import MUST, SHOULD, Level
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.judging.criteria import criteria_met
from chatkit_conformance.judging.levels import LEVELS, levels_reached
from chatkit_conformance.judging.verdict import WORDS, verdict_of
from chatkit_conformance.report import write_report
from chatkit_conformance.results.junit import junit
from chatkit_conformance.results.model import BaselineFacts, CheckResult, RunResults
from chatkit_conformance.results.outcome import Outcome


def run_of(
    musts: Mapping[Outcome, int], shoulds: Mapping[Outcome, int], *, left: Mapping[Level, int], **more: object
) -> RunResults:
    """A run with so many results of each outcome. `left`: how many checks of each severity were not in it."""
    rows = [
        CheckResult(id=f"stream.{level.lower()}-{outcome}-{n}", area="stream", level=level, outcome=outcome, got="seen")
        for level, counts in ((MUST, musts), (SHOULD, shoulds))
        for outcome, count in counts.items()
        for n in range(count)
    ]
    asked = {level: sum(row.level == level for row in rows) for level in ("MUST", "SHOULD", "MAY")}
    selection = {level: {"selected": n, "of": n + left.get(level, 0)} for level, n in asked.items()}  # type: ignore[call-overload]  # the three severities
    return RunResults.model_validate({"complete": True, "results": rows, "selection": selection, **more})


A_PART: dict[Level, int] = {"MUST": 294, "SHOULD": 86}
CASES = {
    "every MUST, no SHOULD": (run_of({"passed": 9}, {}, left={"SHOULD": 6}), "conforms", "partial"),
    "one check": (run_of({"passed": 1}, {}, left=A_PART), "partial", "partial"),
    "SHOULDs alone": (run_of({}, {"passed": 6}, left={"MUST": 9}), "partial", "partial"),
    "nothing applied": (
        run_of({"not_applicable": 3}, {"not_applicable": 1}, left={}),
        "nothing_judged",
        "nothing_judged",
    ),
    "nothing": (run_of({}, {}, left=A_PART), "nothing_judged", "nothing_judged"),
    "a baseline": (run_of({"passed": 120, "expected_failure": 112}, {}, left={}), "known_failures", "known_failures"),
    "a baseline of a part": (run_of({"expected_failure": 2}, {}, left=A_PART), "partial", "partial"),
    "known warnings": (run_of({"passed": 3}, {"expected_failure": 2}, left={}), "conforms", "known_failures"),
    "one not tested": (run_of({"passed": 3, "untestable": 1}, {}, left={}), "not_shown", "not_shown"),
    "all": (run_of({"passed": 3}, {"passed": 2}, left={}), "conforms", "conforms"),
}


@pytest.mark.parametrize("name", CASES)
def test_client_and_strict_are_yes_only_where_all_was_judged(name: str) -> None:
    """Each way of not judging everything has a word that does not read as a yes; a known failure is no pass."""
    run, client, strict = CASES[name]
    found = verdict_of(run)
    assert (found.client, found.strict) == (client, strict)
    assert ("strictly" in found.headline) is (strict == "conforms")
    assert ("Works with" in found.headline) is (client == "conforms")
    assert [word for word, words in WORDS.items() if words.said == "yes"] == ["conforms"]


@pytest.mark.parametrize("name", CASES)
def test_every_file_reads_the_same_verdict(name: str, tmp_path: Path) -> None:
    """Badge, page, summary and JUnit say what the verdict says, and none of them says more."""
    run, client, strict = CASES[name]
    found = verdict_of(run)
    told = run.model_copy(update={"verdict": found.word, "headline": found.headline})
    (tmp_path / "results.json").write_text(json.dumps(told.to_json()))
    page = write_report(tmp_path).read_text()
    badge = json.loads((tmp_path / "badge.json").read_text())
    assert f'<h1 id="verdict">{found.headline}</h1>' in page
    assert found.headline in (tmp_path / "summary.md").read_text().splitlines()[0]
    assert found.headline in junit(told)
    assert badge["message"].startswith("conforms, strict") is (strict == "conforms")
    assert badge["message"].startswith("conforms") is (client == "conforms")
    assert badge["color"].endswith("green") is (client == "conforms")
    assert ("<b>complete</b> run" in page) is found.whole


def test_a_baseline_says_how_many_it_knows() -> None:
    """112 failures that a baseline expects are told as 112 known failures, and the run ends 0 all the same."""
    found = verdict_of(CASES["a baseline"][0])
    assert found.headline == "No worse than its baseline: 112 known failures"
    assert (found.word, found.exit) == ("known_failures", 0)


def test_a_red_run_has_no_green_badge(tmp_path: Path) -> None:
    """Where a stale entry or --strict makes the run red, the headline is not drawn as a success."""
    stale = run_of({"passed": 3}, {"passed": 1}, left={}, baseline=BaselineFacts(file="b", stale=("a.b",)))
    strict = run_of({"passed": 3}, {"warned": 1}, left={}, strict=True)
    for run in (stale, strict):
        assert (verdict_of(run).word, verdict_of(run).exit, verdict_of(run).tone) == ("findings", 1, "warn")
        (tmp_path / "results.json").write_text(json.dumps(run.to_json()))
        write_report(tmp_path)
        assert json.loads((tmp_path / "badge.json").read_text())["color"] == "yellow"


def all_passed() -> dict[str, CheckResult]:
    """A run in which every check of the catalogue passed, with a figure."""
    return {
        check.id: CheckResult(
            id=check.id,
            level=check.level,
            area=check.area,
            outcome="passed",
            capability=check.capability,
            criteria=check.criteria,
            figure=0.1,
        )
        for check in checks()
    }


def test_no_level_is_reached_while_its_criterion_is_missed() -> None:
    """Whichever MUST check fails: the criteria it bears on are missed, and so are the levels that answer for them."""
    passed, known = all_passed(), checks()
    answers = {criterion: level.name for level in LEVELS for criterion in level.criteria}
    assert set(answers) == {c.id for c in criteria_met(passed.values(), known) if c.outcome == "met"}
    for check in known:
        if check.level != MUST or not (check.criteria or check.area in ("persistence", "tools")):
            continue
        rows = {**passed, check.id: passed[check.id].model_copy(update={"outcome": "failed"})}
        levels = levels_reached(rows.values(), known)
        missed = {c.id for c in criteria_met(rows.values(), known) if c.outcome == "missed"}
        assert missed == set(check.criteria) & set(answers), check.id
        assert {levels[answers[criterion]].outcome for criterion in missed} <= {"missed"}, check.id
        if check.area in ("persistence", "tools"):
            assert levels[check.area].outcome == "missed", check.id


def test_a_level_that_hardly_applied_is_not_reached() -> None:
    """A level of which more than half did not apply is no yes, whatever the rest did; an absent extra is no loss."""
    passed, known = all_passed(), checks()
    tools = [check.id for check in known if check.area == "tools" and check.level == MUST]
    rows = dict(passed)
    for id in tools[: len(tools) * 3 // 4]:
        rows[id] = rows[id].model_copy(update={"outcome": "not_applicable", "absence": "declared"})
    assert levels_reached(rows.values(), known)["tools"].outcome == "absent"
    assert levels_reached(passed.values(), known)["tools"].outcome == "strict"
    plain = {
        id: row.model_copy(update={"outcome": "not_applicable", "absence": "probe"}) if row.capability else row
        for id, row in passed.items()
    }
    levels = levels_reached(plain.values(), known)
    assert {name: levels[name].outcome for name in ("core", "persistence", "robust")} == dict.fromkeys(
        ("core", "persistence", "robust"), "strict"
    )
    assert levels["widgets"].outcome == "absent"


def test_a_capability_that_shows_in_part_is_not_reached() -> None:
    """Of an undeclared capability only what shows is judged; where a part did not show, it is not said to be whole."""
    passed, known = all_passed(), checks()
    hidden = next(check.id for check in known if check.capability == "widgets" and check.level == MUST)
    rows = {
        **passed,
        hidden: passed[hidden].model_copy(update={"outcome": "not_applicable", "absence": "undeclared"}),
    }
    level = levels_reached(rows.values(), known)["widgets"]
    assert (level.outcome, level.blocking) == ("not_shown", (hidden,))


def test_a_criterion_needs_its_figure_and_all_of_its_checks() -> None:
    """SC-001 without a measured time is not met, and neither is a criterion of which one check was selected."""
    passed, known = all_passed(), checks()
    nameless = [row.model_copy(update={"figure": None}) for row in passed.values()]
    outcomes = {c.id: (c.outcome, c.figure) for c in criteria_met(nameless, known)}
    assert outcomes["SC-001"] == outcomes["SC-009"] == ("untestable", None)
    one = [row for row in passed.values() if row.id == "persistence.reload-answers"]
    assert {c.outcome for c in criteria_met(one, known)} <= {"partial", "not_measured"}


def test_junit_shows_what_is_no_pass() -> None:
    """A SHOULD that warned is output and property, under --strict a failure; what is no verdict is no bare pass."""
    run = run_of(
        {"passed": 1, "failed": 1, "untestable": 1, "not_applicable": 1, "expected_failure": 1},
        {"warned": 1},
        left={},
        stopped="cut \x00",
        baseline=BaselineFacts(file="b", stale=("a.nix",)),
    )
    text = junit(run)
    assert '<property name="warning" value="seen" />' in text
    assert text.count("<system-out>") == 1
    assert 'failures="2" errors="1" skipped="2"' in text
    assert "'a.nix' matches no check" in text
    assert 'failures="3"' in junit(run.model_copy(update={"strict": True}))
    cut = junit(run.model_copy(update={"complete": False}))
    assert 'message="cut \\u0000"' in cut
    assert 'errors="2"' in cut
