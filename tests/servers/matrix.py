"""Public ChatKit servers, each installed by name in an environment of its own, and judged.

    python -m tests.servers.matrix [--only WORDS ...] [--out reports]

Writes servers.json, servers.md and servers.html; a row that was not asked for keeps what it last said. It takes some
minutes a row, uv, npm, and the package indexes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from chatkit_conformance.judging.levels import LEVEL_WORDS
from chatkit_conformance.judging.verdict import verdict_of
from chatkit_conformance.report.groups import groups_of, ranked, to_mend
from chatkit_conformance.results.model import RunResults
from chatkit_conformance.results.saved import read_results

from .install import ROOT, Installed, NotInstalled, installed
from .pages import write
from .rows import SERVERS, Server

RUN_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of one row, or why nothing could be judged (`trouble`)."""

    name: str
    language: str
    says: str
    lines: str
    install: str
    command: str
    day: str
    versions: dict[str, str] = field(default_factory=dict)
    headline: str = ""
    levels: dict[str, str] = field(default_factory=dict)
    must: tuple[int, int] = (0, 0)
    should: tuple[int, int] = (0, 0)
    root: str = ""
    got: str = ""
    cause: str = ""
    seconds: float = 0.0
    trouble: str = ""


def judged(server: Server, folder: Path) -> Judged:
    """Install one server below `folder`, and judge it."""
    installer = "npm install" if server.language == "JavaScript" else "pip install"
    early = " --pre" if server.early else ""
    row = Judged(
        name=server.name,
        language=server.language,
        says=server.says,
        lines=f"examples/{server.examples}" if server.examples else "",
        install=f"{installer}{early} {' '.join(server.requirements)}",
        command=f"chatkit-conformance run --target examples/{server.examples}/{server.target}",
        day=datetime.now(UTC).date().isoformat(),
    )
    try:
        there = installed(server, folder)
    except NotInstalled as why:
        return replace(row, trouble=f"cannot be installed: {why}".replace(str(folder), "."))
    row = replace(row, versions=there.versions)
    if not server.examples:
        return replace(row, trouble="it can be installed, and no lines of ours start it yet")
    return _judged(row, there, folder / "report")


def _judged(row: Judged, there: Installed, out: Path) -> Judged:
    command = [sys.executable, "-m", "chatkit_conformance", "run", "--target", str(there.target), "--out", str(out)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=there.environ, capture_output=True, text=True, timeout=RUN_S, check=False
        )
    except subprocess.TimeoutExpired:
        return replace(row, trouble=f"the run took more than {RUN_S} s")
    try:
        results = read_results(out)
    except ValueError:
        return replace(row, trouble=" ".join(done.stderr.split())[:300])
    return read(row, results)


def read(row: Judged, results: RunResults) -> Judged:
    """The row with what a run says."""
    verdict, causes = verdict_of(results), to_mend(ranked(groups_of(results.results)))
    first = causes[0].group.first if causes else None
    words = {name: LEVEL_WORDS.get(level.outcome) for name, level in results.levels.items()}
    return replace(
        row,
        headline=verdict.headline,
        levels={name: said.word for name, said in words.items() if said},
        must=(verdict.must.kept, verdict.must.judged),
        should=(verdict.should.kept, verdict.should.judged),
        root=first.id if first else "",
        got=first.said if first else "",
        cause=first.cause if first else "",
        seconds=round(results.seconds or 0.0, 1),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Judge those that are named, or all, and write the table; 1 where nothing could be judged."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.matrix", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", default="", help="only rows whose name has these words")
    parser.add_argument("--out", type=Path, default=ROOT / "reports")
    given = parser.parse_args(argv)
    saved = given.out / "servers.json"
    rows = {row["name"]: row for row in json.loads(saved.read_text("utf-8"))["rows"]} if saved.exists() else {}
    for server in (one for one in SERVERS if given.only in one.name):
        with tempfile.TemporaryDirectory(prefix="servers-") as folder:
            row = judged(server, Path(folder))
        rows[row.name] = asdict(row)
        write([rows[one.name] for one in SERVERS if one.name in rows], given.out)
        sys.stdout.write(f"{row.name}: {row.trouble or row.headline} {row.root} {row.seconds} s\n")
    return int(all(row["trouble"] for row in rows.values()))


if __name__ == "__main__":
    raise SystemExit(main())
