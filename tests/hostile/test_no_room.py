"""Nowhere to write: a full disk, a file in the folder's place, a folder that may not be written."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hostile.lab import ROOT, TINY

SERVER = (sys.executable, "-m", "tests.hostile", "prints-late", "--after", "1000000")


def run(*arguments: str, cwd: Path) -> tuple[int, list[str], float]:
    """A command: its exit code, the lines of its complaint, and the seconds it took."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "chatkit_conformance", *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "CHATKIT_CONFORMANCE_SUITES": str(TINY)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    return done.returncode, done.stderr.splitlines(), time.monotonic() - began


@pytest.mark.parametrize("place", ["a-file", "a-file/below", "/proc/nowhere"])
def test_a_folder_that_cannot_be_made_ends_it_before_it_begins(tmp_path: Path, place: str) -> None:
    """One line that names the place and what to type, exit 2, and the server was not started."""
    (tmp_path / "a-file").write_text("kept")
    code, said, _ = run("run", "--out", place, "--", "touch", str(tmp_path / "started"), cwd=tmp_path)
    assert (code, len(said)) == (2, 1), said
    assert place.split("/")[-1] in said[0]
    assert "give --out another folder" in said[0]
    assert not (tmp_path / "started").exists()
    assert (tmp_path / "a-file").read_text() == "kept"


@pytest.mark.parametrize("file", ["transcripts/hello--gemini-3.json.part", "target.log.part", "results.json.part"])
def test_a_disk_that_fills_up_ends_the_run_in_one_line(tmp_path: Path, file: str) -> None:
    """No space for one file of the report: one line with its name, exit 2, in seconds."""
    full = tmp_path / "chatkit-report" / file
    full.parent.mkdir(parents=True)
    full.symlink_to("/dev/full")
    code, said, _ = run("run", "--", *SERVER, cwd=tmp_path)
    assert (code, len(said)) == (2, 1), said
    assert "No space left on device" in said[0]
    assert Path(file).name.removesuffix(".part") in said[0]


def test_what_was_judged_before_the_disk_was_full_stays(tmp_path: Path) -> None:
    """A disk that is full at the report leaves the results that were written as they came."""
    full = tmp_path / "chatkit-report" / "report.html.part"
    full.parent.mkdir(parents=True)
    full.symlink_to("/dev/full")
    code, said, _ = run("run", "--", *SERVER, cwd=tmp_path)
    assert (code, len(said)) == (2, 1), said
    assert len((tmp_path / "chatkit-report" / "results.jsonl").read_text().splitlines()) == 7
