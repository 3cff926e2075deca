"""The kill table of the Store contract: `python -m mutants.stores.matrix [--quick] [--out FOLDER]`.

Every faulty store meets the test that names it and, without --quick, all others that take no seconds to fail; the odd
but right ones meet every test. Writes store-kill-table.json and store-kill-table.md. Exit 0 when every faulty store is
killed by the contract test that names it and every odd but right store passes everything, else 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mutants.stores.contracts import SECONDS_EACH, contract_tests, failure_of
from mutants.stores.faults import FAULTS
from mutants.stores.json_file import JsonFileStore
from mutants.stores.near_misses import NEAR_MISSES

FEW = 16
"""Examples in the tests that a faulty store is not named for: who else notices is good to know, and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One store of the table.

    Args:
        named: the contract test that must kill it, "" for a near miss.
        killed_by: the contract tests that failed, of those that were run.
    """

    name: str
    lie: str
    seen: str
    near_miss: bool
    named: str
    killed_by: tuple[str, ...]
    seconds: float

    @property
    def as_it_should_be(self) -> bool:
        return not self.killed_by if self.near_miss else any(_is(name, self.named) for name in self.killed_by)


def _is(name: str, named: str) -> bool:
    return name == named or name.split("[")[0] == named


def _killers(store: type[Any], names: list[str], examples: int | None = None) -> tuple[str, ...]:
    return tuple(name for name in names if failure_of(store, name, examples) is not None)


def rows(*, quick: bool) -> list[Row]:
    """Run the contract on every store of this room. Quick runs each faulty store on its named test alone."""
    every = [name for name, _ in contract_tests()]
    others = [] if quick else [name for name in every if name not in SECONDS_EACH]
    made: list[Row] = []
    for name, fault in FAULTS.items():
        began = time.perf_counter()
        killers = _killers(fault.store, [name for name in every if _is(name, fault.killed_by)])
        killers += _killers(fault.store, [name for name in others if not _is(name, fault.killed_by)], FEW)
        spent = time.perf_counter() - began
        made.append(_row(name, fault.lie, fault.seen, fault.killed_by, killers, spent))
    odd: tuple[type[Any], ...] = (*NEAR_MISSES, JsonFileStore)
    for store in odd:
        began = time.perf_counter()
        killers = _killers(store, every)
        made.append(_row(store.__name__, (store.__doc__ or "").strip(), "", "", killers, time.perf_counter() - began))
    return made


def _row(name: str, lie: str, seen: str, named: str, killers: tuple[str, ...], seconds: float) -> Row:
    said = " ".join(lie.split())
    return Row(
        name=name,
        lie=said,
        seen=seen,
        near_miss=not named,
        named=named,
        killed_by=killers,
        seconds=round(seconds, 1),
    )


def as_markdown(table: list[Row]) -> str:
    """The table for people."""
    faulty, odd = [row for row in table if row.near_miss is False], [row for row in table if row.near_miss]
    lines = [
        "# Kill table of the Store contract",
        "",
        "Made by `python -m mutants.stores.matrix`. Each faulty store has one fault; the contract test that names it "
        "must fail. Each odd but right store takes a choice that the rules leave open and must pass everything.",
        "",
        f"{len(faulty)} faulty stores, {sum(row.as_it_should_be for row in faulty)} killed by the named test; "
        f"{len(odd)} odd but right stores, {sum(row.as_it_should_be for row in odd)} pass.",
        "",
        "| faulty store | its lie | comes from | killed by the named test | tests that fail |",
        "|---|---|---|---|---|",
        *(
            f"| {row.name} | {row.lie} | {row.seen} | {'yes' if row.as_it_should_be else 'NO'}: `{row.named}` "
            f"| {len(row.killed_by)} |"
            for row in faulty
        ),
        "",
        "| odd but right store | its choice | passes |",
        "|---|---|---|",
        *(f"| {row.name} | {row.lie} | {'yes' if row.as_it_should_be else f'NO: {row.killed_by}'} |" for row in odd),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run, write, and say whether the table is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m mutants.stores.matrix", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="run each faulty store on its named test alone")
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder for the two files")
    given = parser.parse_args()
    table = rows(quick=given.quick)
    given.out.mkdir(parents=True, exist_ok=True)
    wrong = [row.name for row in table if not row.as_it_should_be]
    answer = {"schema": 1, "quick": given.quick, "wrong": wrong, "stores": [asdict(row) for row in table]}
    (given.out / "store-kill-table.json").write_text(json.dumps(answer, indent=1) + "\n", "utf-8")
    (given.out / "store-kill-table.md").write_text(as_markdown(table), "utf-8")
    print(f"{len(table)} stores, {len(wrong)} not as they should be: {wrong}")  # noqa: T201  # the command's answer
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
