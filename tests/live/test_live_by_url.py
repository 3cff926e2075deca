"""A server that somebody started, the real model asked through us: `run --live --url` and `live --url`, as typed."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.running.process import free_port
from tests.harness.deployed import JUDGED, SECRET, SUITES, deployed

from .conftest import KEY

RED = ("failed", "warned", "untestable", "error")
WHOLE_S = 240.0
"""Seconds after which a command is given up: twenty times what one takes on an idle machine."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a typed command came to: its exit code, what it printed, its results, and the requests to the model."""

    code: int
    out: str
    results: dict[str, Any]
    asked: int
    seen: str

    def found(self) -> dict[str, str]:
        """What is red."""
        return {row["id"]: row["got"] for row in self.results["results"] if row["outcome"] in RED}


async def typed(folder: Path, words: Sequence[str], *more: str) -> Typed:
    """Type the command in an empty folder, beside a server that runs and asks its model at a port of this machine."""
    (folder / "here").mkdir()
    async with deployed(folder, through=free_port()) as server:
        env = {**os.environ, **SUITES, "GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": server.standin.base_url}
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "chatkit_conformance", *words, *server.options(), *more, "--out", "report"],
            cwd=folder / "here",
            env=env,
            capture_output=True,
            text=True,
            timeout=WHOLE_S,
            check=False,
        )
        journal = await server.standin.journal()
    report = folder / "here" / "report"
    written = "".join(path.read_text("utf-8") for path in report.rglob("*") if path.is_file())
    return Typed(
        code=done.returncode,
        out=done.stdout + done.stderr,
        results=json.loads((report / "results.json").read_text("utf-8")),
        asked=len(journal),
        seen=written + done.stdout + done.stderr,
    )


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("run", "--live"), id="run"),
        pytest.param(("live", "--budget", "60"), id="live", marks=pytest.mark.slow),
    ],
)
async def test_a_server_that_runs_is_judged_with_the_real_model(words: tuple[str, ...], tmp_path: Path) -> None:
    """Two hundred checks are judged and none is wrong, within sixty requests; no secret is written or printed."""
    ran = await typed(tmp_path, words)
    assert ran.found() == {}, ran.out
    rows = ran.results["results"]
    assert sum(row["outcome"] in JUDGED for row in rows) >= 200, Counter(row["outcome"] for row in rows)
    assert 0 < ran.asked <= 60
    assert ran.code == 0, ran.out
    assert KEY not in ran.seen
    assert SECRET not in ran.seen


@pytest.mark.slow
async def test_the_line_of_a_finding_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The model's side is judged, and the line that judges it again is taken as it stands: only its server is gone."""
    ran = await typed(tmp_path, ("live",), "--select", "gemini.history-user-messages")
    assert [row["outcome"] for row in ran.results["results"]] == ["passed"], ran.out
    words = shlex.split(ran.results["results"][0]["repro"])
    assert words[:2] == ["chatkit-conformance", "live"]
    assert words[words.index("--url") + 2] == "--standin-port"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    assert await asyncio.to_thread(main, words[1:]) == 3
    assert "nothing answers at" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("run", "--live"), ("live",)], ids=lambda words: words[0])
def test_without_the_port_nothing_is_asked(
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A running server whose way to Gemini was not told: exit 2, with the two things to type."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    assert main([*words, "--url", "http://127.0.0.1:8000/chatkit"]) == 2
    said = capsys.readouterr().err
    assert "GEMINI_BASE_URL=http://127.0.0.1:9001/v1beta/openai/" in said
    assert "--url http://127.0.0.1:8000/chatkit --standin-port 9001" in said


def test_a_strange_host_is_named_twice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`live` asks no server on another machine that was named once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    url = "https://chat.example.com/chatkit"
    assert main(["live", "--url", url, "--standin-port", "9001"]) == 2
    assert f"--url {url} --host chat.example.com" in capsys.readouterr().err
