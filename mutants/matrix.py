"""The kill matrix: every mutant is judged by the harness, and what fired is written down.

    python -m mutants.matrix                          all, each with the checks named for it and the sentinels
    python -m mutants.matrix --only ids-fake odd-crlf
    python -m mutants.matrix --full                   all, each with every check (slow)

Two run side by side at most. Rows of mutants that were not asked for are kept from the file that is there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chatkit_conformance.judging import catalogue as suites

from .catalogue import MUTANTS, Unknown, mutant
from .matrix_page import page
from .mutant import Mutant
from .unproven import WITHOUT
from .verdict import CONTROL, FIRED, Verdict, arguments, judged, unproven

OUT = Path("reports/kill-matrix.json")
DEADLINE_S = 240.0
"""Seconds that one mutant's run may take; the longest seen, a full one on a busy machine, took 60."""

STOP_S = 20.0
"""Seconds that a run gets to stop what it started: its own patience with a server, and some."""


async def judge(one: Mutant, *, everything: bool = False, noise: Sequence[str] = (), odd: str = "*") -> Verdict:
    """Let the harness judge one mutant. For the rest see `judge_all`."""
    began = time.monotonic()
    results, trouble = await hold(one, everything=everything, odd=odd)
    return judged(one, results, seconds=time.monotonic() - began, trouble=trouble, noise=noise)


async def fires_on_reference() -> list[str]:
    """The checks that fire on the reference server as it is."""
    results, trouble = await hold(CONTROL)
    if trouble or results is None:
        raise SystemExit(f"the reference server could not be judged: {trouble or 'no results.json'}")
    return [row["id"] for row in results["results"] if row["outcome"] in FIRED]


async def hold(one: Mutant, *, everything: bool = False, odd: str = "*") -> tuple[dict[str, Any] | None, str]:
    """Run the harness on a mutant: its results.json if it left one, and why the run proves nothing, or ""."""
    with tempfile.TemporaryDirectory(prefix="kill-matrix-") as folder:
        running = await asyncio.create_subprocess_exec(
            *arguments(one, out=folder, everything=everything, odd=odd),
            start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        trouble = ""
        said = b""
        try:
            said, _ = await asyncio.wait_for(running.communicate(), DEADLINE_S)
        except TimeoutError:
            trouble = f"the run did not end within {DEADLINE_S:g} s"
        finally:
            await stop(running)
        # 0 conforms, 1 findings; anything else has proved nothing about the checks.
        if not trouble and running.returncode not in (0, 1):
            trouble = f"the run ended with code {running.returncode}: {said.decode(errors='replace')[-400:]}"
        results = None
        with contextlib.suppress(OSError, ValueError):
            results = json.loads((Path(folder) / "results.json").read_text(encoding="utf-8"))
    return results, trouble


async def stop(running: asyncio.subprocess.Process) -> None:
    """End a run that was cut short: it gets the time to stop the servers that it started."""
    if running.returncode is None:
        running.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running.wait(), STOP_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)


async def judge_all(
    chosen: Sequence[Mutant],
    *,
    everything: bool = False,
    side_by_side: int = 2,
    noise: Sequence[str] = (),
    odd: str = "*",
    told: Callable[[Verdict], None] = lambda verdict: None,
) -> list[Verdict]:
    """Let the harness judge several mutants.

    Args:
        everything: every check on each. side_by_side: how many runs at once.
        noise: checks that fire on the reference server as it is; they kill nothing.
        odd: which MUST checks a near miss meets, as a glob of ids.
        told: called with each verdict as it is found.
    """
    room = asyncio.Semaphore(side_by_side)

    async def one(m: Mutant) -> Verdict:
        async with room:
            verdict = await judge(m, everything=everything, noise=noise, odd=odd)
        told(verdict)
        return verdict

    return list(await asyncio.gather(*(one(m) for m in chosen)))


def line(v: Verdict) -> str:
    """A verdict in one line."""
    word = "near miss passes" if v.near_miss else "killed"
    if not v.right:
        word = v.trouble or (f"STRAY {', '.join(v.stray)}" if v.stray else "SHOT DOWN" if v.near_miss else "LIVES")
    silent = f"  (silent: {', '.join(v.silent)})" if v.silent and v.killed else ""
    return f"{v.name:<26} {word:<18} {', '.join(v.killed_by)}{silent}  {v.seconds:g} s"


def written(path: Path) -> dict[str, Verdict]:
    """The verdicts of an earlier matrix, by name."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["mutants"]
    except (OSError, ValueError, KeyError):
        return {}
    made: dict[str, Verdict] = {}
    for row in rows:
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        made[row["name"]] = Verdict(**fields)
    return made


def report(verdicts: Sequence[Verdict], *, full: bool, noise: Sequence[str] = ()) -> dict[str, Any]:
    """The matrix as JSON. `noise` are the checks that fire on the reference server as it is."""
    musts = [c.id for c in suites.checks() if c.level == "MUST"]
    missing = unproven(verdicts, musts)
    return {
        "schema": 1,
        "how": "every check on every mutant" if full else "the named checks and the sentinels on every mutant",
        "mutants": [v.row() for v in verdicts],
        "fires_on_reference": list(noise),
        "must_checks": len(musts),
        "unproven": [id for id in missing if id not in WITHOUT],
        "without_mutant": {id: WITHOUT[id] for id in missing if id in WITHOUT},
    }


def write(path: Path, matrix: dict[str, Any]) -> None:
    """Write the matrix as JSON, and as a page beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(matrix, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(page(matrix), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Judge and write. Returns 0 where every row is right, 1 where one is not, 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m mutants.matrix", description="Judge every mutant.")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[], help="only these; the other rows are kept")
    parser.add_argument("--full", action="store_true", help="every check on every mutant")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE", help="default: %(default)s, and .md beside it")
    parser.add_argument("--side-by-side", type=int, default=2, metavar="N", help="runs at once (default 2)")
    given = parser.parse_args(argv)
    try:
        chosen = [mutant(name) for name in given.only or MUTANTS]
    except Unknown as unknown:
        print(unknown, file=sys.stderr)  # noqa: T201 - a command's message
        return 2
    rows = written(given.out) if given.only else {}
    noise = asyncio.run(fires_on_reference())

    def told(verdict: Verdict) -> None:
        # Written as it grows, so that a long run that is cut short has not been in vain.
        rows[verdict.name] = verdict
        write(given.out, report([rows[name] for name in MUTANTS if name in rows], full=given.full, noise=noise))
        print(line(verdict), flush=True)  # noqa: T201 - progress of a command

    new = asyncio.run(judge_all(chosen, everything=given.full, side_by_side=given.side_by_side, noise=noise, told=told))
    made = report([rows[name] for name in MUTANTS if name in rows], full=given.full, noise=noise)
    wrong = [v.name for v in new if not v.right]
    print(  # noqa: T201  # a command
        f"{len(new) - len(wrong)} of {len(new)} right; {len(made['unproven'])} of {made['must_checks']} MUST checks "
        f"unproven; {given.out}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
