"""`chatkit-conformance explore`, whole: what a faulty server breaks is found, shrunk, and seen again by a replay."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
TITLE = "persistence.title-as-expected"
TARGET = ("--target", str(ROOT / "mutants" / "chatkit-target.toml"))
FORGETS = (sys.executable, "-m", "mutants", "store-forgets-titles")
RENAMES = {"rename", "meanwhile", "crowd", "name-alike", "outlive", "rename-and-leave"}
"""Kinds of move in which a thread gets a title."""
GOOD = (sys.executable, "-m", "reference_server")


def typed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, typed in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "chatkit_conformance", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A server that forgets titles, explored; what was printed, and the folder."""
    folder = tmp_path_factory.mktemp("explored")
    done = typed(folder, "explore", "--seconds", "20", "--seed", "67", "--select", TITLE, *TARGET, "--", *FORGETS)
    return done, folder


def test_a_breach_is_found_and_shrunk(explored: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """It ends with 1, names the broken invariant, and shows a conversation of five moves at most."""
    done, folder = explored
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"FOUND {TITLE} (MUST)" in done.stdout
    saved = json.loads((folder / "chatkit-report" / "found_01.json").read_text())
    assert saved["found"] == [TITLE]
    kinds = [move["kind"] for move in saved["moves"]]
    assert RENAMES.intersection(kinds)
    assert len(kinds) <= 5


def test_it_is_told_in_words_as_requests_and_as_source(
    explored: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    """The output has numbered sentences, curl lines, an exchange that is Python, and what to type to see it again."""
    done, folder = explored
    assert re.search(r"\b1\. user \d begins a thread", done.stdout)
    for part in ("curl -iN", "@exchange(", "run --replay", "never reached"):
        assert part in done.stdout
    assert "Bearer ey" not in done.stdout
    ast.parse((folder / "chatkit-report" / "found_01.py").read_text())
    results = json.loads((folder / "chatkit-report" / "results.json").read_text())
    (row,) = [row for row in results["results"] if row["id"] == TITLE]
    assert row["outcome"] == "failed"
    assert "--replay" in row["repro"]
    assert (folder / "chatkit-report" / "report.html").exists()
    assert TITLE in (folder / "chatkit-report" / "results.sarif").read_text()


def test_a_replay_breaks_the_faulty_server_again(explored: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """`run --replay` holds that conversation alone, and judges what was found in it."""
    _, folder = explored
    file = str(folder / "chatkit-report" / "found_01.json")
    again = typed(folder, "run", "--replay", file, "--out", "again", *TARGET, "--", *FORGETS)
    assert again.returncode == 1, again.stdout + again.stderr
    results = json.loads((folder / "again" / "results.json").read_text())
    assert [(row["id"], row["outcome"]) for row in results["results"]] == [(TITLE, "failed")]
    held = {path.name for path in (folder / "again" / "transcripts").iterdir()}
    assert held == {"replay--gemini-3.json", "discovery--gemini-3.json"}


@pytest.mark.slow
def test_a_good_server_passes_the_replay(explored: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """What is right is told by the same file."""
    _, folder = explored
    file = str(folder / "chatkit-report" / "found_01.json")
    good = typed(folder, "run", "--replay", file, "--out", "good", *TARGET, "--", *GOOD)
    assert good.returncode == 0, good.stdout + good.stderr


@pytest.mark.slow
def test_what_ends_the_server_is_found_and_the_rest_is_hunted_on(tmp_path: Path) -> None:
    """A server that dies is started again: one conversation is to blame, and those beside it are not."""
    fatal = (sys.executable, "-m", "mutants", "ends-at-rename")
    done = typed(tmp_path, "explore", "--seconds", "30", "--seed", "3", *TARGET, "--", *fatal)
    assert done.returncode == 1, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("FOUND")] == [
        "FOUND errors.server-stays-up (MUST): No request ends the server's process."
    ]
    assert "it did not break again" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--seconds", "0"), "--seconds 0: give 1 or more"),
        (("--users", "9"), "--users 9: give 1 to 3"),
        (("--select", "stream.nothing-like-it"), "matches no check"),
        (("--sead", "1"), "Did you mean --seed?"),
        ((), "no target"),
    ],
)
def test_wrong_usage_is_told(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """A wrong option ends with 2 and says what to give."""
    command = ("--", *GOOD) if arguments else ()
    done = typed(tmp_path, "explore", *arguments, *command)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--exchange", "mooves_*"), "matches no conversation. Did you mean"),
        (("--replay", "nowhere.json"), "nowhere.json: No such file"),
    ],
)
def test_a_run_that_is_narrowed_wrongly_is_told(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """A glob that fits no conversation, or a file that is not there, ends with 2."""
    done = typed(tmp_path, "run", *arguments, "--", *GOOD)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
