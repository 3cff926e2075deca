"""Nowhere to write: a full disk, a file in the folder's place, a folder that may not be written."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hostile.lab import ROOT, TINY
from tests.slow import but_for

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


FILES = ("transcripts/hello--gemini-3.json.part", "target.log.part", "results.json.part")
"""What is being written when the disk is full."""


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


@pytest.mark.parametrize("file", but_for(FILES[:1], FILES))
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


def shell(line: str, cwd: Path) -> tuple[int, str]:
    """A line of shell in which $RUN is a run of an honest server: its exit code and all that it complained of."""
    command = [sys.executable, "-m", "chatkit_conformance"]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "CHATKIT_CONFORMANCE_SUITES": str(TINY),
        "CHECK": shlex.join(command),
        "RUN": shlex.join([*command, "run", "--", *SERVER]),
    }
    line = f"set -o pipefail; {line}"
    done = subprocess.run(
        ["bash", "-c", line], cwd=cwd, env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "INTERNALERROR" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("$RUN > /dev/full", 2, "its output cannot be written: No space left on device. The report is"),
        pytest.param("$RUN >&-", 0, "", marks=pytest.mark.slow),
        pytest.param("$RUN | head -n 1 > /dev/null", 0, "", marks=pytest.mark.slow),
        ("ulimit -f 8; $RUN > /dev/null", 2, "cannot be written: File too large. Make room"),
    ],
)
def test_where_nothing_more_can_be_told_the_run_goes_on(tmp_path: Path, line: str, code: int, said: str) -> None:
    """A full disk behind the output, a pipe that nobody reads and a closed one end no run; a quota is a full disk."""
    got = shell(line, tmp_path)
    assert got[0] == code, got
    assert said in got[1]
    assert len(got[1].splitlines()) == bool(said)
    assert (tmp_path / "chatkit-report" / "report.html").exists() is ("ulimit" not in line)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("$CHECK list > /dev/full", 2),
        ("$CHECK list >&-", 0),
        ("$CHECK list | head -n 1 > /dev/null", 0),
        ("$CHECK lint /nowhere 2> /dev/full", 2),
        ("$CHECK lint /nowhere 2>&-", 2),
    ],
)
def test_no_command_fails_because_nobody_listens(tmp_path: Path, line: str, code: int) -> None:
    """The exit code says what it would have said, and no traceback is printed."""
    assert shell(line, tmp_path)[0] == code
