"""The kill matrix: every mutant is judged by the harness, and what fired is written down.

    python -m mutants.matrix                          all, each until what is named for it has fired
    python -m mutants.matrix --only ids-fake odd-crlf
    python -m mutants.matrix --slice 2/5              the second fifth of them, as they stand in the tables
    python -m mutants.matrix --full                   all, each with every check to the end (slow)

Judges, servers and stand-ins are forked from one process that has loaded everything; near misses that do not change
the same thing share a server. Rows of mutants that were not asked for are kept from the file that is there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chatkit_conformance.judging import catalogue as suites

from .bench import deadline_s
from .bundle import bundles, together
from .catalogue import MUTANTS, Unknown, mutant
from .forked import begin
from .matrix_page import page
from .mutant import Mutant
from .serve import apply
from .unproven import WITHOUT
from .verdict import CONTROL, Verdict, judged, shared, unproven

OUT = Path("reports/kill-matrix.json")

SIDE_BY_SIDE = 3
"""Judges at once: one more than the cores of a small machine, since each waits for half of its time."""

END_S = 30.0
"""Seconds that a judge gets beyond the deadline of its run."""


class NoControl(Exception):
    """The reference server could not be judged, so that nothing is proven. The message says why."""


async def judge(
    one: Mutant,
    *,
    everything: bool = False,
    noise: Sequence[str] = (),
    odd: str = "*",
    first: Sequence[str] = (),
    until: Sequence[str] = (),
) -> Verdict:
    """Let the harness judge one mutant, in a process of its own. For the arguments see `judge_all`.

    Args:
        until: in place of the checks named for it, those until which it is held.
    """
    began = time.monotonic()
    command = [sys.executable, "-m", "mutants.judge", one.name, "--odd", odd, *(["--full"] if everything else [])]
    command += ["--noise", *noise, "--first", *first, "--until", *until]
    patience_s = deadline_s(one) + END_S
    running = await begin(command, os.environ, None)
    try:
        assert running.stdout is not None
        assert running.stderr is not None
        said, complaints = await asyncio.wait_for(
            asyncio.gather(running.stdout.read(), running.stderr.read()), patience_s
        )
        return verdict_of(json.loads(said))
    except TimeoutError:
        trouble = f"the run did not end within {patience_s:g} s"
    except ValueError:
        trouble = f"the judge said nothing: {complaints.decode(errors='replace')[-400:]}"
    finally:
        # What it started ends with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        await running.wait()
    return judged(one, (), seconds=time.monotonic() - began, trouble=trouble)


async def fires_on_reference() -> list[str]:
    """The checks that fire on the reference server as it is. Raises NoControl."""
    control = await judge(CONTROL)
    if control.trouble:
        raise NoControl(f"the reference server could not be judged: {control.trouble}")
    return list(control.killed_by)


async def judge_all(
    chosen: Sequence[Mutant],
    *,
    everything: bool = False,
    side_by_side: int = SIDE_BY_SIDE,
    noise: Sequence[str] = (),
    odd: str = "*",
    told_in: Mapping[str, Sequence[str]] | None = None,
    told: Callable[[Verdict], None] = lambda verdict: None,
) -> list[Verdict]:
    """Let the harness judge several mutants.

    Args:
        everything: every check on each, to the end. side_by_side: how many at once.
        noise: checks that fire on the reference server as it is; they kill nothing.
        odd: which MUST checks a near miss meets, as a glob of ids.
        told_in: by mutant, the exchanges that told it before: they are held first.
        told: called with each verdict as it is found.
    """
    room = asyncio.Semaphore(side_by_side)
    held = told_in or {}

    async def judged_alone(m: Mutant) -> Verdict:
        async with room:
            return await judge(m, everything=everything, noise=noise, odd=odd, first=held.get(m.name, ()))

    async def one(m: Mutant) -> list[Verdict]:
        verdict = await judged_alone(m)
        told(verdict)
        return [verdict]

    async def several(members: tuple[Mutant, ...]) -> list[Verdict]:
        verdict = await judged_alone(together(members, apply))
        if verdict.killed or verdict.trouble:
            alone = await asyncio.gather(*map(one, members))
            return [verdict for verdicts in alone for verdict in verdicts]
        shares = [shared(verdict, member, len(members)) for member in members]
        for share in shares:
            told(share)
        return shares

    misses = [m for m in chosen if m.near_miss and not everything]
    lies = [m for m in chosen if m not in misses]
    rows = bundles(misses)
    # The longest first: a near miss meets every MUST check, to the end.
    made = await asyncio.gather(*(several(row) if len(row) > 1 else one(row[0]) for row in rows), *map(one, lies))
    by_name = {verdict.name: verdict for verdicts in made for verdict in verdicts}
    return [by_name[m.name] for m in chosen]


async def proven(
    ids: Sequence[str], rows: Mapping[str, Verdict], *, noise: Sequence[str], side_by_side: int = SIDE_BY_SIDE
) -> list[Verdict]:
    """The rows that prove a check which another one was always quicker than: held once more, until this one fires.

    Args:
        ids: the checks. rows: the verdicts that are known. noise, side_by_side: see `judge_all`.
    """
    room = asyncio.Semaphore(side_by_side)

    async def one(id: str) -> Verdict | None:
        for m in MUTANTS.values():
            if id in (*m.named, *m.also) and m.name in rows and not m.near_miss:
                async with room:
                    verdict = await judge(m, noise=noise, first=rows[m.name].told_in, until=[id])
                if id in verdict.killed_by:
                    return replace(rows[m.name], killed_by=(*rows[m.name].killed_by, id))
        return None

    return [verdict for verdict in await asyncio.gather(*map(one, ids)) if verdict]


def line(v: Verdict) -> str:
    """A verdict in one line."""
    word = "near miss passes" if v.near_miss else "UNKILLED" if v.survives else "killed"
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
    return {row["name"]: verdict_of(row) for row in rows}


def verdict_of(row: Mapping[str, Any]) -> Verdict:
    """The verdict that `Verdict.row` wrote."""
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Verdict(**fields)


def report(verdicts: Sequence[Verdict], *, full: bool, noise: Sequence[str] = ()) -> dict[str, Any]:
    """The matrix as JSON. `noise` are the checks that fire on the reference server as it is."""
    musts = [c.id for c in suites.checks() if c.level == "MUST"]
    missing = unproven(verdicts, musts)
    return {
        "schema": 1,
        "how": "every check on every mutant" if full else "the named checks and the sentinels on every mutant",
        "mutants": [v.row() for v in verdicts],
        "not_held": [name for name in MUTANTS if name not in {v.name for v in verdicts}],
        "fires_on_reference": list(noise),
        "must_checks": len(musts),
        "unproven": [id for id in missing if id not in WITHOUT],
        "without_mutant": {id: WITHOUT[id] for id in missing if id in WITHOUT},
    }


def sliced(text: str) -> tuple[int, int]:
    """The two numbers of K/N. Raises ValueError unless K is one of 1 to N."""
    part, parts = (int(number) for number in text.split("/"))
    if not 1 <= part <= parts:
        raise ValueError(text)
    return part, parts


def write(path: Path, matrix: dict[str, Any]) -> None:
    """Write the matrix as JSON, and as a page beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(matrix, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(page(matrix), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Judge and write. Returns 0 where every row is right, 1 where one is not, 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m mutants.matrix", description="Judge every mutant.")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[], help="only these; the other rows are kept")
    parser.add_argument("--slice", type=sliced, default=(1, 1), metavar="K/N", help="the Kth of N parts of them")
    parser.add_argument("--full", action="store_true", help="every check on every mutant")
    parser.add_argument("--odd", default="*", metavar="GLOB", help="the MUST checks that near misses meet")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE", help="default: %(default)s, and .md beside it")
    parser.add_argument("--side-by-side", type=int, default=SIDE_BY_SIDE, metavar="N", help="default: %(default)s")
    given = parser.parse_args(argv)
    try:
        chosen = [mutant(name) for name in given.only or MUTANTS]
    except Unknown as unknown:
        print(unknown, file=sys.stderr)
        return 2
    part, parts = given.slice
    chosen = chosen[part - 1 :: parts]
    before = written(given.out)
    rows = before if given.only or parts > 1 else {}
    told_in = {name: verdict.told_in for name, verdict in before.items()}

    def told(verdict: Verdict) -> None:
        # Written as it grows, so that a long run that is cut short has not been in vain.
        rows[verdict.name] = verdict
        write(given.out, report([rows[name] for name in MUTANTS if name in rows], full=given.full, noise=noise))
        print(line(verdict), *verdict.found, sep="\n    ", flush=True)

    async def judged_all() -> list[Verdict]:
        def judging(these: Sequence[Mutant]) -> Awaitable[list[Verdict]]:
            how: dict[str, Any] = {"everything": given.full, "side_by_side": given.side_by_side, "odd": given.odd}
            return judge_all(these, noise=noise, told_in=told_in, told=told, **how)

        control = asyncio.create_task(fires_on_reference())
        made = {verdict.name: verdict for verdict in await judging(chosen)}
        noise.extend(await control)
        # What fires on the reference server, too, has proven nothing of these.
        doubtful = [one for one in chosen if set(made[one.name].killed_by) & set(noise)]
        made |= {verdict.name: verdict for verdict in await judging(doubtful)}
        # A mutant is let go at the first of several that tell it; who was never first is held for once.
        theirs = {id for one in chosen for id in (*one.named, *one.also)}
        late = [id for id in report(list(rows.values()), full=given.full)["unproven"] if id in theirs]
        for verdict in await proven(late, rows, noise=noise, side_by_side=given.side_by_side):
            killed_by = dict.fromkeys((*rows[verdict.name].killed_by, *verdict.killed_by))
            told(replace(rows[verdict.name], killed_by=tuple(killed_by)))
        return list(made.values())

    noise: list[str] = []
    try:
        new = asyncio.run(judged_all())
    except NoControl as why:
        print(why, file=sys.stderr)
        return 1
    made = report([rows[name] for name in MUTANTS if name in rows], full=given.full, noise=noise)
    wrong = [v.name for v in new if not v.right]
    living = [v.name for v in new if not v.killed and not v.near_miss]
    right = f"{len(new) - len(wrong)} of {len(new)} right; {len(living)} live"
    print(f"{right}; {len(made['unproven'])} of {made['must_checks']} MUST checks unproven; {given.out}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
