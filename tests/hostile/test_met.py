"""Hostile targets that are met in a second or two each; `nox -s attack` meets all, with all checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.catalogue import MAKES
from tests.hostile.lab import TINY, meet
from tests.slow import but_for

DEADLINE_S = 30.0

IN_CI = (
    "half-letters",
    "terminal-codes",
    "terminal-codes-in-a-head",
    "half-letters-at-the-door",
    "ends-at-once",
    "prints-hosts",
    "reset-in-body",
    "not-utf-8",
    "twice-named",
    "deep",
    "other-types",
)


@pytest.mark.parametrize("name", but_for(IN_CI[::2], IN_CI))
def test_a_hostile_target_is_met(name: str, tmp_path: Path) -> None:
    """It ends with the right code, in time, within its memory, leaves nobody and prints no control character."""
    met = meet(name, tmp_path, deadline_s=DEADLINE_S, suites=TINY)
    assert not met.troubles(MAKES[name], DEADLINE_S), f"{met.out}\n{met.err}"


def test_every_file_of_a_report_can_hold_half_a_letter(tmp_path: Path) -> None:
    """A lone surrogate in every text leaves a report that is valid UTF-8, with the half letter shown by its number."""
    met = meet("half-letters", tmp_path, deadline_s=DEADLINE_S, suites=TINY)
    assert "this is not the target's fault" not in met.err
    files = [file for file in (tmp_path / "chatkit-report").rglob("*") if file.is_file()]
    assert {"report.html", "results.json", "junit.xml", "summary.md"} <= {file.name for file in files}
    for file in files:
        file.read_text(encoding="utf-8")
