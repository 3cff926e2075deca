"""A server compared with itself, again and again: how often the interval of each ratio holds 1, which is the truth.

    python -m tests.load.itself                         twenty times, the reference server on both sides
    python -m tests.load.itself --times 2 --seconds 3   a quick look
    python -m tests.load.itself --within 500            as many as begin in 500 s; type it again to go on

Each comparison is one `chatkit-conformance load --compare-with COMMAND -- COMMAND`. One that is INVALID says so itself
and tells no ratio. Rows are kept in reports/load/itself.json. Exit 0 where each ratio was right often enough.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

OUT = Path("reports/load/itself.json")

TIMES = 20
RIGHT = 0.95
"""Share of the comparisons in which an interval of 95 % has to hold the truth."""

SERVER = (sys.executable, "-m", "reference_server")

Row = Mapping[str, Any]


def compared(folder: Path, options: argparse.Namespace) -> Row:
    """One comparison: its verdict, why there is no ratio if there is none, and its ratios."""
    command = [sys.executable, "-m", "chatkit_conformance", "load", "--out", str(folder)]
    command += ["--seconds", str(options.seconds), "--rounds", str(options.rounds), "--people", str(options.people)]
    subprocess.run([*command, "--compare-with", shlex.join(SERVER), "--", *SERVER], check=False)
    value = json.loads((folder / "load.json").read_text(encoding="utf-8"))
    return {
        "started": value["started"],
        "load_before": value["machine"]["load_before"],
        "verdict": value["verdict"],
        "reasons": value["reasons"],
        "ratios": value["ratios"],
    }


def right(rows: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """For each ratio: in how many comparisons its interval held 1, and of how many that told it."""
    names = sorted({name for row in rows for name in row["ratios"]})
    told = {name: [row["ratios"][name] for row in rows if name in row["ratios"]] for name in names}
    return {name: (sum(one["low"] <= 1.0 <= one["high"] for one in found), len(found)) for name, found in told.items()}


def page(rows: Sequence[Row], command: str) -> str:
    """The figures as a page."""
    invalid = sum(row["verdict"] != "PASS" for row in rows)
    lines = [
        "# A server compared with itself",
        "",
        "Both sides are the reference server: each ratio is 1 in truth, and an interval of 95 % holds it 19 times",
        f"in twenty. Made by `{command}`: {len(rows)} comparisons, of which {invalid} said themselves that they",
        "could not measure and told no ratio.",
        "",
        "| ratio | intervals that held 1 | narrowest | widest |",
        "|---|---:|---:|---:|",
    ]
    for name, (held, n) in right(rows).items():
        widths = [row["ratios"][name]["high"] / row["ratios"][name]["low"] for row in rows if name in row["ratios"]]
        lines.append(f"| {name.replace('_', ' ')} | {held} of {n} | {min(widths):.2f} x | {max(widths):.2f} x |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, write the rows and the page; 1 where an interval was wrong too often."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.itself")
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--within", type=float, default=float("inf"), help="seconds in which comparisons are begun")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    plan = {name: getattr(options, name) for name in ("seconds", "rounds", "people")}
    kept = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {}
    rows: list[Row] = kept["rows"] if kept.get("plan") == plan else []
    until = time.monotonic() + options.within
    while len(rows) < options.times and time.monotonic() < until:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(compared(Path(folder) / "report", options))
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps({"plan": plan, "rows": rows}, indent=1) + "\n", encoding="utf-8")
        command = f"python -m tests.load.itself --times {options.times}"
        options.out.with_suffix(".md").write_text(page(rows, command), encoding="utf-8")
    found = right(rows)
    for name, (held, n) in found.items():
        sys.stdout.write(f"{name}: 1 within {held} of {n} intervals\n")
    invalid = sum(row["verdict"] != "PASS" for row in rows)
    sys.stdout.write(f"{len(rows)} comparisons, {invalid} without a ratio\n")
    return int(any(held < RIGHT * n - 1e-9 for held, n in found.values()))


if __name__ == "__main__":
    sys.exit(main())
