"""Live runs and live recordings, held with the stand-in in Gemini's place: no real key was ever used for these."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from chatkit_conformance.cassette import manifest
from chatkit_conformance.cli import main

from .conftest import KEY, Gemini

PRINT = hashlib.sha256(KEY.encode()).hexdigest()[:8]


@pytest.fixture
def inside(gemini: Gemini, monkeypatch: pytest.MonkeyPatch) -> Gemini:
    """The commands' environment points to the stand-in, over TLS."""
    for name, value in gemini.environment().items():
        monkeypatch.setenv(name, value)
    return gemini


def test_a_live_run_uses_all_seven_tools_and_counts_retries(
    inside: Gemini, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every tool is used by the model's choice, one retry is shown, times and cost are told, the key stays out."""
    code = main(["live", "--out", str(tmp_path)])
    said = capsys.readouterr().out
    told = json.loads((tmp_path / "live.json").read_text())
    assert code == 0, said
    tries = {step["name"]: step["tries"] for step in told["steps"]}
    assert tries == {
        "fact": 1,
        "memory": 1,
        "create": 1,
        "read": 1,
        "update": 2,
        "complete": 1,
        "delete": 1,
        "bulk-complete": 1,
        "bulk-delete": 1,
    }
    assert all(step["done"] for step in told["steps"])
    assert told["retries"] == 1
    assert "1 retry of the model's choice" in said
    unjudged = {id: row for id, row in told["checks"].items() if row["outcome"] != "passed"}
    assert not unjudged
    fact = told["steps"][0]
    assert 0.05 <= fact["model_s"] <= fact["first_token_s"] < 5.0
    assert told["steps"][2]["tool_visible_s"] is not None
    assert said.index("budget: 80 requests and 200,000 tokens at most") < said.index("ok ")
    assert "spent: " in said
    assert KEY not in said + (tmp_path / "live.json").read_text()
    assert inside.sent_keys() == {f"Bearer sha256:{PRINT}"}


def test_a_recording_from_the_endpoint_is_scrubbed_and_labelled(
    inside: Gemini, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`record` with a key writes both conversations; what did not come from Google is not called live."""
    assert main(["record", "--folder", str(tmp_path)]) == 0, capsys.readouterr().out
    rows = manifest.read(tmp_path)
    assert set(rows) == {"like-live-text-and-memory--gemini-3.8-flash", "like-live-seven-tools--gemini-3.8-flash"}
    assert {row.origin for row in rows.values()} == {"stand-in"}
    assert manifest.problems(tmp_path) == []
    for path in tmp_path.rglob("*.*"):
        assert KEY not in path.read_text()


def test_a_failed_recording_leaves_the_old_one(
    inside: Gemini, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At its budget a recording ends: no request beyond it is sent, what was not held whole stays as it was, exit 1."""
    old = tmp_path / "like-live-seven-tools--gemini-3.8-flash.yaml"
    old.write_text("interactions: []\nversion: 1\n")
    assert main(["record", "--folder", str(tmp_path), "--requests", "4"]) == 1
    said = capsys.readouterr().out
    assert old.read_text() == "interactions: []\nversion: 1\n"
    assert "recorded: like-live-text-and-memory--gemini-3.8-flash" in said
    assert "the run was cut short: The budget of 4 requests is used up." in said
    with inside.http() as http:
        assert len(http.get("/_standin/journal").json()["calls"]) == 4


@pytest.mark.parametrize("command", ["live", "record"])
def test_without_a_key_it_is_one_clear_line(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No key: one line that names the variable, exit 2, and nothing is started."""
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    assert main([command]) == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "GEMINI_API_KEY is not set" in told.err
    assert told.out == ""
