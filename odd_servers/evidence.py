"""reports/odd-servers.{json,md}: every run of the odd servers, and what it found. A run is written when it ends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .machine import Load, State
from .odd_server import OddServer
from .table import SERVERS

NAME = "odd-servers"

HEAD = """\
# Odd servers that are right

Small servers of {makes} makes, each odd in some way and each right, held whole: every MUST check, in one run after the
other, on a machine with nothing else to do and on one whose every core is busy. A MUST that fails here is a false
alarm. Made by `python -m odd_servers.judge`, which holds what is missing and keeps the other rows; each server is
described in `odd_servers/table.py`.

{held} of {all} servers were held, in {runs} runs: {idle} idle, {busy} busy, {shared} in between.
MUST findings: {failed}.

| server | what is odd | runs: idle, busy, between | load averages | MUST passed | MUST findings | untestable |
|---|---|---|---|---:|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One run of one server.

    Args:
        server: its name. at: when it ended, in UTC. tree: the commit of the judge, with a + where files were changed.
        seconds: how long it took. load: what else the machine did.
        passed: how many MUST checks passed. failed: id and what came, of each that did not.
        untestable: id and why, of each that could not be judged. trouble: why there is no verdict at all, or "".
    """

    server: str
    at: str
    tree: str
    seconds: float
    load: Load
    passed: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    untestable: tuple[tuple[str, str], ...] = ()
    trouble: str = ""

    @property
    def state(self) -> State:
        """In what state the machine was."""
        return self.load.state

    @property
    def right(self) -> bool:
        """Whether nothing was told of the server."""
        return not self.failed and not self.trouble

    def to_json(self) -> dict[str, Any]:
        """It as JSON values, the state too, for who reads the file alone."""
        return {**asdict(self), "state": self.state}


def held_of(value: dict[str, Any]) -> Held:
    """A run as the file has it."""
    pairs = {name: tuple((id, said) for id, said in value[name]) for name in ("failed", "untestable")}
    rest = {name: part for name, part in value.items() if name != "state"}
    return Held(**{**rest, **pairs, "load": Load(**value["load"])})


def runs_in(folder: Path) -> list[Held]:
    """The runs that were written before, the oldest first."""
    path = folder / f"{NAME}.json"
    if not path.exists():
        return []
    return [held_of(run) for row in json.loads(path.read_text("utf-8"))["servers"] for run in row["runs"]]


def write(folder: Path, runs: Iterable[Held]) -> None:
    """Write both files: a row for every server of the table, in its order, with its runs."""
    made = tuple(runs)
    rows = [(server, [run for run in made if run.server == server.name]) for server in SERVERS]
    listed = [
        {"name": s.name, "make": s.make, "says": s.says, "runs": [run.to_json() for run in mine]} for s, mine in rows
    ]
    folder.mkdir(parents=True, exist_ok=True)
    texts = {".json": json.dumps({"servers": listed}, indent=1) + "\n", ".md": page(rows)}
    for suffix, text in texts.items():
        new = folder / f"{NAME}{suffix}.new"
        new.write_text(text, "utf-8")
        new.replace(folder / f"{NAME}{suffix}")


def page(rows: Sequence[tuple[OddServer, Sequence[Held]]]) -> str:
    """The rows as a page."""
    runs = [run for _, mine in rows for run in mine]
    text = HEAD.format(
        makes=len({server.make for server, _ in rows}),
        held=sum(bool(mine) for _, mine in rows),
        all=len(rows),
        runs=len(runs),
        **{state: _count(runs, state) for state in ("idle", "busy", "shared")},
        failed=sum(len(run.failed) for run in runs) or "none",
    )
    return text + "".join(_line(server, mine) for server, mine in rows)


def _count(runs: Sequence[Held], state: str) -> int:
    return sum(run.state == state for run in runs)


def _line(server: OddServer, runs: Sequence[Held]) -> str:
    if not runs:
        return f"| {server.name} | {server.says} | not held | | | | |\n"
    counts = ", ".join(str(_count(runs, state)) for state in ("idle", "busy", "shared"))
    loads = sorted(max(run.load.before, run.load.after) for run in runs)
    average = f"{loads[0]:g} to {loads[-1]:g}" if len(loads) > 1 else f"{loads[0]:g}"
    passed = sorted({run.passed for run in runs})
    wrong = _times(id for run in runs for id, _ in run.failed)
    wrong += [f"no verdict: {run.trouble}" for run in runs if run.trouble]
    unjudged = _times(id for run in runs for id, _ in run.untestable)
    cells = [
        server.name,
        server.says,
        counts,
        average,
        f"{passed[0]} to {passed[-1]}" if len(passed) > 1 else str(passed[0]),
        "**" + ", ".join(wrong) + "**" if wrong else "none",
        ", ".join(unjudged) or "none",
    ]
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |\n"


def _times(ids: Iterable[str]) -> list[str]:
    found = list(ids)
    return [f"`{id}`" + (f" ({n} times)" if (n := found.count(id)) > 1 else "") for id in dict.fromkeys(found)]
