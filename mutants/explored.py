"""Exploring the mutants: which of them `explore` finds by the invariants alone, and in how short a conversation.

    python -m mutants.explored --drawn 40 --seed 40     forty, drawn among all
    python -m mutants.explored                          one of each kind, and the reference server
    python -m mutants.explored --of-each 1000           all
    python -m mutants.explored --only ids-fake --seconds 60
    python -m mutants.explored --drawn 40 --seed 40 --within 280    as many as begin in 280 s; type it again to go on

No exchange that was written by hand is held, and no check that names one judges. A mutant is let go as soon as one
breach is found and shrunk. Rows are written one by one and kept: a mutant that the file has, explored for as long and
from the same seed, is not explored again, unless `--only` names it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
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
from chatkit_conformance.moves.table import WITH_SCENES
from chatkit_conformance.running.environment import TestEnvironment, Unreachable
from chatkit_conformance.running.host import Host
from chatkit_conformance.running.process import Died
from chatkit_conformance.running.settings import target_of
from chatkit_conformance.running.watch import unless_it_dies

from .catalogue import MUTANTS, Unknown, mutant
from .forked import begin
from .mutant import Mutant
from .unexplored import why_not_explored
from .verdict import CONTROL, LONGEST, target_file

OUT = Path("reports/explored.json")

SECONDS = 60.0
"""Seconds that a mutant is explored for, if nothing is found before."""

SEED = 1

PEOPLE = 3

PAGE = """\
# Explored mutants

What `chatkit-conformance explore` finds of servers with one promise broken: conversations are drawn, and judged by the
invariants alone. Made by `python -m mutants.explored`, seed {seed}, {seconds:g} s for each at most.

{found} of {lies} mutants were found ({share:.0%}); the shortest conversation that shows one has {median:g} moves in the
median, of {drawn:g} that were drawn. {control}
{named} of them were found by an invariant that the mutant's row names for it; of the others, the last column says what
was found, for people to judge.

| mutant | what it breaks | found by | moves | seconds | what was found |
|---|---|---|---|---|---|
"""

NOT_MADE_FOR = """
## What exploring is not made to find

These are counted above as not found.

