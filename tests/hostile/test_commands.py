"""What a server says commands nobody: no build that shows the log, no viewer of a file, no shell."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.dom import minidom

import pytest

from chatkit_conformance.results.describe import describe
from chatkit_conformance.results.model import CheckResult
from chatkit_conformance.visible import flat, harmless
from tests.hostile.lab import ROOT, TINY
from tests.report.runs import result as a_result

COMMANDS = re.compile(r"^\s*::|##(vso|teamcity)?\[", re.MULTILINE)
"""What GitHub, Azure DevOps and TeamCity obey in a line of a log."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n::stop-commands::x", "a\n⟨U+003A⟩:stop-commands::x"),
        ("  ::error file=a,line=1::x", "  ⟨U+003A⟩:error file=a,line=1::x"),
        ("so ##[error]x", "so ⟨U+0023⟩#[error]x"),
        ("##vso[task.complete]", "⟨U+0023⟩#vso[task.complete]"),
        ("##teamcity[x]", "⟨U+0023⟩#teamcity[x]"),
        ("::1 listens, a::b::c, ## A title", "::1 listens, a::b::c, ## A title"),
    ],
)
def test_a_line_that_would_command_a_build_is_shown(text: str, shown: str) -> None:
    """One sign of it stands there by its number; what only looks like it stays."""
    assert harmless(text) == shown


def test_a_text_of_several_lines_is_one_line() -> None:
    """Where a line ended is marked, and nothing is lost."""
    assert flat("a\n  b\r\nCONFORMS") == "a ⏎   b ⏎ CONFORMS"


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a run of a server that says commands everywhere printed, and its folder."""
    folder = tmp_path_factory.mktemp("commands")
    target = (sys.executable, "-m", "tests.hostile", "commands", "--after", "0")
    environment = {"PYTHONPATH": str(ROOT), "CHATKIT_CONFORMANCE_SUITES": str(TINY), "PATH": "/usr/bin:/bin"}
    command = (sys.executable, "-m", "chatkit_conformance", "run", "--deadline", "30", "-v", "--", *target)
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr, folder


def test_a_log_of_a_build_holds_no_command_and_no_line_of_the_servers(met: tuple[str, Path]) -> None:
    """Neither the commands of GitHub, Azure DevOps and TeamCity, nor a verdict of its own."""
    said, _ = met
    assert "owned" in said
    assert not COMMANDS.search(said)


def test_pytest_and_junit_say_no_command_either() -> None:
    """A finding in words, for a terminal and for JUnit: each of its texts is one line, and none of them commands."""
    row = a_result("stream.x", "failed", findings=[{"got": "a\n::error::x ##[error]y", "expected": "b\nc"}])
    told = describe(CheckResult.model_validate(row))
    assert not COMMANDS.search(told)
    assert "expected: b ⏎ c" in told


def test_the_files_are_whole_and_link_nowhere(met: tuple[str, Path]) -> None:
    """XML and JSON can be read, SARIF has no link of the server's, and no word of it was run by a shell."""
    _, folder = met
    report = folder / "chatkit-report"
    minidom.parseString((report / "junit.xml").read_bytes())
    log: dict[str, Any] = json.loads((report / "results.sarif").read_text("utf-8"))
    texts = [result["message"]["text"] for result in log["runs"][0]["results"]]
    assert any("owned" in text for text in texts)
    assert not [text for text in texts if re.search(r"(?<!\\)\[[^\[\]]*\]\(", text)]
    assert not (folder / "owned").exists()
