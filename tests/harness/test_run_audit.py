"""`run --audit`: what source tells of the success criteria stands beside what the run measured."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.judging.criteria import with_source
from chatkit_conformance.results.model import CheckResult, CriterionOutcome, CriterionResult
from chatkit_conformance.results.saved import read_results

HERE = Path(__file__).parent
TINY = (sys.executable, str(HERE / "tiny_server.py"))
MOVED = HERE.parent / "audit" / "fixture"
Cli = Callable[..., Any]


def by_id(row: CheckResult) -> str:
    """What results are sorted by."""
    return row.id


def test_the_criteria_about_source_stand_in_the_report(cli: Cli) -> None:
    """Figure, evidence and command of SC-004 and SC-006, and the command of what the run itself measured."""
    ran = cli("run", "--audit", str(MOVED / "before"), str(MOVED / "after"), "--", *TINY)
    rows = {row["id"]: row for row in ran.results["criteria"]}
    assert ran.code == 0, ran.err
    assert (rows["SC-004"]["outcome"], rows["SC-004"]["figure"]) == ("met", 0)
    assert (rows["SC-006"]["outcome"], rows["SC-006"]["figure"]) == ("met", 711)
    assert rows["SC-006"]["command"].startswith("chatkit-conformance audit ")
    assert "988 lines of code before" in rows["SC-006"]["evidence"][0]
    assert "In source: 0 places" in rows["SC-003"]["how"]
    assert rows["SC-001"]["command"].startswith("chatkit-conformance run -- ")
    page = (ran.folder / "report.html").read_text()
    assert "711 lines" in page
    assert rows["SC-006"]["command"] in page


@pytest.mark.slow
def test_a_criterion_that_source_misses_makes_the_run_fail(cli: Cli) -> None:
    """The way back has WebSocket in it: exit code 1, and the page says so."""
    ran = cli("run", "--audit", str(MOVED / "after"), str(MOVED / "before"), "--", *TINY)
    rows = {row["id"]: row for row in ran.results["criteria"]}
    assert (ran.code, rows["SC-004"]["outcome"], rows["SC-006"]["outcome"]) == (1, "missed", "missed")
    assert "SC-004, SC-006 not met" in ran.err
    assert any(place.startswith("backend/app/main.py:") for place in rows["SC-004"]["evidence"])


def test_a_tree_that_is_none_stops_the_run_before_it_starts(cli: Cli) -> None:
    """Exit code 2 and one line, and no report."""
    ran = cli("run", "--audit", "nowhere", "nothing", "--", *TINY)
    assert (ran.code, ran.err.count("\n"), ran.folder.exists()) == (2, 1, False)


@pytest.mark.parametrize(
    ("ran", "read", "both"),
    [
        ("met", "met", "met"),
        ("met", "missed", "missed"),
        ("met", "untestable", "untestable"),
        ("missed", "met", "missed"),
        ("partial", "met", "partial"),
    ],
)
def test_sc_003_must_be_met_by_run_and_source(
    ran: CriterionOutcome, read: CriterionOutcome, both: CriterionOutcome
) -> None:
    """The worse of the two outcomes is that of both, and both say how."""
    measured = CriterionResult(id="SC-003", figure=100, outcome=ran, how="Ran.", command="run", checks=("a",))
    source = CriterionResult(id="SC-003", figure=3, unit="places", outcome=read, command="audit", evidence=("a.py:1",))
    [row] = with_source([measured], [source])
    assert (row.outcome, row.figure, row.command) == (both, 100, "run && audit")
    assert row.evidence == ("in source: a.py:1",)


@pytest.mark.slow
def test_a_retirement_is_told_and_changes_no_verdict(cli: Cli) -> None:
    """On the day before and on the day itself the verdicts are equal; only the sentence of the warning changes."""
    runs = {
        day: cli("run", "--as-of", day, "--out", day, "--seed", "7", "--", *TINY, "--model", "gemini-2.5-flash")
        for day in ("2026-11-30", "2026-12-01")
    }
    results = {day: read_results(ran.folder.with_name(day)) for day, ran in runs.items()}
    before, after = results.values()
    assert {ran.code for ran in runs.values()} == {0}, runs["2026-12-01"].err
    assert (before.verdict, before.verdicts) == (after.verdict, after.verdicts)
    assert [(r.id, r.outcome) for r in sorted(before.results, key=by_id)] == [
        (r.id, r.outcome) for r in sorted(after.results, key=by_id)
    ]
    then = "requests are routed to gemini-3.5-flash-lite"
    told = [[w for w in run.warnings if "gemini-2.5-flash" in w] for run in (before, after)]
    assert told == [
        [f"gemini-2.5-flash retires on 2026-12-01, in 1 day; after that {then}."],
        [f"gemini-2.5-flash was retired on 2026-12-01; {then}."],
    ]
