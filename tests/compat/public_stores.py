"""Public ChatKit stores that can be installed, held to the Store contract: each in an environment of its own.

    python -m tests.compat.public_stores [--only NAME ...] [--out reports]

Each is installed with the newest releases that it allows, beside this project; `tests/compat/stores/` has the function
that makes it. Writes stores.json and stores.md. It takes minutes and the network.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORES = Path(__file__).with_name("stores")
INSTALL_S = 600
CONTRACT_S = 900
VERSION = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicStore:
    """One store.

    Args:
        name: of its row. package: what is installed. module: of `tests/compat/stores/`, with `make` and `context`.
        without: capabilities that its package does not claim. says: what it is, in a few words.
    """

    name: str
    package: str
    module: str
    says: str
    without: tuple[str, ...] = ()


PUBLIC = (
    PublicStore(
        name="adk-chatkit, sessions in memory",
        package="adk-chatkit",
        module="adk_in_memory",
        says="threads are sessions of Google's ADK, whose runner writes the messages; the store itself adds none",
        without=("attachments",),
    ),
    PublicStore(
        name="adk-chatkit, sessions in SQLite",
        package="adk-chatkit",
        module="adk_in_sqlite",
        says="the same, in ADK's own tables",
        without=("attachments",),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of one store: how many rules ended how, those that failed, or why nothing could be tried."""

    name: str
    package: str
    version: str = ""
    says: str = ""
    command: str = ""
    outcomes: dict[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    should: tuple[str, ...] = ()
    sc_005: str = ""
    trouble: str = ""


def judged(store: PublicStore, folder: Path, there: str = "") -> Judged:
    """Install one store in `folder` and hold it to the contract. `there`: a Python that has it already."""
    python = there or str(folder / "env" / "bin" / "python")
    if not there:
        venv.create(folder / "env", with_pip=True)
    words = ["-m", "chatkit_conformance", "store", f"{store.module}:make", "--context", f"{store.module}:context"]
    words += [word for name in store.without for word in ("--without", name)]
    row = Judged(
        name=store.name, package=store.package, says=store.says, command=" ".join(["chatkit-conformance", *words[2:]])
    )
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", f"{ROOT}[store]", store.package]
    try:
        made = None if there else subprocess.run(install, capture_output=True, text=True, timeout=INSTALL_S)
        if made is not None and made.returncode:
            lines = [line for line in made.stderr.splitlines() if line.startswith("ERROR")]
            return _with(row, trouble=f"cannot be installed: {(lines or ['?'])[0][:200]}")
        version = subprocess.run([python, "-c", VERSION, store.package], capture_output=True, text=True, timeout=60)
        row = _with(row, version=version.stdout.strip())
        out = folder / "report"
        subprocess.run(
            [python, *words, "--out", str(out)], capture_output=True, text=True, timeout=CONTRACT_S, cwd=STORES
        )
        return _read(row, out / "results.json")
    except subprocess.TimeoutExpired as late:
        return _with(row, trouble=f"took more than {late.timeout:g} s")


def _read(row: Judged, results: Path) -> Judged:
    if not results.exists():
        return _with(row, trouble="the contract wrote no results")
    told = json.loads(results.read_text(encoding="utf-8"))
    rules = told["rules"]
    return _with(
        row,
        outcomes=dict(Counter(rule["outcome"] for rule in rules)),
        failed=tuple(rule["rule"] for rule in rules if rule["outcome"] == "failed"),
        should=tuple(rule["rule"] for rule in rules if rule["outcome"] == "warned"),
        sc_005=told["criteria"]["SC-005"]["evidence"].partition(": ")[2],
    )


def _with(row: Judged, **more: object) -> Judged:
    return Judged(**{**asdict(row), **more})


def table(rows: Sequence[Judged], day: str) -> str:
    """The rows as a page."""
    lines = [
        "# Public stores",
        "",
        f"Stores for ChatKit that can be installed, each held to the Store contract on {day} by the command below,"
        " with the newest releases that it allows. A rule that fails may not matter to an application; the "
        "[contract](../docs/testing-your-store.md) says what a user would notice of each. Made by"
        " `python -m tests.compat.public_stores`.",
        "",
        "| store | release | what it is | rules that hold | MUST that fail | SHOULD that fail | not judged | SC-005 |",
        "|---|---|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        if row.trouble:
            lines.append(f"| {row.name} | {row.version or '?'} | {row.says} | | | | | {row.trouble} |")
            continue
        counts = row.outcomes
        numbers = [
            counts.get("passed", 0),
            counts.get("failed", 0),
            counts.get("warned", 0),
            counts.get("not judged", 0),
        ]
        shown = " | ".join(map(str, numbers))
        lines.append(f"| {row.name} | {row.version} | {row.says} | {shown} | {row.sc_005} |")
    for row in rows:
        lines += ["", f"## {row.name}", "", "```sh", row.command, "```", ""]
        if row.failed or row.should:
            lines += [f"- MUST: {', '.join(f'`{rule}`' for rule in row.failed) or 'none fails'}"]
            lines += [f"- SHOULD: {', '.join(f'`{rule}`' for rule in row.should) or 'none fails'}"]
    return "\n".join([*lines, ""])


def main(argv: Sequence[str] | None = None) -> int:
    """Judge those that are named, or all, and write the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], choices=[store.name for store in PUBLIC], metavar="NAME")
    parser.add_argument("--out", type=Path, default=ROOT / "reports")
    parser.add_argument("--python", default="", help="a Python that has the stores and this project already")
    given = parser.parse_args(argv)
    rows: list[Judged] = []
    for store in PUBLIC:
        if not given.only or store.name in given.only:
            with tempfile.TemporaryDirectory() as folder:
                rows.append(judged(store, Path(folder), given.python))
    day = datetime.now(UTC).date().isoformat()
    (given.out / "stores.json").write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    (given.out / "stores.md").write_text(table(rows, day), encoding="utf-8")
    return 1 if any(row.trouble for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
