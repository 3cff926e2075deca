"""What failed is judged again: alone, first, and on each change of a file."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest

from chatkit_conformance.cli.changes import Changes
from chatkit_conformance.results.last_failed import last_failed, note_failed
from chatkit_conformance.results.model import CheckResult

from .conftest import Cli

TINY = (sys.executable, str(Path(__file__).with_name("tiny_server.py")))
PATIENCE_S = 120.0


def rows(**outcomes: str) -> list[CheckResult]:
    """Results by id, with _ for a dot."""
    return [CheckResult(id=id.replace("_", ".", 1), outcome=outcome) for id, outcome in outcomes.items()]  # type: ignore[arg-type]  # the test's own words


def test_what_failed_is_known_over_several_runs(tmp_path: Path) -> None:
    """A run of a few checks changes what is known of these and of no other."""
    note_failed(tmp_path, rows(a_x="failed", a_y="untestable", a_z="passed"))
    assert last_failed(tmp_path) == {"a.x", "a.y"}
    note_failed(tmp_path, rows(a_x="passed"))
    assert last_failed(tmp_path) == {"a.y"}
    (tmp_path / "last-failed.json").write_text("{")
    assert last_failed(tmp_path) == set()


def test_only_what_failed_is_judged_again(cli: Cli) -> None:
    """--last-failed selects what failed before; where nothing did, it says so and judges all."""
    first = cli("run", "--", *TINY, "--how", "leaks")
    failed = {id for id, outcome in first.outcomes().items() if outcome in ("failed", "warned", "untestable")}
    assert "gemini.only" in failed
    again = cli("run", "--last-failed", "-q", "--", *TINY)
    assert set(again.outcomes()) == failed
    assert "checks; starting" not in again.out
    assert again.outcomes()["gemini.only"] == "passed"


@pytest.mark.slow
def test_what_failed_comes_first(cli: Cli) -> None:
    """--failed-first judges all, and what failed before the rest."""
    cli("run", "--", *TINY, "--how", "leaks")
    ran = cli("run", "--failed-first", "-v", "--", *TINY)
    order = [row["id"] for row in ran.results["results"]]
    assert order[0] in ("gemini.only", "stream.shouts")
    assert len(order) > 3


def test_a_change_is_seen_once_an_editor_is_done(tmp_path: Path) -> None:
    """Files that are written, come or go are named; what stands in folders of tools is passed over."""
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "__pycache__").mkdir()
    changes = Changes([tmp_path])
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    (tmp_path / "a.py").write_text("12")
    (tmp_path / "b.py").write_text("1")
    assert [Path(path).name for path in changes.wait()] == ["a.py", "b.py"]
    (tmp_path / "b.py").unlink()
    assert [Path(path).name for path in changes.wait()] == ["b.py"]


def until(out: IO[str], words: str) -> str:
    """What is printed until these words are; fails when that takes too long."""
    ends, said = time.monotonic() + PATIENCE_S, ""
    while words not in said:
        ready, _, _ = select.select([out], [], [], max(0.0, ends - time.monotonic()))
        assert ready, f"no {words!r} within {PATIENCE_S} s: {said}"
        line = os.read(out.fileno(), 65536).decode()
        assert line, f"it ended without {words!r}: {said}"
        said += line
    return said


@pytest.mark.skipif(os.name != "posix", reason="waits on a pipe")
@pytest.mark.slow
def test_a_change_is_judged_by_itself(tmp_path: Path, environment: object) -> None:
    """With --watch the server is started anew on each change, what had failed is judged, and Ctrl-C ends it."""
    how = tmp_path / "server.py"
    how.write_text("ARGUMENTS = ['--how', 'leaks']\n")
    start = tmp_path / "start.py"
    start.write_text(
        f"import os, sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport server\n"
        f"os.execv(sys.executable, [sys.executable, {TINY[1]!r}, *server.ARGUMENTS])\n"
    )
    command = [sys.executable, "-m", "chatkit_conformance", "run", "--watch", str(how), "--select", "gemini.only"]
    process = subprocess.Popen(
        [*command, "--", sys.executable, str(start)],
        cwd=tmp_path,
        env=environment(),  # type: ignore[operator]  # a fixture of the harness's tests
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "FAILED  gemini.only" in until(process.stdout, "Ctrl-C ends")
        how.write_text("ARGUMENTS = []\n")
        began = time.monotonic()
        said = until(process.stdout, "Ctrl-C ends")
        print(f"change to verdict: {time.monotonic() - began:.1f} s")  # noqa: T201  # shown with -s
        assert "server.py changed" in said
        assert "1 passed" in said
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()
