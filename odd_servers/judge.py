"""Judge the odd servers, each in whole runs: no MUST check may fail on any.

python -m odd_servers.judge                       every one, once
python -m odd_servers.judge node-key --runs 5     one of them, five times
python -m odd_servers.judge --busy                with every core kept busy meanwhile
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chatkit_conformance.check import MUST, Check
from chatkit_conformance.judged_run.run import JudgedRun, RunStopped
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.results.model import CheckResult
from chatkit_conformance.running.settings import Settings, target_of

from .table import BY_NAME, SERVERS, OddServer

FOLDER = Path(__file__).parent
DEADLINE_S = 600.0
"""Seconds of one run: the slow server needs minutes, on busy cores longer."""


def can_start(server: OddServer) -> bool:
    """Whether what it is made of is installed here."""
    return server.make != "node" or shutil.which("node") is not None


def judged(server: OddServer, wanted: Sequence[Check]) -> list[CheckResult]:
    """What these checks say of the server, in one run. Raises RunStopped where there is none."""
    command = (sys.executable, "-m", "odd_servers", server.name)
    target = target_of(file=str(FOLDER / server.target), command=command)
    run = JudgedRun(Settings(target=target, deadline_s=DEADLINE_S))
    run.hold(wanted)
    try:
        run.wait_until_ready()
        for check in wanted:
            run.keep(run.judge(check))
    finally:
        run.close(write=False)
    return list(run.rows)


@contextmanager
def busy_cores() -> Iterator[None]:
    """Every core has something else to do while the block lasts."""
    spinning = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for process in spinning:
        process.start()
    try:
        yield
    finally:
        for process in spinning:
            process.terminate()


def _spin() -> None:
    while True:
        sum(range(10_000))


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, and print a line for each. Returns 1 where a MUST failed, 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m odd_servers.judge", description="Judge the odd servers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; default: every one")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="how often each (default 1)")
    parser.add_argument("--busy", action="store_true", help="keep every core busy meanwhile")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in BY_NAME]:
        print(f"no server {', '.join(unknown)}: `python -m odd_servers` lists them", file=sys.stderr)
        return 2
    wrong = 0
    for server in SERVERS:
        if given.names and server.name not in given.names:
            continue
        if not can_start(server):
            print(f"{server.name:<24} left out: {server.make} is not installed")
            continue
        for _ in range(given.runs):
            if given.busy:
                with busy_cores():
                    wrong += _told(server)
            else:
                wrong += _told(server)
    return 1 if wrong else 0


def _told(server: OddServer) -> int:
    began = time.monotonic()
    try:
        rows = judged(server, [check for check in checks() if check.level == MUST])
    except RunStopped as why:
        print(f"{server.name:<24} NOT JUDGED: {why}")
        return 1
    failed = [row for row in rows if row.outcome in ("failed", "error")]
    open_ones = [row for row in rows if row.outcome == "untestable"]
    passed = sum(row.outcome == "passed" for row in rows)
    print(
        f"{server.name:<24} {len(failed)} failed, {passed} passed, {len(open_ones)} untestable "
        f"in {time.monotonic() - began:.0f} s",
        flush=True,
    )
    for row in failed:
        found = row.findings[0] if row.findings else None
        place = f"{found.exchange}, {found.reply}: expected {found.expected[:200]}; " if found else ""
        print(f"    FAILED {row.id}: {place}got {row.got[:300]}", flush=True)
    for row in open_ones:
        print(f"    untestable {row.id}: {row.reason[:200]}", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
