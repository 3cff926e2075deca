"""Rows of the table of hostile targets, kept from one session to the next."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .catalogue import MAKES
from .lab import GRACE_S, MOST_MB, ROOT

PAGE = ROOT / "reports" / "hostile.md"
ROWS = PAGE.with_suffix(".json")

AT_ONCE, TURNS = "at once", "turns"
"""When a target is hostile: from its first request on, or once the server behind it has answered some messages."""

SHOWN = 110
"""Characters of the first line that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileRow:
    """How one hostile target was met.

    Args:
        target: its name. hostile: AT_ONCE or TURNS. checks: "seven" (the tiny suites) or "all". deadline_s: of the run.
        load: the load average before it; on a busy machine a run gives a server more time. troubles: what is wrong.
        code: its exit code, None where it had to be killed. seconds, mb: what it took. said: its first line.
    """

    target: str
    hostile: str
    checks: str
    deadline_s: float
    code: int | None
    seconds: float
    mb: float
    troubles: tuple[str, ...]
    said: str
    load: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the table has one row of."""
        return self.target, self.hostile


def read_rows(path: Path = ROWS) -> dict[tuple[str, str], HostileRow]:
    """The rows that earlier sessions left; those of targets that are no more are forgotten."""
    if not path.exists():
        return {}
    rows = (_row(value) for value in json.loads(path.read_text(encoding="utf-8")))
    return {row.key: row for row in rows if row.target in MAKES}


def _row(value: Mapping[str, Any]) -> HostileRow:
    return HostileRow(**{**value, "troubles": tuple(value["troubles"])})


def wanted_keys() -> list[tuple[str, str]]:
    """Every row that the whole table has, in its order."""
    return [(name, hostile) for name in MAKES for hostile in (AT_ONCE, TURNS)]


def write_rows(rows: Iterable[HostileRow], folder: Path = PAGE.parent) -> None:
    """Write the table, as data and as a page."""
    known = {row.key: row for row in rows}
    ordered = [known[key] for key in wanted_keys() if key in known]
    data = ",\n".join(f" {json.dumps(asdict(row), ensure_ascii=False)}" for row in ordered)
    (folder / ROWS.name).write_text(f"[\n{data}\n]\n", encoding="utf-8")
    (folder / PAGE.name).write_text(page(ordered), encoding="utf-8")


def page(rows: Sequence[HostileRow]) -> str:
    """The table as a page."""
    right = sum(not row.troubles for row in rows)
    lines = [
        "# Hostile targets",
        "",
        "Each target is a small program in `tests/hostile/`. It is met by `chatkit-conformance run` twice: hostile "
        "from its first request on, and in front of the reference server, which answers until it turns hostile in "
        f"mid-run. Allowed: the run's deadline and {GRACE_S:g} s, {MOST_MB} MB, nobody left running, the exit code "
        "that fits, a first line that says what it is, no control character printed. Seven checks are those of "
        "`tests/harness/tiny_suites`; seconds count from the first line that it prints. `load` is "
        "the machine's load average before: above its cores, a run gives a server more time (`running/lag.py`).",
        f"Made by `nox -s attack`, which keeps the rows of targets that it does not meet, on {os.cpu_count()} cores.",
        "",
        f"{len(rows)} of {len(wanted_keys())} rows were held: {right} right, {len(rows) - right} not.",
        "",
        "| target | what it does | hostile | checks | deadline | load | exit | seconds | MB | right | first line |",
        "|---|---|---|---|---:|---:|---:|---:|---:|---|---|",
    ]
    for row in rows:
        code = "killed" if row.code is None else row.code
        load = "–" if row.load is None else f"{row.load:g}"
        said = row.said.replace("|", "\\|")[:SHOWN]
        lines.append(
            f"| {row.target} | {MAKES[row.target].does} | {row.hostile} | {row.checks} | {row.deadline_s:g} | {load} | "
            f"{code} | {row.seconds:.0f} | {row.mb:.0f} | {'; '.join(row.troubles) or 'yes'} | {said} |"
        )
    return "\n".join(lines) + "\n"
