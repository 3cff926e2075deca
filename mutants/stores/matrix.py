"""The kill table of the Store contract: `python -m mutants.stores.matrix [--seconds N] [--only NAME ...] [--out DIR]`.

The whole contract is held on each store of this room, as its author runs it: every test, in pytest's order. Rows are
kept beside the table while it is made, so that a run which --seconds ends is gone on with by the next one, until the
code of the contract or of the stores changes. Writes store-kill-table.json and store-kill-table.md when all rows are
there. Exit 0 when every faulty store is killed for the right reason and every odd but right store passes everything,
1 when not, 3 while rows are missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chatkit_conformance.store import CONTRACT_TESTS
from mutants.stores.contracts import red_tests
from mutants.stores.fault import Fault
from mutants.stores.faults import FAULTS
from mutants.stores.json_file import JsonFileStore
from mutants.stores.near_misses import NEAR_MISSES

ROOT = Path(__file__).parents[2]
CODE = ("chatkit_conformance/store", "mutants/stores")
"""What a row depends on."""

ROWS = "store-kill-table.rows.jsonl"
FEW_OTHERS = 3
"""Red tests beside the one that is named: more of them accuse of something else."""

UNFINISHED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One store of the table.

    Args:
        named: the contract test that must kill it, "" for an odd but right store.
        said: what that test said, its first line.
        others: the other contract tests that are red.
    """

    name: str
    lie: str
    seen: str
    named: str
    said: str
    others: tuple[str, ...]
    seconds: float

    @property
    def as_it_should_be(self) -> bool:
        """Killed by the named test for that test's own rule, or, for an odd one, green."""
        if not self.named:
            return not self.others
        rule = CONTRACT_TESTS[self.named.split("[")[0]]
        return self.said.startswith((f"StoreFinding: [{rule}] ", f"StoreHangs: [{rule}] "))


def _is(name: str, named: str) -> bool:
    return name == named or name.split("[")[0] == named


def held(store: type[Any], fault: Fault | None) -> Row:
    """The row of one store: the whole contract on it."""
    began = time.perf_counter()
    reds = red_tests(store)
    named = fault.killed_by if fault else ""
    right = [name for name in reds if _is(name, named)]
    return Row(
        name=store.__name__,
        lie=" ".join((store.__doc__ or "").split()),
        seen=fault.seen if fault else "",
        named=named,
        said=reds[right[0]].splitlines()[0] if right else "",
        others=tuple(name for name in reds if name not in right),
        seconds=round(time.perf_counter() - began, 1),
    )


def stores() -> Iterator[tuple[type[Any], Fault | None]]:
    """Every faulty store, then every odd but right one."""
    for fault in FAULTS.values():
        yield fault.store, fault
    yield from ((store, None) for store in NEAR_MISSES)
    yield JsonFileStore, None


def code() -> str:
    """A hash of what the rows depend on."""
    files = sorted(file for folder in CODE for file in (ROOT / folder).glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def kept(file: Path) -> dict[str, Row]:
    """The rows that were made from the code as it is."""
    if not file.is_file():
        return {}
    made = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    now = code()
    rows = [entry["row"] for entry in made if entry["code"] == now]
    return {row["name"]: Row(**{**row, "others": tuple(row["others"])}) for row in rows}


def as_markdown(table: list[Row]) -> str:
    """The table for people."""
    faulty, odd = [row for row in table if row.named], [row for row in table if not row.named]
    killed = [row for row in faulty if row.as_it_should_be]
    few = sum(len(row.others) <= FEW_OTHERS for row in killed)
    lines = [
        "# Kill table of the Store contract",
        "",
        "Made by `python -m mutants.stores.matrix`, which holds the whole contract on each store. Each faulty store "
        "has one fault; the contract test that names it must fail, for its own rule. Each odd but right store takes a "
        "choice that the rules leave open and must pass everything.",
        "",
        f"{len(faulty)} faulty stores, {len(killed)} killed by the named test for the right reason, {few} of them with "
        f"at most {FEW_OTHERS} other red tests; {len(odd)} odd but right stores, "
        f"{sum(row.as_it_should_be for row in odd)} pass everything.",
        "",
        "| faulty store | its lie | comes from | killed by the named test | other red tests |",
        "|---|---|---|---|---|",
        *(
            f"| {row.name} | {row.lie} | {row.seen.replace('|', chr(92) + '|')} "
            f"| {'yes' if row.as_it_should_be else 'NO'}: `{row.named}` "
            f"| {len(row.others)}{': ' if row.others else ''}{', '.join(f'`{name}`' for name in row.others)} |"
            for row in faulty
        ),
        "",
        "| odd but right store | its choice | passes |",
        "|---|---|---|",
        *(f"| {row.name} | {row.lie} | {'yes' if row.as_it_should_be else f'NO: {row.others}'} |" for row in odd),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run, write, and say whether the table is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m mutants.stores.matrix", description=__doc__)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no more stores after so many")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="hold these stores, and print their rows")
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder for the two files")
    given = parser.parse_args()
    if given.only:
        for store, fault in stores():
            if store.__name__ in given.only:
                print(json.dumps(asdict(held(store, fault)), indent=1), flush=True)  # noqa: T201  # the command's answer
        return 0
    given.out.mkdir(parents=True, exist_ok=True)
    beside, began = given.out / ROWS, time.monotonic()
    rows = kept(beside)
    for store, fault in stores():
        if store.__name__ in rows:
            continue
        if time.monotonic() - began > given.seconds:
            print(f"{len(rows)} rows are there; the same command goes on.")  # noqa: T201  # the command's answer
            return UNFINISHED
        row = rows[store.__name__] = held(store, fault)
        with beside.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"code": code(), "row": asdict(row)}) + "\n")
        if not row.as_it_should_be or len(row.others) > FEW_OTHERS:
            print(f"{row.name}: {row.named} said {row.said!r}; others: {row.others}", flush=True)  # noqa: T201  # progress
    table = [rows[store.__name__] for store, _ in stores()]
    wrong = [row.name for row in table if not row.as_it_should_be]
    answer = {"schema": 2, "wrong": wrong, "stores": [asdict(row) for row in table]}
    (given.out / "store-kill-table.json").write_text(json.dumps(answer, indent=1) + "\n", "utf-8")
    (given.out / "store-kill-table.md").write_text(as_markdown(table), "utf-8")
    beside.unlink(missing_ok=True)
    print(f"{len(table)} stores, {len(wrong)} not as they should be: {wrong}")  # noqa: T201  # the command's answer
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
