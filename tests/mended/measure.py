"""How many faults of a server's source are mended by doing what our output says.

    python -m tests.mended.measure [--only WORDS] [--out reports]

Each fault of faults.py is put into the source of a right server, the server is run, and `findings` tells what to mend.
Then the mend of mends.py is made, which does what the line `fix` of that output says, and the server is run again.
Writes mended.json and mended.md; what was measured of an unchanged fault or mend is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .bench import ROOT, Told, sources, told
from .faults import FAULTS, HELD, SERVER, Edit, Fault
from .mends import MENDS, Mend

OF_ITSELF = frozenset({"gemini.usage-asked", "security.refusal-names-scheme"})
"""What is told of the server as it is: it asks for no usage, and names no scheme where it refuses."""

INTRO = (
    "A right server, {server} of odd_servers/, is made faulty by a change of its source, {faults} times in {faults} "
    "ways. It is run, and `chatkit-conformance findings --for-agent` tells what to mend. What the line `fix` says is "
    "then done to the source by hand, by somebody who knew the server, and nothing else; where that line says what the "
    "server does already, the next finding is taken (`--nth 2`). A fault counts as mended where the next run tells "
    "nothing that is not told of the server as it is. Faults and mends stand in tests/mended/."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of one fault. by: the finding whose fix was done. left: what the next run told that was new."""

    name: str
    says: str
    fault: str
    mend: str
    day: str
    found: tuple[str, ...]
    by: str
    nth: int
    why_not: str
    left: tuple[str, ...]

    @property
    def mended(self) -> bool:
        """Whether it was mended from the output."""
        return bool(self.by) and not self.left


def digest(edits: Sequence[Edit]) -> str:
    """A mark of these edits: another one where they change."""
    return hashlib.sha256(json.dumps([asdict(edit) for edit in edits]).encode()).hexdigest()[:12]


def own(said: Told) -> tuple[str, ...]:
    """What is told that is not told of the server as it is."""
    return tuple(id for id in said.all if id not in OF_ITSELF)


def measured(fault: Fault, mend: Mend, before: Row | None) -> Row:
    """Run the server with the fault, and with its mend. `before`: what was measured last of the same fault."""
    if before is not None and (before.fault, before.mend) == (digest(fault.edits), digest(mend.edits)):
        return before
    with tempfile.TemporaryDirectory(prefix="mended-") as place:
        folder = Path(place)
        if before is not None and before.fault == digest(fault.edits):
            found = before.found
        else:
            found = own(told(sources(folder / "faulty", fault.edits)))
        left = own(told(sources(folder / "mended", fault.edits, mend.edits))) if mend.edits else found
    return Row(
        name=fault.name,
        says=fault.says,
        fault=digest(fault.edits),
        mend=digest(mend.edits),
        day=datetime.now(UTC).date().isoformat(),
        found=found,
        by=found[mend.nth - 1] if mend.edits and len(found) >= mend.nth else "",
        nth=mend.nth,
        why_not=mend.why_not,
        left=left,
    )


def saved(file: Path) -> dict[str, Row]:
    """What stands in mended.json, by the fault's name."""
    rows = json.loads(file.read_text("utf-8"))["rows"] if file.exists() else []
    return {row["name"]: _row(row) for row in rows}


def _row(row: dict[str, Any]) -> Row:
    kept: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Row(**{key: value for key, value in kept.items() if key != "mended"})


def write(rows: Sequence[Row], out: Path) -> None:
    """Write mended.json and mended.md."""
    out.mkdir(parents=True, exist_ok=True)
    made = [{**asdict(row), "mended": row.mended} for row in rows]
    text = json.dumps({"server": SERVER, "held": HELD, "rows": made}, indent=1, ensure_ascii=False)
    (out / "mended.json").write_text(text + "\n", "utf-8")
    count, first = sum(row.mended for row in rows), sum(row.mended and row.nth == 1 for row in rows)
    lines = [
        "# Mended from the output alone",
        "",
        INTRO.format(server=SERVER, faults=len(rows)),
        "",
        f"**{count} of {len(rows)} were mended, {first} of them by the first finding.** Made by `nox -s mended`.",
        "",
        "| fault | what is wrong with the source | found first | mended by | what kept it from being mended |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        by = f"`{row.by}`" + (f" (finding {row.nth})" if row.nth > 1 else "") if row.mended else "no"
        first_found = f"`{row.found[0]}`" if row.found else "nothing"
        why = row.why_not or (f"left: {', '.join(row.left[:3])}" if not row.mended else "")
        lines.append(f"| {row.name} | {row.says} | {first_found} | {by} | {why} |")
    (out / "mended.md").write_text("\n".join([*lines, ""]), "utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure those that are named, or all; 0 always, for a fault that stays is a figure and no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.mended.measure", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", default="", help="only faults whose name has these words")
    parser.add_argument("--out", type=Path, default=ROOT / "reports")
    given = parser.parse_args(argv)
    rows = saved(given.out / "mended.json")
    for fault in FAULTS:
        if given.only in fault.name and fault.name in MENDS:
            row = rows[fault.name] = measured(fault, MENDS[fault.name], rows.get(fault.name))
            write([rows[one.name] for one in FAULTS if one.name in rows], given.out)
            sys.stdout.write(f"{'mended' if row.mended else 'LEFT':<7} {row.name:<20} {row.by} {row.left[:3]}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
