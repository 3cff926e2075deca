"""summary.md and badge.json: the run on one screen, and on one line."""

from __future__ import annotations

import json
from pathlib import Path

from chatkit_conformance.report import write_report

from .runs import finding, lay, passing_results, result, run_json


def badge_of(folder: Path) -> dict[str, object]:
    """The badge that is written for that folder."""
    write_report(folder)
    made: dict[str, object] = json.loads((folder / "badge.json").read_text())
    return made


def test_summary_leads_with_the_verdict(passing: Path) -> None:
    """The first line is the verdict, and each criterion has its row."""
    write_report(passing)
    text = (passing / "summary.md").read_text()
    assert text.startswith("## ✅ Works with ChatKit’s client, strictly")
    assert [f"| SC-00{n} |" in text for n in range(1, 10)] == [True] * 9


def test_summary_lists_findings_and_how_to_run_one_again(failing: Path) -> None:
    """Each finding has a row with what was got, and the first has its command in a block to copy."""
    write_report(failing)
    text = (failing / "summary.md").read_text()
    assert "### 14 findings" in text
    assert "| ❌ | `stream.grammar` | MUST |" in text
    assert "```sh\nchatkit-conformance run --select" in text


def test_summary_lets_no_text_of_the_server_become_markdown(tmp_path: Path) -> None:
    """Pipes, backticks, newlines, mentions and tags of the server stay inside one code span of one cell."""
    got = "a | b\n## c `d` <img src=x> @everyone [e](http://f)"
    write_report(lay(tmp_path, run_json([result("stream.grammar", "failed", findings=[finding("x", got)])])))
    row = next(line for line in (tmp_path / "summary.md").read_text().splitlines() if "`stream.grammar`" in line)
    assert row.endswith("| `a ¦ b ## c ˋdˋ <img src=x> @everyone [e](http://f)` |")
    assert row.count("|") == 6


def test_badge_follows_the_endpoint_schema(passing: Path, failing: Path) -> None:
    """The badge has shields.io's four fields, and its colour is the verdict's."""
    assert badge_of(passing) == {
        "schemaVersion": 1,
        "label": "ChatKit conformance",
        "message": "conforms, strict (37)",
        "color": "brightgreen",
    }
    assert badge_of(failing) == {
        "schemaVersion": 1,
        "label": "ChatKit conformance",
        "message": "23/35 MUST",
        "color": "red",
    }


def test_badge_of_a_warned_a_cut_and_an_empty_run(tmp_path: Path) -> None:
    """A SHOULD that is not kept leaves the badge green but not strict; a cut or an empty run never is green."""
    warned = [*passing_results(), result("stream.title-set", "warned", level="SHOULD", findings=[finding("a", "b")])]
    assert badge_of(lay(tmp_path / "a", run_json(warned)))["color"] == "green"
    assert badge_of(lay(tmp_path / "b", run_json(passing_results(), complete=False)))["message"] == "cut short"
    assert badge_of(lay(tmp_path / "c", run_json([])))["color"] == "lightgrey"


def test_untestable_is_not_a_pass(tmp_path: Path) -> None:
    """One MUST that could not be tested takes the good verdict away."""
    rows = [*passing_results(), result("tools.odd", "untestable", reason="no such tool")]
    assert badge_of(lay(tmp_path, run_json(rows)))["message"] == "not shown (35/36 MUST)"
