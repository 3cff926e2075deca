"""Levels, roots and the request by hand: what a run says of its findings, on the page, in the summary, on the badge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chatkit_conformance.report import write_report

from .runs import finding, lay, result, run_json


def level(outcome: str, *blocking: str) -> dict[str, Any]:
    """A level of results.json."""
    return {"outcome": outcome, "means": "What it means.", "blocking": list(blocking), "selected": 1, "of": 1}


LEVELS = {
    "core": level("strict"),
    "streaming": level("missed", "stream.grammar"),
    "tools": level("not_shown"),
    "robust": level("partial"),
    "client_tools": level("absent"),
    "<b>odd</b>": level("reached"),
}


def laid(folder: Path, **more: Any) -> Path:
    """A run of one failed check with these levels."""
    row = {**result("stream.grammar", "failed", findings=[finding("a", "b")]), **more}
    return lay(folder, run_json([row], verdict="findings", levels=LEVELS), [])


def test_page_shows_the_levels_that_were_judged(tmp_path: Path) -> None:
    """Each level has its sign and what stands in its way; absent and partial ones are left out."""
    folder = laid(tmp_path)
    text = write_report(folder).read_text()
    assert 'title="What it means. Open: stream.grammar"' in text
    assert "core<span" in text
    assert "robust<span" not in text
    assert "client tools<span" not in text
    assert "&lt;b&gt;odd&lt;/b&gt;" in text
    assert "<b>odd</b>" not in text


def test_summary_and_badge_name_them(tmp_path: Path) -> None:
    """The summary lists the levels; the badge of a run with findings names those of the core that are reached."""
    folder = laid(tmp_path)
    write_report(folder)
    assert "Levels: ✅ core, ❌ streaming, ❔ tools" in (folder / "summary.md").read_text()
    assert json.loads((folder / "badge.json").read_text())["message"] == "0/1 MUST, reaches core"


def test_finding_names_its_root_and_its_request(tmp_path: Path) -> None:
    """A finding that is another's shadow links to it, and the request by hand can be copied; a cut one is left out."""
    curl = "curl -iN http://h/chatkit -H \"Authorization: Bearer $TOKEN\" --data-raw '{}'"
    text = write_report(laid(tmp_path, root="stream.ends-closed", curl=curl)).read_text()
    assert 'href="#check-stream.ends-closed">stream.ends-closed</a> failed: mend that first' in text
    assert "Bearer $TOKEN" in text
    assert "By hand" not in write_report(laid(tmp_path / "long", curl=curl + "x" * 6000)).read_text()
