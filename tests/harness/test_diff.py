"""`diff`: what changed between two runs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.judging.difference import Change
from chatkit_conformance.judging.difference import changes as typed_changes
from chatkit_conformance.results.model import RunResults

Cli = Callable[..., Any]


def run_of(outcomes: dict[str, str], figure: float | None = None) -> dict[str, Any]:
    """Results of a run, a check for each name."""
    rows = [
        {"id": f"stream.{name}", "outcome": outcome, "got": "seen", "figure": figure}
        for name, outcome in outcomes.items()
    ]
    return {"schema": 1, "complete": True, "results": rows, "criteria": [], "levels": {}}


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The changes between two results.json."""
    return typed_changes(RunResults.model_validate(before), RunResults.model_validate(after))


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ({"a": "passed"}, {"a": "passed"}, []),
        ({"a": "passed"}, {"a": "failed"}, ["newly_failing"]),
        ({"a": "expected_failure"}, {"a": "failed"}, ["newly_failing"]),
        ({"a": "passed"}, {"a": "untestable"}, ["newly_failing"]),
        ({}, {"a": "failed"}, ["newly_failing"]),
        ({"a": "failed"}, {"a": "passed"}, ["fixed"]),
        ({"a": "failed"}, {"a": "untestable"}, ["changed"]),
        ({"a": "passed"}, {"a": "warned"}, ["changed"]),
        ({"a": "passed"}, {"b": "passed"}, ["added", "removed"]),
    ],
)
def test_outcomes_are_compared(before: dict[str, str], after: dict[str, str], kinds: list[str]) -> None:
    """Each change of outcome has its kind, and what newly fails comes first."""
    assert [change.kind for change in changes(run_of(before), run_of(after))] == kinds


@pytest.mark.parametrize(
    ("was", "now", "reported"), [(0.5, 0.6, True), (0.5, 0.51, False), (0.01, 0.02, False), (1.0, None, False)]
)
def test_figures_are_compared_where_it_matters(was: float, now: float | None, reported: bool) -> None:
    """A figure is told when it moved by a tenth and by more than a loaded machine adds."""
    found = changes(run_of({"a": "passed"}, was), run_of({"a": "passed"}, now))
    assert [change.kind for change in found] == (["figure"] if reported else [])


def test_levels_and_criteria_are_compared() -> None:
    """A level that is no longer reached, and a criterion that is now missed, are told."""
    before = run_of({"a": "passed"})
    before["levels"] = {"core": {"outcome": "strict"}}
    before["criteria"] = [{"id": "SC-001", "outcome": "met", "figure": 1.0, "unit": "s"}]
    after = copy.deepcopy(before)
    after["levels"]["core"]["outcome"] = "missed"
    after["criteria"][0] |= {"outcome": "missed", "figure": 3.0}
    assert [(c.kind, c.before, c.after) for c in changes(before, after)] == [
        ("level", "strict", "missed"),
        ("criterion", "met", "missed"),
    ]


def test_command_ends_1_when_something_newly_fails(cli: Cli, tmp_path: Path) -> None:
    """diff prints each change and ends 1 only for what newly fails."""
    (tmp_path / "a.json").write_text(json.dumps(run_of({"x": "passed", "y": "failed"})))
    (tmp_path / "b.json").write_text(json.dumps(run_of({"x": "failed", "y": "passed"})))
    ran = cli("diff", "a.json", "b.json")
    assert ran.code == 1
    assert "newly failing     stream.x  passed -> failed: seen" in ran.out
    assert "fixed             stream.y  failed -> passed" in ran.out
    same = cli("diff", "a.json", "a.json")
    assert (same.code, same.out) == (0, "no difference\n")


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (("{", "{}"), "a.json: not JSON"),
        (("[]", "[]"), "a.json: no results of a run"),
        (('{"schema": 9, "results": []}',) * 2, "schema 9"),
        (('{"first_token": {}, "measurement_error": {}}', '{"schema": 1, "results": []}'), "is not a load.json"),
    ],
)
def test_what_cannot_be_compared_ends_2(cli: Cli, tmp_path: Path, texts: tuple[str, str], said: str) -> None:
    """A file that is no result of a run ends 2 and is named."""
    for name, text in zip("ab", texts, strict=True):
        (tmp_path / f"{name}.json").write_text(text)
    ran = cli("diff", "a.json", "b.json")
    assert ran.code == 2
    assert said in ran.err
