"""Meets every hostile target and writes reports/hostile.md: `python -m tests.hostile.matrix [NAME ...]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
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


def met(hostility: Hostility, *, turning: bool, tiny: bool) -> Row:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        found = meet(
            hostility.name,
            Path(folder),
            deadline_s=DEADLINE_S,
            suites=TINY if tiny else None,
            after=TURNS_AFTER if turning else 0,
            behind=REFERENCE if turning else (),
        )
    return hostility.name, "turns" if turning else "at once", found, found.troubles(hostility, DEADLINE_S)


def page(rows: Iterable[Row]) -> str:
    """The table as a page."""
    lines = [
        "# Hostile targets",
        "",
        f"Each is met by `run --deadline {DEADLINE_S:g}` with all checks, from its first request on, and again where "
        f"it stands in front of the reference server and turns hostile after {TURNS_AFTER} messages. Allowed: "
        f"{DEADLINE_S + GRACE_S:g} s, {MOST_MB} MB, nobody left running, no exit code 4, no control character printed.",
        "Made by `nox -s attack`; each target is a small program in `tests/hostile/`.",
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
    parser.add_argument("--tiny", action="store_true", help="with a handful of checks, and without turning")
    given = parser.parse_args()
    rows: list[Row] = []
    for hostility in MAKES.values():
        if given.names and hostility.name not in given.names:
            continue
        for turning in (False,) if given.tiny or hostility.begin else (False, True):
            rows.append(met(hostility, turning=turning, tiny=given.tiny))
            name, when, found, troubles = rows[-1]
            say(
                f"{name:<26} {when:<8} {found.code} {found.seconds:5.1f} s {found.mb:5.0f} MB  "
                f"{'; '.join(troubles) or 'right'}  [{found.said[:100]!r}]"
            )
    if not given.names and not given.tiny:
        PAGE.write_text(page(rows), encoding="utf-8")
    return int(any(troubles for *_, troubles in rows))


if __name__ == "__main__":
    sys.exit(main())
