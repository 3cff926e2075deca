"""Meets every hostile target and writes reports/hostile.md: `python -m tests.hostile.matrix [NAME ...]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from chatkit_conformance.visible import say

from .catalogue import MAKES
from .hostility import Hostility
from .lab import GRACE_S, MOST_MB, ROOT, TINY, Met, meet

PAGE = ROOT / "reports" / "hostile.md"
DEADLINE_S = 60.0
"""Seconds that a run of all checks has, here."""

REFERENCE = (sys.executable, "-m", "reference_server")
TURNS_AFTER = 40
"""Messages that the reference server answers before it turns hostile."""

Row = tuple[str, str, Met, list[str]]
"""A hostility, how it was met, how that went, what is wrong with it."""


def met(hostility: Hostility, *, turning: bool, tiny: bool, deadline_s: float) -> Row:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        found = meet(
            hostility.name,
            Path(folder),
            deadline_s=deadline_s,
            suites=TINY if tiny else None,
            after=TURNS_AFTER if turning else 0,
            behind=REFERENCE if turning else (),
        )
    return hostility.name, "turns" if turning else "at once", found, found.troubles(hostility, deadline_s)


def page(rows: Sequence[Row], *, tiny: bool, deadline_s: float) -> str:
    """The table as a page."""
    how = (
        "with the seven checks of `tests/harness/tiny_suites`, from its first request on"
        if tiny
        else "with all checks, from its first request on, and again where it stands in front of the reference server "
        f"and turns hostile after {TURNS_AFTER} messages"
    )
    lines = [
        "# Hostile targets",
        "",
        f"Each is met by `run --deadline {deadline_s:g}` {how}, on {os.cpu_count()} cores. Allowed: "
        f"{deadline_s + GRACE_S:g} s, {MOST_MB} MB, nobody left running, no exit code 4, no control character printed.",
        f"Made by `nox -s attack{' -- --tiny' if tiny else ''}`; each target is a small program in `tests/hostile/`.",
        "",
        f"{len({name for name, *_ in rows})} of {len(MAKES)} targets were met.",
        "",
        "| target | what it does | hostile | exit | seconds | MB | right | first line |",
        "|---|---|---|---:|---:|---:|---|---|",
    ]
    for name, when, found, troubles in rows:
        said = found.said.replace("|", "\\|")[:120]
        code = "killed" if found.code is None else found.code
        lines.append(
            f"| {name} | {MAKES[name].does} | {when} | {code} | {found.seconds:.0f} | {found.mb:.0f} | "
            f"{'; '.join(troubles) or 'yes'} | {said} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Meet those that are named, or all; returns 1 where one was not met as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*sorted(MAKES), []])
    parser.add_argument("--deadline", type=float, default=DEADLINE_S, help="seconds of a run (default %(default)s)")
    parser.add_argument("--tiny", action="store_true", help="with a handful of checks, and without turning")
    given = parser.parse_args()
    rows: list[Row] = []
    for hostility in MAKES.values():
        if given.names and hostility.name not in given.names:
            continue
        for turning in (False,) if given.tiny or hostility.begin else (False, True):
            rows.append(met(hostility, turning=turning, tiny=given.tiny, deadline_s=given.deadline))
            name, when, found, troubles = rows[-1]
            say(
                f"{name:<26} {when:<8} {found.code} {found.seconds:5.1f} s {found.mb:5.0f} MB  "
                f"{'; '.join(troubles) or 'right'}  [{found.said[:100]!r}]"
            )
            if not given.names:  # as they come: a session that is cut leaves what it saw
                PAGE.write_text(page(rows, tiny=given.tiny, deadline_s=given.deadline), encoding="utf-8")
    return int(any(troubles for *_, troubles in rows))


if __name__ == "__main__":
    sys.exit(main())
