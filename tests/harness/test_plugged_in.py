"""Checks of somebody's own, by an entry point of a package that is installed: listed, explained and judged as ours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.harness.conftest import ROOT, Cli

TINY = (sys.executable, str(Path(__file__).with_name("tiny_server.py")))
MINE = '''
from chatkit_conformance.check import MUST, Finding, check


@check("stream.mine", level=MUST, on=["hello"], clause="our own rules", cause="none", fix="none")
def mine(t):
    """The answer of a greeting is the one that we want."""
    if t.notes["answer"] != "Hello there.":
        yield Finding(expected="Hello there.", got=t.notes["answer"])
'''


@pytest.fixture
def installed(tmp_path: Path) -> str:
    """A folder for PYTHONPATH in which such a package is installed."""
    site = tmp_path / "site"
    (site / "mine-1.0.dist-info").mkdir(parents=True)
    (site / "mine_checks.py").write_text(MINE)
    (site / "mine-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    entry = "[chatkit_conformance.suites]\nmine = mine_checks\n"
    (site / "mine-1.0.dist-info" / "entry_points.txt").write_text(entry)
    return f"{site}:{ROOT}"


def test_a_check_that_is_plugged_in_is_listed_and_explained(cli: Cli, installed: str) -> None:
    """`list` and `explain` know it; where the package is not installed, nobody does."""
    assert "The answer of a greeting is the one that we want." in cli("list", PYTHONPATH=installed).out
    assert "our own rules" in cli("explain", "stream.mine", PYTHONPATH=installed).out
    assert cli("explain", "stream.mine").code == 2


def test_a_check_that_is_plugged_in_is_judged(cli: Cli, installed: str) -> None:
    """`run` holds its conversation and judges it beside the others."""
    ran = cli("run", "--select", "stream.mine", "--select", "stream.answers", "--", *TINY, PYTHONPATH=installed)
    assert ran.outcomes() == {"stream.answers": "passed", "stream.mine": "passed"}, ran.out + ran.err
