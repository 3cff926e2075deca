"""`live` as a face of a run: the same results, verdict, exit code and files as `run` gives, and the same options."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.cli import main

from .conftest import KEY, Gemini

BOTH = ("protocol.thread-created", "gemini.streams", "gemini.usage-asked")
"""Checks of which a run holds short conversations."""

FAST = ("--rate", "6000")
"""The stand-in has no limit of its own."""

FILES = {
    "badge.json",
    "junit.xml",
    "last-failed.json",
    "report.html",
    "results.json",
    "results.jsonl",
    "results.sarif",
    "summary.md",
    "target.log",
    "transcripts",
}


@pytest.fixture(autouse=True)
def _inside(gemini: Gemini, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands' environment points to the stand-in, over TLS."""
    for name, value in gemini.environment().items():
        monkeypatch.setenv(name, value)


def results(folder: Path) -> dict[str, Any]:
    """results.json of that folder."""
    value: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return value


@pytest.mark.slow
def test_live_says_what_a_run_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same checks of the same server: outcomes, verdict, exit code and files are those of `run`."""
    selected = [word for id in BOTH for word in ("--select", id)]
    assert main(["live", *FAST, "--out", str(tmp_path / "live"), *selected]) == 0, capsys.readouterr().out
    server = ["--", sys.executable, "-m", "reference_server"]
    assert main(["run", "--out", str(tmp_path / "run"), *selected, *server]) == 0, capsys.readouterr().out
    live, run = results(tmp_path / "live"), results(tmp_path / "run")
    for key in ("verdict", "verdicts", "headline", "complete", "strict", "selection"):
        assert live[key] == run[key], key
    assert [row["outcome"] for row in live["results"]] == [row["outcome"] for row in run["results"]] == ["passed"] * 3
    assert live["results"][0]["repro"].startswith("chatkit-conformance live --select ")
    files = {path.name for path in (tmp_path / "live").iterdir()}
    assert files == {*(path.name for path in (tmp_path / "run").iterdir()), "live.json"} == FILES | {"live.json"}
    written = "".join(path.read_text() for path in (tmp_path / "live").rglob("*") if path.is_file())
    assert KEY not in written


@pytest.mark.slow
def test_live_takes_a_baseline_and_tells_its_stale_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An entry that matches no check is red with --strict and without; one that passes is told, and is not red here."""
    known = tmp_path / "known.toml"
    known.write_text(
        '[[expected]]\nid = "stream.nix"\nreason = "r"\n[[expected]]\nid = "gemini.streams"\nreason = "r"\n'
    )
    out = tmp_path / "out"
    code = main(["live", *FAST, "--select", "gemini.*", "--strict", "--baseline", str(known), "--out", str(out)])
    assert code == 1, capsys.readouterr().out
    told = results(out)
    assert (told["verdict"], told["strict"], told["complete"]) == ("findings", True, True)
    assert told["baseline"]["stale"] == ["stream.nix"]
    assert any(
        warning.startswith("gemini.streams passed although the baseline expects") for warning in told["warnings"]
    )


def test_a_budget_that_ends_cuts_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At its budget the run is incomplete and red, and the files say why."""
    assert main(["live", "--requests", "1", "--out", str(tmp_path)]) == 1
    told = results(tmp_path)
    assert told["complete"] is False
    assert told["stopped"] == "The budget of 1 requests is used up."
    assert told["verdict"] in ("incomplete", "findings")
    assert 'name="complete"' in (tmp_path / "junit.xml").read_text()


def test_a_selection_of_nothing_ends_2(capsys: pytest.CaptureFixture[str]) -> None:
    """Checks that real conversations cannot show are refused before anything is started."""
    assert main(["live", "--select", "tools.create-executes"]) == 2
    assert "no check that real conversations can show is selected" in capsys.readouterr().err
