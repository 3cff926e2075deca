"""The table of hostile targets is made in pieces: what a session does not meet stays as it was."""

from __future__ import annotations

import json
from pathlib import Path

from tests.hostile.catalogue import MAKES
from tests.hostile.lab import Met
from tests.hostile.row import AT_ONCE, ROWS, TURNS, HostileRow, page, read_rows, write_rows


def row(target: str, hostile: str, **more: object) -> HostileRow:
    """A row of the table."""
    told: dict[str, object] = {"checks": "seven", "deadline_s": 30.0, "code": 1, "seconds": 1.0, "mb": 80}
    return HostileRow(**{"target": target, "hostile": hostile, "troubles": (), "said": "x", **told, **more})  # type: ignore[arg-type]  # as the fields are


def test_rows_of_others_stay(tmp_path: Path) -> None:
    """A row that is met again takes the place of its own, and no other's; a target that is no more has none."""
    write_rows([row("silent", AT_ONCE), row("silent", TURNS), row("endless", AT_ONCE)], tmp_path)
    known = read_rows(tmp_path / ROWS.name)
    again = row("silent", TURNS, code=3)
    write_rows({**known, again.key: again}.values(), tmp_path)
    kept = read_rows(tmp_path / ROWS.name)
    assert [(one.target, one.hostile, one.code) for one in kept.values()] == [
        ("silent", AT_ONCE, 1),
        ("silent", TURNS, 3),
        ("endless", AT_ONCE, 1),
    ]
    data = json.loads((tmp_path / ROWS.name).read_text())
    (tmp_path / ROWS.name).write_text(json.dumps([{**data[0], "target": "gone"}]))
    assert read_rows(tmp_path / ROWS.name) == {}


def test_what_went_wrong_stands_in_the_table() -> None:
    """A hang, a wrong exit code, too much memory, somebody left and an end without a word are each told."""
    met = Met(code=4, seconds=99.0, mb=900.0, left=("sleep 600",), out="", err="")
    told = "; ".join(met.troubles(MAKES["silent"], 30.0))
    for words in ("exit code 4", "took 99 s", "took 900 MB", "left 1 running", "said nothing"):
        assert words in told
    assert "left 1 running" in page([row("silent", AT_ONCE, troubles=("left 1 running",))])


def test_what_turns_hostile_in_mid_run_may_end_as_a_finding() -> None:
    """A target that is refused where it is hostile at once is judged by what it did before, where it turns."""
    met = Met(code=1, seconds=9.0, mb=90.0, left=(), out="FINDINGS: 1 failed", err="")
    assert met.troubles(MAKES["redirects"], 30.0)
    assert not met.troubles(MAKES["redirects"], 30.0, turned=True)
