"""Judge the odd servers, each in whole runs, and write reports/odd-servers.{json,md}: no MUST check may fail on any.

python -m odd_servers.judge                       every one that has no run there yet
python -m odd_servers.judge node-key --runs 5     until there are five runs of this one on an idle machine
python -m odd_servers.judge --runs 5 --busy       until there are five of each with every core kept busy
python -m odd_servers.judge --again               forget what stands there, and hold each once more

Each run is written when it ends, so that the command goes on where it was stopped; runs of servers that are not named
are kept. Whether a run was idle is measured, not claimed: see machine.py.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from chatkit_conformance.check import MUST, Check
from chatkit_conformance.judged_run.run import JudgedRun, RunStopped
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.results.folder import Folder
from chatkit_conformance.results.model import CheckResult
from chatkit_conformance.running.settings import Settings, target_of

from .evidence import Held, runs_in, write
from .machine import Meter, State, busy_cores
from .odd_server import OddServer
from .own_environment import python_with, uv
from .table import BY_NAME, SERVERS

FOLDER = Path(__file__).parent
REPORTS = FOLDER.parent / "reports"

DEADLINE_S = 600.0
"""Seconds of one run: the slow server needs minutes, on busy cores longer."""

LONGEST = 300
"""Characters of what a check says that are kept."""


def can_start(server: OddServer) -> bool:
    """Whether what it is made of is installed here."""
    by_node = server.make == "node" or (FOLDER / "alone" / f"{server.name.removeprefix('alone-')}.mjs").is_file()
    by_flask = server.name == "alone-taches"
    if by_flask and find_spec("flask") is None:
        return False
    return (not by_node or shutil.which("node") is not None) and (not server.needs or bool(uv()))


def command_of(server: OddServer) -> tuple[str, ...]:
    """What starts it, behind its proxy where it has one."""
    python = (python_with(server.needs) if server.needs else sys.executable, "-m")
    front = (*python, "odd_servers.proxy", str(server.behind_s), "--") if server.behind_s else ()
    return (*front, *python, "odd_servers", server.name)


def judged(server: OddServer, wanted: Sequence[Check], folder: Path | None = None) -> list[CheckResult]:
    """What these checks say of the server, in one run, whose files go into the folder if one is named.

    Raises:
        RunStopped: there is no verdict.
    """
    command = command_of(server)
    target = target_of(file=str(FOLDER / server.target), command=command)
    run = JudgedRun(
        Settings(target=target, deadline_s=DEADLINE_S, side_by_side=server.at_once), Folder(folder) if folder else None
    )
    run.hold(wanted)
    try:
        run.wait_until_ready()
        for check in wanted:
            run.keep(run.judge(check))
    finally:
        run.close(write=folder is not None)
    return list(run.rows)


def held(server: OddServer, *, spun: bool, folder: Path | None = None) -> Held:
    """Hold the server whole, once. `spun`: whether every core is kept busy meanwhile."""
    musts = [check for check in checks() if check.level == MUST]
    rows: list[CheckResult] = []
    trouble, began, meter = "", time.monotonic(), Meter()
    with busy_cores() if spun else nullcontext():
        try:
            rows = judged(server, musts, folder)
        except RunStopped as why:
            trouble = str(why)[:LONGEST]
    return Held(
        server=server.name,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        tree=tree(),
        seconds=round(time.monotonic() - began, 1),
        load=meter.load(spun=spun),
        passed=sum(row.outcome == "passed" for row in rows),
        failed=tuple((row.id, _said(row)) for row in rows if row.outcome in ("failed", "error")),
        untestable=tuple((row.id, row.reason[:LONGEST]) for row in rows if row.outcome == "untestable"),
        trouble=trouble,
    )


def _said(row: CheckResult) -> str:
    found = row.findings[0] if row.findings else None
    place = f"{found.place}: expected {found.expected[:LONGEST]}; " if found else ""
    return f"{place}got {row.got[:LONGEST]}"


def tree() -> str:
    """The commit that judges, with a + where files were changed since; "" outside of a repository."""
    git = shutil.which("git")
    said = [git or "", "-C", str(FOLDER), "describe", "--always", "--exclude=*", "--dirty=+"]
    done = subprocess.run(said, capture_output=True, text=True) if git else None
    return done.stdout.strip() if done else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print a line for each, and write. Returns 1 where a MUST failed, 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m odd_servers.judge", description="Judge the odd servers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; default: every one")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="how many runs of each there shall be (1)")
    parser.add_argument("--busy", action="store_true", help="keep every core busy meanwhile")
    parser.add_argument("--again", action="store_true", help="forget the runs of these servers first")
    parser.add_argument("--out", type=Path, default=REPORTS, metavar="FOLDER", help="where it is written (reports)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the transcripts of each run below it")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in BY_NAME]:
        print(f"no server {', '.join(unknown)}: `python -m odd_servers` lists them", file=sys.stderr)
        return 2
    chosen = [server for server in SERVERS if not given.names or server.name in given.names]
    runs = runs_in(given.out)
    if given.again:
        runs = [run for run in runs if all(run.server != server.name for server in chosen)]
    wanted: State = "busy" if given.busy else "idle"
    wrong = False
    for server in chosen:
        if not can_start(server):
            print(f"{server.name:<24} left out: {'uv' if server.needs else server.make} is not installed")
            continue
        before = sum(run.server == server.name and run.state == wanted and run.right for run in runs)
        for n in range(before, given.runs):
            made = held(server, spun=given.busy, folder=given.keep / f"{server.name}-{n + 1}" if given.keep else None)
            runs.append(made)
            write(given.out, runs)
            wrong = wrong or not made.right
            print(told(made), flush=True)
    return 1 if wrong else 0


def told(run: Held) -> str:
    """A run in a line, and a line more for each thing that was found."""
    if run.trouble:
        return f"{run.server:<24} NOT JUDGED ({run.state}): {run.trouble}"
    counts = f"{len(run.failed)} failed, {run.passed} passed, {len(run.untestable)} untestable"
    load = f"load average {run.load.before:g} to {run.load.after:g}"
    load += "" if run.load.others is None else f", others used {run.load.others:g} cores"
    lines = [f"{run.server:<24} {counts} in {run.seconds:.0f} s ({run.state}: {load})"]
    lines += [f"    FAILED {id}: {said}" for id, said in run.failed]
    return "\n".join([*lines, *(f"    untestable {id}: {why[:200]}" for id, why in run.untestable)])


if __name__ == "__main__":
    sys.exit(main())
