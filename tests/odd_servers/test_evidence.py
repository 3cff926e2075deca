"""The runs of the odd servers are written down, kept and gone on with; whether the machine was idle is measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from odd_servers import judge
from odd_servers.evidence import NAME, Held, runs_in, write
from odd_servers.machine import CORES, Load, Meter
from odd_servers.table import SERVERS

IDLE = Load(before=0.2, after=1.4, others=0.0, spun=False)
RUN = Held(server="node-key", at="2026-11-27T20:00:00+00:00", tree="abc1234", seconds=41.5, load=IDLE, passed=290)
WRONG = replace(
    RUN,
    server="sdk-plain",
    failed=(("stream.ids-unique", "got `a` | twice"),),
    untestable=(("stream.ends-closed", "no turn"),),
)


def test_runs_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Every field comes back, and every server of the table has a row, held or not."""
    write(tmp_path, [RUN, WRONG])
    assert set(runs_in(tmp_path)) == {RUN, WRONG}
    rows = json.loads((tmp_path / f"{NAME}.json").read_text())["servers"]
    assert [row["name"] for row in rows] == [server.name for server in SERVERS]


def test_the_page_tells_what_was_found_and_what_was_not_held(tmp_path: Path) -> None:
    """A finding stands out in its server's line; a server without a run is said not to be held."""
    write(tmp_path, [RUN, RUN, WRONG])
    lines = {line.split(" | ")[0]: line for line in (tmp_path / f"{NAME}.md").read_text().splitlines()}
    assert "| 2, 0, 0 | 1.4 to 1.4 | 290 | none | none |" in lines["| node-key"]
    assert "**`stream.ids-unique`** | `stream.ends-closed` |" in lines["| sdk-plain"]
    assert "not held" in lines["| sockets-slow"]


def test_what_stands_there_is_not_held_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that was stopped goes on: as many idle runs as were asked for are there, and nothing is started."""
    write(tmp_path, [RUN, RUN])
    assert judge.main(["node-key", "--runs", "2", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    assert runs_in(tmp_path) == [RUN, RUN]


@pytest.mark.parametrize(
    ("load", "state"),
    [
        (IDLE, "idle"),
        (replace(IDLE, others=CORES * 0.9), "busy"),
        (replace(IDLE, others=CORES * 0.4), "shared"),
        (replace(IDLE, others=None), "shared"),
        (replace(IDLE, others=None, spun=True), "busy"),
    ],
)
def test_a_run_is_idle_only_where_that_was_measured(load: Load, state: str) -> None:
    """What others used decides, not what was hoped for."""
    assert load.state == state


def test_the_own_work_is_not_taken_for_that_of_others() -> None:
    """A meter sees no more than all cores, and its own process' work is taken off."""
    meter = Meter()
    sum(range(30_000_000))  # long beside the hundredth of a second in which the system counts
    load = meter.load()
    assert load.others is None or 0.0 <= load.others <= CORES + 0.5
    assert meter.load(spun=True).state == "busy"


def test_a_run_is_told_with_each_finding() -> None:
    """The line says how the machine was, and each finding and what could not be judged has a line of its own."""
    said = judge.told(WRONG)
    assert "1 failed, 290 passed, 1 untestable in 42 s (idle: load average 0.2 to 1.4" in said
    assert "FAILED stream.ids-unique: got `a` | twice" in said
    assert "untestable stream.ends-closed: no turn" in said
    assert "NOT JUDGED (idle): it did not start" in judge.told(replace(RUN, trouble="it did not start"))
