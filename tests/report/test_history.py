"""Runs over time: in their order, with what newly failed, and without what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatkit_conformance.cli import main
from tests.report import runs


def day(folder: Path, name: str, results: list[runs.Json], started: str) -> None:
    """A run of one day."""
    runs.lay(folder / name, runs.run_json(results, started=started))


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Three runs: one that passes, one in which something fails, one in which it is mended again."""
    failed = [runs.result("stream.grammar", "failed", findings=[runs.finding("a", "<script>b</script>")])]
    rest = [row for row in runs.passing_results() if row["id"] != "stream.grammar"]
    day(tmp_path, "c", runs.passing_results(), "2026-11-26T10:00:00+00:00")
    day(tmp_path, "a b", [*failed, *rest], "2026-11-25T10:00:00+00:00")
    day(tmp_path, "old", runs.passing_results(), "2026-11-24T10:00:00+00:00")
    return tmp_path


def test_runs_are_drawn_in_the_order_of_time(three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The newest is first in the table, each names what newly failed and what was mended, and leads to its report."""
    assert main(["report", "--history", str(three)]) == 0
    assert capsys.readouterr().out.splitlines() == ["3 runs", str(three / "history.html")]
    page = (three / "history.html").read_text(encoding="utf-8")
    places = [page.index(f'href="{place}/report.html"') for place in ("c", "a%20b", "old")]
    assert places == sorted(places)
    assert page.count("newly failing") == 1
    assert page.count(">fixed<") == 1
    assert page.count("<code>stream.grammar</code>") == 2
    assert page.count("<rect") > 3
    assert "<script>" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_what_cannot_be_read_is_named_and_left_out(three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of another schema does not end it; a folder without a run does, with what to type."""
    (three / "bad").mkdir()
    (three / "bad" / "results.json").write_text('{"schema": 99, "results": []}')
    assert main(["report", "--history", str(three)]) == 0
    said = capsys.readouterr()
    assert "3 runs" in said.out
    assert "left out" in said.err
    (three / "none").mkdir()
    assert main(["report", "--history", str(three / "none")]) == 2
    assert "--out" in capsys.readouterr().err


def test_a_report_is_made_again(three: Path) -> None:
    """`report` writes the page of a run anew from its files."""
    assert main(["report", str(three / "c")]) == 0
    assert (three / "c" / "report.html").exists()
