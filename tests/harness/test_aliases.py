"""Earlier ids of checks: whatever was written with one still works, and says what it is called today."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from chatkit_conformance.baseline import Baseline, Entry
from chatkit_conformance.baseline.compare import updated
from chatkit_conformance.cli import main
from chatkit_conformance.judging import killers
from chatkit_conformance.judging.aliases import RENAMED, current, fits
from chatkit_conformance.judging.catalogue import checks, renamed, selected
from chatkit_conformance.judging.difference import changes
from chatkit_conformance.pytest_faces.suite_class import EARLIER, ConformanceSuite
from chatkit_conformance.results.model import CheckResult, RunResults

OLD, NEW = "stream.index-sound", "stream.index-valid"
IDS = frozenset(check.id for check in checks())


def test_each_alias_leads_to_a_check() -> None:
    """Every earlier id leads to a check of today, and none of them is an id of today."""
    assert set(RENAMED.values()) <= IDS
    assert not RENAMED.keys() & IDS


def test_a_selection_by_an_earlier_id_or_its_pattern_holds() -> None:
    """--select takes earlier ids and globs over them, and tells the ids of today; a current one brings no note."""
    assert [check.id for check in selected([OLD])] == [NEW]
    assert renamed([OLD]) == [f"{OLD} is now called {NEW}."]
    assert {check.id for check in selected(["security.strangers-*"])} >= {"security.other-user-cannot-read"}
    assert "security.strangers-refused is now called security.other-user-refused." in renamed(["security.strangers-*"])
    assert renamed([NEW, "stream.*", "stream"]) == []


def test_a_baseline_written_with_an_earlier_id_still_excuses() -> None:
    """An entry of an earlier id speaks of the check of today, is not stale, and an update writes today's id."""
    baseline = Baseline(entries=(Entry(id=OLD, reason="known"),), source="b.toml")
    assert baseline.entry_for(NEW) is not None
    assert baseline.stale(IDS) == ()
    assert baseline.renamed(IDS) == [
        f"{OLD} is now called {NEW}. `chatkit-conformance baseline update` rewrites b.toml."
    ]
    kept = updated(baseline.entries, [CheckResult(id=OLD, outcome="failed", got="-1")], versions={}, known=IDS)
    assert [(entry.id, entry.reason) for entry in kept] == [(NEW, "known")]


def test_explain_answers_to_an_earlier_id(capsys: pytest.CaptureFixture[str]) -> None:
    """`explain` with an earlier id says what it is called today, and explains that."""
    assert main(["explain", OLD]) == 0
    said = capsys.readouterr().out
    assert f"{OLD} is now called {NEW}." in said
    assert f"{NEW} (MUST)" in said


def test_list_says_what_an_earlier_id_is_called_today(capsys: pytest.CaptureFixture[str]) -> None:
    """`list --select` with an earlier id lists the check of today, with a note on stderr."""
    assert main(["list", "--select", OLD]) == 0
    out, err = capsys.readouterr()
    assert NEW in out
    assert f"{OLD} is now called {NEW}." in err


def test_results_of_an_earlier_release_are_compared_by_the_ids_of_today() -> None:
    """A check that was renamed between two runs is neither added nor removed."""
    before, after = (RunResults(results=(CheckResult(id=id, outcome="passed"),)) for id in (OLD, NEW))
    assert changes(before, after) == []


def test_a_mark_under_an_earlier_name_still_marks_the_check() -> None:
    """A ConformanceSuite that marks a test by its earlier name marks the test of today, with a warning."""
    with pytest.warns(FutureWarning, match=r"test_stream_index_sound is now called test_stream_index_valid\."):

        class Suite(ConformanceSuite):
            @pytest.mark.xfail(reason="known")
            def test_stream_index_sound(self) -> None:
                """It is known to fail."""

    assert not hasattr(Suite, "test_stream_index_sound")
    marks = vars(Suite)["test_stream_index_valid"].pytestmark
    assert [(mark.name, mark.kwargs["reason"]) for mark in marks] == [("xfail", "known")]
    assert EARLIER["test_stream_index_sound"] == "test_stream_index_valid"


def test_a_class_of_todays_names_warns_of_nothing() -> None:
    """A mark under today's name brings no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        class Suite(ConformanceSuite):
            @pytest.mark.xfail(reason="known")
            def test_stream_index_valid(self) -> None:
                """It is known to fail."""

    assert "test_stream_index_valid" in vars(Suite)


def test_a_kill_matrix_of_earlier_ids_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What an older kill matrix says of an earlier id counts for the check of today."""
    path = tmp_path / "kill-matrix.json"
    path.write_text('{"mutants": [{"name": "m", "near_miss": false, "killed_by": ["' + OLD + '"]}]}')
    monkeypatch.setattr(killers, "matrix_path", lambda: path)
    assert killers.killers(NEW) == ["m"]


def test_an_id_without_an_earlier_name_is_its_own() -> None:
    """An id that never changed stays as it is, and fits only what names it."""
    assert current("stream.incremental") == "stream.incremental"
    assert fits("stream.incremental", "stream.inc*")
    assert not fits("stream.incremental", OLD)
