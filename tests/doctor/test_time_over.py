"""A visit whose time is over before all was looked at accuses nobody, and is no all-clear."""

from __future__ import annotations

from datetime import date

from chatkit_conformance.doctor.examine import Examination
from chatkit_conformance.target.target import Target


def test_what_the_time_did_not_suffice_for_is_not_called_wrong() -> None:
    """The first line says what to type, no row says WRONG, and the exit code is that of a server not reached."""
    visit = Examination(Target(url="http://127.0.0.1:1/chatkit"), "", date(2026, 11, 28), 10.0)
    visit.over(10.0)
    first, *rows = visit.chart.lines()
    assert first.startswith("Nothing wrong was seen, but the 10 s were over")
    assert first.endswith("--within 30.")
    assert not [row for row in rows if "WRONG" in row]
    assert {exam.state for exam in visit.chart.exams} == {"unseen"}
    assert visit.chart.code == 3
