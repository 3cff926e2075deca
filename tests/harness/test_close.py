"""The end of a run: what was judged is written, whatever comes in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatkit_conformance.judged_run.check_result import check_result
from chatkit_conformance.judged_run.run import JudgedRun
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.judging.judge import Result
from chatkit_conformance.results.folder import Folder
from chatkit_conformance.results.saved import read_results
from chatkit_conformance.running.settings import Settings
from chatkit_conformance.target.target import Target


def test_ctrl_c_while_the_report_is_made_leaves_the_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who will not wait for the report has results.json all the same, and the run counts as interrupted."""
    target = Target(url="http://127.0.0.1:1/chatkit")
    run = JudgedRun(Settings(target=target), Folder(tmp_path))
    check = checks()[0]
    run.keep(check_result(Result(check=check, outcome="passed"), target))

    def interrupted(self: JudgedRun, folder: Folder, *, whole: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(JudgedRun, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.close()
    assert [row.id for row in read_results(tmp_path / "results.json").results] == [check.id]
