"""The published load reports: one page as an example, and a table that has the figures of their load.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.load_analysis.summary import RATIOS, quantile_of, shown_s

FOLDER = Path(__file__).parents[2] / "reports" / "load"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
SINGLE = ("reference", "hundred", "soak", "generator-400")
MEASURED = ("session_creation", "first_token", "own_first_token", "tool_visible")


def load_json(name: str) -> dict[str, Any]:
    """A report's figures."""
    value: dict[str, Any] = json.loads((FOLDER / name / "load.json").read_text(encoding="utf-8"))
    return value


@pytest.mark.parametrize("name", SINGLE)
def test_the_table_has_the_figures_of_each_load(name: str) -> None:
    """A row's verdict, turns, quantiles and error of the generator are those of its load.json."""
    value = load_json(name)
    cells = [
        value["verdict"],
        str(value["turns"]["n"]),
        f"{value['turns']['per_s']:.1f}",
        *(_p50_and_p95(value[measure]) for measure in MEASURED),
        quantile_of(value["measurement_error"], "p99"),
    ]
    assert f"| [{name}]({name}/load.json) | {' | '.join(cells)} |" in README


def test_the_table_has_the_ratios_of_the_comparison() -> None:
    """A row's ratio, level and interval are those of the comparison's load.json."""
    ratios = load_json("naive")["ratios"]
    for key, words in RATIOS.items():
        r = ratios[key]
        assert f"| {words} | {r['level']} | {r['ratio']:.2f} | {r['low']:.2f} to {r['high']:.2f} |" in README


def test_each_report_has_its_command() -> None:
    """The command that made a report is in the page, as its load.json has it."""
    for name in (*SINGLE, "naive"):
        command = load_json(name)["command"]
        assert command in README, f"{name}: {command}"


def test_one_page_is_the_example_and_shows_its_own_figures() -> None:
    """Only the reference's page is committed, and it has the quantiles of its load.json."""
    assert [path.parent.name for path in FOLDER.glob("*/load.html")] == ["reference"]
    page, value = (FOLDER / "reference" / "load.html").read_text(encoding="utf-8"), load_json("reference")
    for measure in MEASURED:
        assert f"<td>{quantile_of(value[measure], 'p50')}</td>" in page
        assert f"<td>{quantile_of(value[measure], 'p95')}</td>" in page


def _p50_and_p95(found: dict[str, Any]) -> str:
    return f"{shown_s(found['p50'])} / {shown_s(found['p95'])}" if found["n"] else "–"
