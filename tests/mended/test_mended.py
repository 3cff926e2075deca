"""Faults of a source are found, and what our output says to do mends them: each pair of edits is held, not believed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .bench import ROOT, sources, told
from .faults import FAULTS, Fault
from .measure import digest, own, saved
from .mends import MENDS

MENDED = [fault for fault in FAULTS if MENDS[fault.name].edits]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_edit_fits_its_source(fault: Fault, tmp_path: Path) -> None:
    """A fault and its mend apply one after the other, and what they leave is Python."""
    mend = MENDS[fault.name]
    place = sources(tmp_path, fault.edits, mend.edits) / "odd_servers"
    for edit in (*fault.edits, *mend.edits):
        compile((place / edit.file).read_text("utf-8"), edit.file, "exec")
    assert bool(mend.edits) is bool(mend.fix) is not bool(mend.why_not)


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, id=fault.name, marks=pytest.mark.slow) for fault in MENDED],
)
def test_a_fault_is_told_and_its_mend_ends_it(fault: Fault, tmp_path: Path) -> None:
    """The faulty source's run tells the finding whose fix was done; the mended source's run does not."""
    mend = MENDS[fault.name]
    row = saved(ROOT / "reports" / "mended.json")[fault.name]
    before = told(sources(tmp_path / "faulty", fault.edits))
    assert row.by in own(before)
    after = told(sources(tmp_path / "mended", fault.edits, mend.edits))
    assert (row.by not in own(after)) is row.mended


def test_the_published_figure_is_that_of_these_edits() -> None:
    """Each row was measured of the fault and the mend that stand here, and the documentation has the same figure."""
    rows = saved(ROOT / "reports" / "mended.json")
    assert {name: (row.fault, row.mend) for name, row in rows.items()} == {
        fault.name: (digest(fault.edits), digest(MENDS[fault.name].edits)) for fault in FAULTS
    }
    figure = f"{sum(row.mended for row in rows.values())} of {len(rows)}"
    assert f"**{figure} were mended" in (ROOT / "reports" / "mended.md").read_text("utf-8")
    guide = (ROOT / "docs" / "testing-your-server.md").read_text("utf-8")
    assert re.search(rf"\b{figure} faults\b", guide), figure
    assert all(
        row["mended"] in (True, False) for row in json.loads((ROOT / "reports" / "mended.json").read_text())["rows"]
    )
