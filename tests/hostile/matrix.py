"""Meets hostile targets and writes reports/hostile.{json,md}: `python -m tests.hostile.matrix [NAME ...]`.

Rows of targets that are not met this time stay as they were, so that the table can be made in pieces: `--missing` meets
those that it lacks, `--wrong` those that were not met as they should be.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from chatkit_conformance.visible import say

from .catalogue import MAKES
from .lab import TINY, meet
from .row import TURNS, HostileRow, read_rows, wanted_keys, write_rows

DEADLINE_S = 60.0
"""Seconds that a run of all checks has, here."""

REFERENCE = (sys.executable, "-m", "reference_server")
TURNS_AFTER = {"all": 40, "seven": 2}
"""Messages that the reference server answers before it turns hostile: some way into a run of so many checks."""


def met(name: str, hostile: str, *, tiny: bool, deadline_s: float) -> HostileRow:
    """One row of the table."""
    turning, checks = hostile == TURNS, "seven" if tiny else "all"
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        found = meet(
            name,
            Path(folder),
            deadline_s=deadline_s,
            suites=TINY if tiny else None,
            after=TURNS_AFTER[checks] if turning else 0,
            behind=REFERENCE if turning else (),
        )
    return HostileRow(
        target=name,
        hostile=hostile,
        checks=checks,
        deadline_s=deadline_s,
        code=found.code,
        seconds=round(found.seconds, 1),
        mb=round(found.mb),
        troubles=tuple(found.troubles(MAKES[name], deadline_s, turned=turning)),
        said=found.said.replace(sys.executable, "python").strip(),  # the table names no folder of this machine
        load=load,
    )


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s attack --", description=__doc__)
    parser.add_argument("names", nargs="*", help="targets (default: all)")
    parser.add_argument("--hostile", choices=("at-once", "turns"), help="only hostile so")
    parser.add_argument("--missing", action="store_true", help="only what the table lacks")
    parser.add_argument("--wrong", action="store_true", help="only what was not met as it should be")
    parser.add_argument("--deadline", type=float, default=DEADLINE_S, help="seconds of a run (default %(default)s)")
    parser.add_argument("--tiny", action="store_true", help="with seven checks in place of all")
    parser.add_argument("--for", dest="for_s", type=float, default=float("inf"), help="begin none after these seconds")
    given = parser.parse_args(argv)
    if unknown := set(given.names) - MAKES.keys():
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(MAKES)}")
    return given


def main(argv: Sequence[str]) -> int:
    """Meet what is asked for; returns 1 where one was not met as it should be."""
    given = _options(argv)
    rows, began, wrong = read_rows(), time.monotonic(), 0
    for key in wanted_keys():
        name, hostile = key
        if (given.names and name not in given.names) or given.hostile not in (None, hostile.replace(" ", "-")):
            continue
        if (given.missing and key in rows) or (given.wrong and not (key in rows and rows[key].troubles)):
            continue
        if time.monotonic() - began > given.for_s:
            break
        row = rows[key] = met(name, hostile, tiny=given.tiny, deadline_s=given.deadline)
        wrong += bool(row.troubles)
        say(
            f"{name:<26} {hostile:<8} {row.code} {row.seconds:5.1f} s {row.mb:5.0f} MB  "
            f"{'; '.join(row.troubles) or 'right'}  [{row.said[:100]!r}]"
        )
        write_rows({**read_rows(), key: row}.values())  # as they come: a session that is cut leaves what it saw
    say(f"{sum(key in rows for key in wanted_keys())} of {len(wanted_keys())} rows are held")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
