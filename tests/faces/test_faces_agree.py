"""One run, whoever asks for it: the command, the pytest plugin and a subclass of ConformanceSuite say the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.slow import but_for

HARNESS = Path(__file__).parents[1] / "harness"
ROOT = HARNESS.parents[1]
PATIENCE_S = 240.0
PLUGIN = ("-m", "pytest", "-p", "chatkit_conformance.pytest_faces.plugin", "-p", "no:cacheprovider")

FILES = {
    "badge.json",
    "junit.xml",
    "report.html",
    "results.json",
    "results.jsonl",
    "results.sarif",
    "summary.md",
    "target.log",
    "transcripts",
}

KNOWN = '[[expected]]\nid = "stream.shouts"\nreason = "It whispers."\n'
NOTHING = '[[expected]]\nid = "stream.nix"\nreason = "r"\n'
PASSES = '[[expected]]\nid = "stream.answers"\nreason = "r"\n'


OF_THE_MACHINE = ("the machine was busy", "the server took", "beside other conversations")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is asked of each face, and what has to come of it.

    `k` selects as pytest's -k does. `deadline_s` is where the run is cut; `how` is what tiny_server.py does wrong.
    `passed` is what has to be judged, and right.
    """

    code: int
    verdict: str
    strict: bool = False
    baseline: str = ""
    k: str = ""
    how: str = ""
    deadline_s: float = 300.0
    passed: tuple[str, ...] = ()


SCENARIOS = {
    "plain": Scenario(code=0, verdict="conforms"),
    "strict": Scenario(code=1, verdict="findings", strict=True),
    "baseline": Scenario(code=0, verdict="known_failures", strict=True, baseline=KNOWN),
    "stale": Scenario(code=1, verdict="findings", baseline=KNOWN + NOTHING),
    "unexpected": Scenario(code=1, verdict="findings", baseline=PASSES),
    "selected": Scenario(code=0, verdict="partial", k="answers"),
    "nothing-applies": Scenario(code=0, verdict="nothing_judged", k="seen"),
    "cut-short": Scenario(code=1, verdict="incomplete", deadline_s=0.3),
    "cut-in-mid-run": Scenario(
        code=1, verdict="findings", how="mute-again", deadline_s=8.0, passed=("stream.answers", "tools.executes")
    ),
}


def command(asked: Scenario) -> tuple[str, ...]:
    """`chatkit-conformance run`."""
    words = ["-m", "chatkit_conformance", "run", "--target", "target.toml", "--out", "command"]
    words += ["--strict"] if asked.strict else []
    words += ["--baseline", "known.toml"] if asked.baseline else []
    words += ["--deadline", str(asked.deadline_s)]
    return (*words, *(["-k", asked.k] if asked.k else []))


def plugin(asked: Scenario) -> tuple[str, ...]:
    """`pytest --chatkit-target`."""
    words = [*PLUGIN, "--chatkit-target", "target.toml", "--chatkit-out", "plugin", "--ignore", "test_chat.py"]
    words += ["--chatkit-strict"] if asked.strict else []
    words += ["--chatkit-baseline", "known.toml"] if asked.baseline else []
    words += ["--chatkit-deadline", str(asked.deadline_s)]
    return (*words, *(["-k", asked.k] if asked.k else []))


def suite(asked: Scenario) -> tuple[str, ...]:
    """A subclass of ConformanceSuite."""
    return (*PLUGIN, "test_chat.py", *(["-k", asked.k] if asked.k else []))


def lay(folder: Path, asked: Scenario) -> None:
    """The target file, the baseline and the test module."""
    words = json.dumps([sys.executable, str(HARNESS / "tiny_server.py"), "--how", asked.how])
    (folder / "target.toml").write_text(f"[target]\ncommand = {words}\n")
    (folder / "known.toml").write_text(asked.baseline)
    baseline = "known.toml" if asked.baseline else ""
    (folder / "test_chat.py").write_text(
        "from chatkit_conformance import ConformanceSuite\n\n"
        "class TestChat(ConformanceSuite):\n"
        f'    target, out, baseline, strict = "target.toml", "suite", "{baseline}", {asked.strict}\n'
        f"    deadline_s = {asked.deadline_s}\n"
    )


def ran(folder: Path, words: tuple[str, ...]) -> tuple[int, str]:
    """Exit code and output of a face."""
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    env["CHATKIT_CONFORMANCE_SUITES"] = str(HARNESS / "tiny_suites")
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    return done.returncode, done.stdout + done.stderr


def told(folder: Path) -> dict[str, Any]:
    """All that a run says and that does not hang on its clock, its ports or the order of its tests."""
    run = json.loads((folder / "results.json").read_text())
    cases = ElementTree.parse(folder / "junit.xml").iter("testcase")
    kept = ("verdict", "verdicts", "headline", "complete", "strict", "selection", "levels")
    return {
        # Whether the machine was busy with other things meanwhile is nobody's doing.
        "warnings": [told for told in run["warnings"] if not any(words in told for words in OF_THE_MACHINE)],
        **{key: run[key] for key in (*kept, "baseline")},
        # What was under way at the cut is another thing in each, by a hundredth of a second.
        "stopped": re.sub(r"Under way: .*", "Under way", run["stopped"]),
        "outcomes": {row["id"]: (row["outcome"], row["root"], bool(row["curl"])) for row in run["results"]},
        "criteria": {row["id"]: row["outcome"] for row in run["criteria"]},
        "badge": json.loads((folder / "badge.json").read_text()),
        "junit": {case.attrib["name"]: [child.tag for child in case] for case in cases},
        # Whether a server that was cut off had printed anything by then is chance.
        "files": {path.name for path in folder.iterdir()} - {"target.log"},
        "transcripts": {path.name for path in (folder / "transcripts").iterdir()},
    }


QUICK = ("plain", "cut-in-mid-run")
"""Those that stand for the others in CI."""


@pytest.mark.parametrize("name", but_for(QUICK, SCENARIOS))
def test_every_face_of_a_run_says_the_same(name: str, tmp_path: Path) -> None:
    """The same target gives the same outcomes, verdict, exit code, warnings and files, whichever face is asked."""
    asked = SCENARIOS[name]
    lay(tmp_path, asked)
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda face: ran(tmp_path, face(asked)), (command, plugin, suite)))
    assert [code for code, _ in runs] == [asked.code] * 3, "\n\n".join(out for _, out in runs)
    by_command, by_plugin, by_suite = (told(tmp_path / face) for face in ("command", "plugin", "suite"))
    assert by_command["verdict"] == asked.verdict
    assert by_plugin == by_command
    assert by_suite == by_command
    assert by_command["files"] >= FILES - {"target.log"} - ({"results.jsonl"} if asked.deadline_s < 1 else set())
    assert {by_command["outcomes"][id][0] for id in asked.passed} <= {"passed"}
