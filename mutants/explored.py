"""Exploring the mutants: which of them `explore` finds by the invariants alone, and in how short a conversation.

    python -m mutants.explored                          one of each kind, and the reference server
    python -m mutants.explored --of-each 1000           all
    python -m mutants.explored --only ids-fake --seconds 60

No exchange that was written by hand is held, and no check that names one judges. A mutant is let go as soon as one
breach is found and shrunk. Rows of mutants that were not asked for are kept from the file that is there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chatkit_conformance.explore.hunt import Found, Hunt
from chatkit_conformance.judging.catalogue import checks
from chatkit_conformance.moves.saved import in_words
from chatkit_conformance.moves.table import KINDS
from chatkit_conformance.running.environment import TestEnvironment, Unreachable
from chatkit_conformance.running.host import Host
from chatkit_conformance.running.process import Died
from chatkit_conformance.running.settings import target_of
from chatkit_conformance.running.watch import unless_it_dies

from .catalogue import MUTANTS, Unknown, mutant
from .forked import begin
from .mutant import Mutant
from .verdict import CONTROL, target_file

OUT = Path("reports/explored.json")

SECONDS = 30.0
"""Seconds that a mutant is explored for, if nothing is found before."""

SEED = 1

PEOPLE = 3

PAGE = """\
# Explored mutants

What `chatkit-conformance explore` finds of servers with one promise broken: conversations are drawn, and judged by the
invariants alone. Made by `python -m mutants.explored`, seed {seed}, {seconds:g} s for each at most.

{found} of {lies} mutants were found ({share:.0%}); the shortest conversation that shows one has {median:g} moves in the
median, of {drawn:g} that were drawn. On the reference server {control} was found.

| mutant | kind | found by | moves | seconds |
|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What came of one mutant.

    Args:
        name, kind: of the mutant. by: the invariant that was broken, or "". moves: the shortest conversation, in words.
        drawn: how many moves it had first. again: whether it broke again when it was held again.
        conversations: how many were held. seconds: until it was found and shrunk, start-up included.
        trouble: why nothing is proved, or "".
    """

    name: str
    kind: str
    by: str = ""
    moves: tuple[str, ...] = ()
    drawn: int = 0
    again: bool = False
    conversations: int = 0
    seconds: float = 0.0
    trouble: str = ""


async def explored(one: Mutant, *, seconds: float, seed: int = SEED) -> Trail:
    """Explore one mutant until a breach is found and shrunk, or the time is over."""
    program = ("reference_server",) if one is CONTROL else ("mutants", one.name)
    target = target_of(file=str(target_file(one)), command=(sys.executable, "-m", *program))
    environment, began = TestEnvironment(target, begin=begin), time.monotonic()
    host = Host(environment, seed=seed)
    invariants = [check for check in checks() if check.everywhere]
    hunt = Hunt(host, invariants, people=PEOPLE, seconds=seconds, seed=seed, first=True)

    async def work() -> None:
        host.state.target = environment.target
        await host.look_around()
        await hunt.go()

    trouble = ""
    try:
        await environment.start()
        environment.client.patience = host.lag.factor
        async with host.lag:
            await unless_it_dies(environment, work())
    except (Died, Unreachable) as why:
        trouble = str(why).replace("\n", " ")[:300]
    finally:
        await environment.stop()
    found = next(iter(hunt.explored.found), None)
    return _row(one, found, hunt.explored.covered.conversations, time.monotonic() - began, trouble)


def _row(one: Mutant, found: Found | None, conversations: int, seconds: float, trouble: str) -> Trail:
    known = Trail(name=one.name, kind=one.kind, conversations=conversations, seconds=round(seconds, 1), trouble=trouble)
    if found is None:
        return known
    story = tuple(in_words(found.moves, KINDS))
    return replace(known, by=found.check.id, moves=story, drawn=found.drawn, again=found.again, trouble="")


def some_of_each(number: int) -> list[Mutant]:
    """The first so many liars of each kind; near misses break nothing."""
    taken: Counter[str] = Counter()
    chosen = []
    for one in MUTANTS.values():
        if not one.near_miss and taken[one.kind] < number:
            taken[one.kind] += 1
            chosen.append(one)
    return chosen


def page(rows: Iterable[Trail], *, seconds: float, seed: int) -> str:
    """The rows as a Markdown page."""
    known = {row.name: row for row in rows}
    control = known.pop(CONTROL.name, None)
    found = [row for row in known.values() if row.by]
    head = PAGE.format(
        seed=seed,
        seconds=seconds,
        found=len(found),
        lies=len(known),
        share=len(found) / max(1, len(known)),
        median=statistics.median([len(row.moves) for row in found] or [0]),
        drawn=statistics.median([row.drawn for row in found] or [0]),
        control=f"`{control.by}`" if control and control.by else "nothing",
    )
    return head + "\n".join(map(_line, known.values())) + "\n"


def _line(row: Trail) -> str:
    by = f"`{row.by}`" + ("" if row.again else " (once)") if row.by else row.trouble or "–"
    return f"| `{row.name}` | {row.kind} | {by} | {len(row.moves) or '–'} | {row.seconds:g} |"


def written(path: Path) -> dict[str, Trail]:
    """The rows of an earlier measurement, by name."""
    try:
        rows: Sequence[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rows"]
    except (OSError, ValueError, KeyError):
        return {}
    return {row["name"]: Trail(**{**row, "moves": tuple(row["moves"])}) for row in rows}


def main(argv: Sequence[str] | None = None) -> int:
    """Explore and write. Returns 0 where nothing was found on the reference server, else 1; 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m mutants.explored", description="Explore mutants.")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[], help="only these; the other rows are kept")
    parser.add_argument(
        "--of-each", type=int, default=1, metavar="N", help="so many of each kind (default %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S", help="for each (default %(default)g)")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE", help="default: %(default)s, and .md beside it")
    given = parser.parse_args(argv)
    try:
        chosen = [_named(name) for name in given.only] or [CONTROL, *some_of_each(given.of_each)]
    except Unknown as unknown:
        print(unknown, file=sys.stderr)
        return 2
    rows = written(given.out) if given.only else {}
    for one in chosen:
        row = rows[one.name] = asyncio.run(explored(one, seconds=given.seconds, seed=given.seed))
        print(f"{row.name:<28} {row.by or row.trouble or 'NOT FOUND':<40} {len(row.moves)} moves  {row.seconds:g} s")
        print(*row.moves, sep="\n    ", flush=True)
        value = {"seed": given.seed, "seconds": given.seconds, "rows": [asdict(row) for row in rows.values()]}
        given.out.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        shown = page(rows.values(), seconds=given.seconds, seed=given.seed)
        given.out.with_suffix(".md").write_text(shown, encoding="utf-8")
    return int(bool(rows[CONTROL.name].by)) if CONTROL.name in rows else 0


def _named(name: str) -> Mutant:
    return CONTROL if name == CONTROL.name else mutant(name)


if __name__ == "__main__":
    sys.exit(main())
