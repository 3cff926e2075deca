"""A run's conversations as HAR 1.2: whole, in order, and read again with the same events."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.lint.recording import read_recording
from tests.report import runs
from tests.report.conversations import plain_turn, tool_turn

REQUIRED = {
    "": {"startedDateTime", "time", "request", "response", "cache", "timings"},
    "request": {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
    "response": {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize"},
    "timings": {"send", "wait", "receive"},
}
"""What the HAR 1.2 specification requires of an entry and its parts."""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The folder of a run with two conversations."""
    return runs.lay(tmp_path, runs.run_json(runs.passing_results()), [plain_turn(), tool_turn()])


def test_a_har_has_what_the_specification_requires(report: Path) -> None:
    """Every entry has each required field, lies on its page, and comes in the order of time."""
    assert main(["har", str(report)]) == 0
    log = json.loads((report / "conversations.har").read_text())["log"]
    assert log["version"] == "1.2"
    pages = {page["id"] for page in log["pages"]}
    for entry in log["entries"]:
        for part, names in REQUIRED.items():
            assert names <= (entry[part] if part else entry).keys()
        assert entry["pageref"] in pages
    moments = [datetime.fromisoformat(entry["startedDateTime"]) for entry in log["entries"]]
    assert moments == sorted(moments)
    hosts = {entry["request"]["url"].split("/")[2] for entry in log["entries"]}
    assert "gemini.stand-in" in hosts
    assert len(hosts) == 2


def test_what_lint_reads_from_a_har_is_what_the_run_had(report: Path) -> None:
    """The events of every stream come back as they were."""
    main(["har", str(report), "--out", str(report / "x.har")])
    before = [[e.data for e in r.events] for t in read_recording(report).transcripts for r in t.replies if r.events]
    after = [[e.data for e in r.events] for t in read_recording(report / "x.har").transcripts for r in t.replies]
    assert sorted(map(json.dumps, before)) == sorted(map(json.dumps, (events for events in after if events)))


def test_no_run_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no run, the message says what to type."""
    assert main(["har", str(tmp_path)]) == 2
    assert "chatkit-conformance run" in capsys.readouterr().err
