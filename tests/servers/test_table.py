"""The table of public servers: its rows can be started, and its pages say what a run said."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from chatkit_conformance.results.saved import read_results
from chatkit_conformance.target.file import read_target
from tests.report.runs import failing_results, lay, run_json

from .matrix import Judged, read
from .pages import write
from .rows import SERVERS, Server

ROOT = Path(__file__).parents[2]
ROW = Judged(
    name="a 1", language="Python", says="a server", lines="", install="pip install a", command="run", day="2026-11-27"
)


@pytest.mark.parametrize("server", [s for s in SERVERS if s.examples], ids=lambda s: s.name)
def test_a_row_has_lines_that_start_it(server: Server) -> None:
    """The folder that a row names has a target file that loads, and what its command starts is there."""
    folder = ROOT / "examples" / server.examples
    target = read_target(folder / server.target)
    assert target.command
    named = [word.removesuffix(":app") for word in target.command if word.startswith("server")]
    assert named
    assert all(list(folder.glob(f"{word.partition('.')[0]}.*")) for word in named)


def test_no_two_rows_have_one_name() -> None:
    """A row's name is its key in servers.json; there are six rows at least, in two languages."""
    names = {server.name for server in SERVERS}
    assert len(names) == len(SERVERS) >= 6
    assert len({server.language for server in SERVERS}) == 2


def test_a_row_says_what_the_run_said(tmp_path: Path) -> None:
    """Levels, numbers and the first root cause are those of results.json, and every page has them."""
    results = read_results(lay(tmp_path, run_json(failing_results())))
    row = read(ROW, results)
    failed = {result.id for result in results.results if result.outcome == "failed"}
    assert row.root in failed
    assert set(row.levels) <= set(results.levels)
    unset = replace(ROW, name="b 2", trouble="cannot be installed: no <such> | package")
    write([asdict(row), asdict(unset)], tmp_path)
    assert [told["root"] for told in json.loads((tmp_path / "servers.json").read_text())["rows"]] == [row.root, ""]
    page, text = (tmp_path / "servers.html").read_text(), (tmp_path / "servers.md").read_text()
    assert row.root in page
    assert row.root in text
    assert "no &lt;such&gt; | package" in page
    assert r"no <such> \| package" in text
