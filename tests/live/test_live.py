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


FAST = ("--rate", "6000")
"""The stand-in has no limit of its own."""

TOOLS = (
    "complete_all_tasks",
    "complete_task",
    "create_task",
    "delete_all_tasks",
    "delete_task",
    "list_tasks",
    "update_task",
)


def test_a_live_run_uses_all_seven_tools_and_tells_times_and_cost(
    inside: Gemini, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every tool is used by the model's choice, times and cost are told, the key stays out, and nothing is wrong."""
    code = main(["live", *FAST, "--requests", "120", "--out", str(tmp_path)])
    said = capsys.readouterr().out
    told = json.loads((tmp_path / "live.json").read_text())
    assert code == 0, said
    assert {name for turn in told["turns"] for name in turn["tools"]} == {*TOOLS}
    assert f"tools that the model called: {', '.join(TOOLS)}" in said
    red = ("failed", "warned", "untestable", "error")
    assert {id: row for id, row in told["checks"].items() if row["outcome"] in red} == {}
    assert told["origin"] == "stand-in"
    turn = next(turn for turn in told["turns"] if turn["conversation"] == "three_turns")
    assert 0.0 <= turn["model_s"] <= turn["first_token_s"] < 5.0
    assert any(turn["tool_visible_s"] is not None for turn in told["turns"])
    assert said.index("budget: 120 requests and 200,000 tokens at most") < said.index("spent: ")
    assert KEY not in said + (tmp_path / "live.json").read_text()
    assert inside.sent_keys() == {f"Bearer sha256:{PRINT}"}


def test_a_recording_from_the_endpoint_is_scrubbed_and_labelled(
    inside: Gemini, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`record` with a key writes the conversations it held; what did not come from Google is not called live."""
    assert main(["record", *FAST, "--folder", str(tmp_path), "--requests", "20"]) == 0, capsys.readouterr().out
    rows = manifest.read(tmp_path)
    assert "like-live-widget-actions--gemini-3.8-flash" in rows
    assert all(name.startswith("like-live-") for name in rows)
    assert {row.origin for row in rows.values()} == {"stand-in"}
    assert manifest.problems(tmp_path) == []
    for path in tmp_path.rglob("*.*"):
        assert KEY not in path.read_text()


@pytest.mark.slow
def test_a_budget_that_is_used_up_leaves_the_old_recordings(
    inside: Gemini, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No request beyond the budget is sent, old recordings stay as they were, and the run says why it ended."""
    old = tmp_path / "like-live-three-turns--gemini-3.8-flash.yaml"
    old.write_text("interactions: []\nversion: 1\n")
    assert main(["record", *FAST, "--folder", str(tmp_path), "--requests", "2"]) == 1
    said = capsys.readouterr().out
    assert old.read_text() == "interactions: []\nversion: 1\n"
    assert "The budget of 2 requests is used up." in said
    with inside.http() as http:
        assert len(http.get("/_standin/journal").json()["calls"]) == 2


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
