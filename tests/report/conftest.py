"""The folders of two runs: one that conforms, and one with findings of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conversations import plain_turn, second_turn_dead, tool_turn
from .runs import criteria, failing_results, lay, passing_results, run_json


@pytest.fixture
def passing(tmp_path: Path) -> Path:
    """The folder of a run in which all is well."""
    return lay(tmp_path / "passing", run_json(passing_results()), [plain_turn(), tool_turn()])


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """The folder of a run with findings of every kind."""
    run = run_json(
        failing_results(),
        verdict="findings",
        exit=1,
        warnings=["A baseline entry is stale: gemini.signature-replayed."],
        criteria=criteria(
            SC_002=("missed", None),
            SC_005=("missed", 33.3),
            SC_007=("untestable", 4),
            SC_008=("missed", 75.0),
            SC_001=("missed", 3.42),
        ),
    )
    return lay(
        tmp_path / "failing",
        run,
        [plain_turn(answer_id="__fake_id__"), tool_turn(visible=False, idle_ms=2400), second_turn_dead()],
    )