| mutant | what it breaks | why |
|---|---|---|
"""

CONTROLS: Mapping[str | None, str] = {
    None: "The reference server was not explored with them.",
    "": "On the reference server nothing was found.",
}
"""What the page says of the reference server, where nothing was found there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What came of one mutant.

    Args:
        name, kind, lie: of the mutant. by: the invariant that was broken, or "". named: whether the mutant's row names
        it. expected, got: what it found first. moves: the shortest conversation, in words.
        drawn: how many moves it had first. again: whether it broke again when it was held again.
        conversations: how many were held. seconds: until it was found and shrunk, start-up included.
        budget: seconds that it could have taken. seed: what conversations were drawn from.
        trouble: why nothing is proved, or "".
    """

    name: str
    kind: str
    lie: str = ""
    by: str = ""
    named: bool = False
    expected: str = ""
    got: str = ""
    moves: tuple[str, ...] = ()
    drawn: int = 0
    again: bool = False
    conversations: int = 0
    seconds: float = 0.0
    budget: float = 0.0
    seed: int = 0
    trouble: str = ""

    def holds(self, *, seconds: float, seed: int) -> bool:
        """Whether it says what another measurement would: of that seed, and found, or explored for as long."""
        return self.seed == seed and (self.budget == seconds or (bool(self.by) and self.seconds <= seconds))


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
            await unless_it_dies(environment, work(), host.lives)
    except (Died, Unreachable) as why:
        trouble = str(why).replace("\n", " ")[:300]
    finally:
        await environment.stop()
    known = Trail(
        name=one.name,
        kind=one.kind,
        lie=one.lie,
        conversations=hunt.explored.covered.conversations,
        seconds=round(time.monotonic() - began, 1),
        budget=seconds,
        seed=seed,
        trouble=trouble,
    )
    return _with(known, one, next(iter(hunt.explored.found), None))


def _with(known: Trail, one: Mutant, found: Found | None) -> Trail:
    """The row with what was found."""
    if found is None:
        return known
    id, first = found.check.id, found.result.findings[0].finding if found.result.findings else None
    return replace(
        known,
        by=id,
        named=id in (*one.named, *one.also),
        expected=first.expected[:LONGEST] if first else "",
        got=first.got[:LONGEST] if first else found.result.got[:LONGEST],
        moves=tuple(in_words(found.moves, WITH_SCENES)),
        drawn=found.drawn,
        again=found.again,
        trouble="",
    )


def some_of_each(number: int) -> list[Mutant]:
    """The first so many liars of each kind; near misses break nothing."""
    taken: Counter[str] = Counter()
    chosen = []
    for one in MUTANTS.values():
        if not one.near_miss and taken[one.kind] < number:
            taken[one.kind] += 1
            chosen.append(one)
    return chosen


def some_drawn(number: int, seed: int) -> list[Mutant]:
    """So many liars, drawn among all; the same for the same seed and the same table."""
    lies = sorted(name for name, one in MUTANTS.items() if not one.near_miss)
    return [MUTANTS[name] for name in random.Random(seed).sample(lies, min(number, len(lies)))]


def page(rows: Iterable[Trail], *, seconds: float, seed: int) -> str:
    """The rows as a Markdown page."""
    known = {row.name: row for row in rows}
    control = known.pop(CONTROL.name, None)
    by = control.by if control else None
    found = [row for row in known.values() if row.by]
    head = PAGE.format(
        seed=seed,
        seconds=seconds,
        found=len(found),
        lies=len(known),
        share=len(found) / max(1, len(known)),
        median=statistics.median([len(row.moves) for row in found] or [0]),
        drawn=statistics.median([row.drawn for row in found] or [0]),
        named=sum(row.named for row in found),
        control=CONTROLS.get(by, f"On the reference server `{by}` was found."),
    )
    return head + "\n".join(map(_line, known.values())) + "\n" + _not_made_for(known.values())


def _not_made_for(rows: Iterable[Trail]) -> str:
    """The rows that exploring is not made to find, with the reason of each; "" where there is none."""
    missed = {row.name: row.lie for row in rows if not row.by and row.name in MUTANTS}
    reasons = {name: why for name in missed if (why := why_not_explored(MUTANTS[name]))}
    lines = [f"| `{name}` | {missed[name]} | {why} |" for name, why in reasons.items()]
    return NOT_MADE_FOR + "\n".join(lines) + "\n" if lines else ""


def _line(row: Trail) -> str:
    by = f"`{row.by}`" + ("" if row.again else " (once)") if row.by else row.trouble or "–"
    got = "as named" if row.named else f"expected {row.expected}, got {row.got}" if row.by else "–"
    cells = (f"`{row.name}`", row.lie, by, str(len(row.moves) or "–"), f"{row.seconds:g}", got)
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"


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
    add = parser.add_argument
    add("--only", nargs="+", metavar="NAME", default=[], help="only these, though the file has them")
    add("--of-each", type=int, default=1, metavar="N", help="so many of each kind (default %(default)s)")
    add("--drawn", type=int, default=0, metavar="N", help="so many, drawn among all by the seed")
    add("--seconds", type=float, default=SECONDS, metavar="S", help="for each (default %(default)g)")
    add("--seed", type=int, default=SEED, metavar="N", help="default: %(default)s")
    add("--within", type=float, default=math.inf, metavar="S", help="begin with none after so many seconds")
    add("--out", type=Path, default=OUT, metavar="FILE", help="default: %(default)s, and .md beside it")
    given = parser.parse_args(argv)
    try:
        chosen = [_named(name) for name in given.only] or _chosen(given.drawn, given.of_each, given.seed)
    except Unknown as unknown:
        print(unknown, file=sys.stderr)
        return 2
    rows, ends, left = written(given.out), time.monotonic() + given.within, 0
    for one in chosen:
        known = rows.get(one.name)
        if known and not given.only and known.holds(seconds=given.seconds, seed=given.seed):
            continue
        if time.monotonic() >= ends:
            left += 1
            continue
        row = rows[one.name] = asyncio.run(explored(one, seconds=given.seconds, seed=given.seed))
        print(f"{row.name:<28} {row.by or row.trouble or 'NOT FOUND':<40} {len(row.moves)} moves  {row.seconds:g} s")
        print(*row.moves, sep="\n    ", flush=True)
        write(given.out, rows, seconds=given.seconds, seed=given.seed)
    if left:
        print(f"{left} are left: type it again to go on")
    return int(bool(rows[CONTROL.name].by)) if CONTROL.name in rows else 0


def write(path: Path, rows: Mapping[str, Trail], *, seconds: float, seed: int) -> None:
    """Write the rows, and the page beside them."""
    value = {"seed": seed, "seconds": seconds, "rows": [asdict(row) for row in rows.values()]}
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(page(rows.values(), seconds=seconds, seed=seed), encoding="utf-8")


def _chosen(drawn: int, of_each: int, seed: int) -> list[Mutant]:
    return some_drawn(drawn, seed) if drawn else [CONTROL, *some_of_each(of_each)]


def _named(name: str) -> Mutant:
    return CONTROL if name == CONTROL.name else mutant(name)


if __name__ == "__main__":
    sys.exit(main())
