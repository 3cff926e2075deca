"""The matrix of faults: a square for each fault, moment and place that was met, with what was found there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chatkit_conformance.report import write_report
from chatkit_conformance.report.fault_matrix import fault_matrix
from chatkit_conformance.results.model import CheckResult
from chatkit_conformance.transcript import Reply, Transcript

from .conversations import plain_turn
from .reading import Page
from .runs import finding, lay, result, run_json

LABELS = ("1-begin", "2-fault", "3-say", "4-fault", "end-list-0")


def _fault(moment: str, place: str) -> dict[str, Any]:
    return {"name": "500", "moment": moment, "place": place}


def broken_twice() -> Transcript:
    """A generated conversation in which the model fails in two turns."""
    notes = {
        "2-fault": {"fault": _fault("before-headers", "later-turn")},
        "3-say": {"fault": None},
        "4-fault": {"fault": _fault("after-tool", "retry")},
    }
    replies = tuple(Reply(label=label, status=200) for label in LABELS)
    return Transcript(exchange="model_fails_01", dialect="gemini-3", replies=replies, notes={"turns": notes})


def _failed(reply: str) -> CheckResult:
    seen = finding("an error", "none", exchange="model_fails_01", dialect="gemini-3", reply=reply)
    return CheckResult.model_validate(result("errors.told", "failed", findings=[seen]))


def test_a_finding_belongs_to_the_fault_before_it() -> None:
    """What is found in the turn after a fault stands at that fault, and not at the next one."""
    matrix = fault_matrix([broken_twice()], [_failed("3-say")])
    assert matrix is not None
    assert (matrix.met, matrix.broken) == (2, 1)
    (row,) = matrix.rows
    squares = {square.place: square for column in row.columns for square in column}
    assert squares["later-turn"].found == ("errors.told",)
    assert squares["retry"].found == ()
    assert squares["retry"].file == "transcripts/model_fails_01--gemini-3.json"


def test_there_is_no_matrix_where_nothing_was_broken() -> None:
    """A run without generated conversations has none."""
    assert fault_matrix([plain_turn()], []) is None


def test_the_page_draws_it_and_leads_to_the_transcripts(tmp_path: Path) -> None:
    """The report has the picture, its squares have words, and each leads to a file that is there."""
    folder = lay(tmp_path / "run", run_json([result("errors.told", "passed")]), [plain_turn(), broken_twice()])
    page = Page(write_report(folder))
    assert page.problems == []
    squares = [attrs for tag, attrs in page.tags if tag == "a" and "dot" in attrs.get("class", "")]
    assert [square["title"] for square in squares] == ["later-turn: passed", "retry: passed"]
    assert all((folder / square["href"]).is_file() for square in squares)
