"""Holds the reference server under load while its model, its database and it itself fail: `nox -s faults`.

Writes reports/load-with-faults.{json,md}. Returns 1 where something is not as it should be.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from chatkit_conformance.load_analysis.launch import ask
from chatkit_conformance.visible import say

from .outcome import SceneOutcome, outcome_of, page, to_json, troubles
from .people import Crowd
from .scenes import SCENES, Scene, families, scripts
from .stage import ServerFigures, Stage, busy, staged

AFTERWARDS_S = 12.0
"""Seconds after an outage in which everybody goes on talking: some turns, for what is told of them to count."""

REPORTS = Path(__file__).parents[2] / "reports"


async def play(scene: Scene, stage: Stage, crowd: Crowd, seconds: float, quiet: ServerFigures | None) -> SceneOutcome:
    """Play one scene to its end, and read what is left."""
    crowd.families = families(scene.share)
    over = asyncio.Event()
    talking = asyncio.ensure_future(crowd.talk(over))
    async with asyncio.TaskGroup() as both:
        both.create_task(asyncio.sleep(seconds))
        happening = both.create_task(scene.during(stage, seconds))
    outages = happening.result()
    if outages:  # and everybody goes on talking once it is over
        await asyncio.sleep(max(seconds / 2, AFTERWARDS_S))
    over.set()
    turns = await talking
    lost = await crowd.lost()
    held = await stage.settled(quiet.handles if quiet else None)
    return outcome_of(
        stage.database,
        scene,
        turns,
        outages,
        acknowledged=crowd.acknowledged.count,
        lost=len(lost),
        mb=held.mb,
        handles=held.handles,
        tracebacks=stage.log.read_text(errors="replace").count("Traceback (most recent call last)"),
    )


async def hold(database: str, people: int, seconds: float, only: Sequence[str] = ()) -> list[SceneOutcome]:
    """All scenes on one database."""
    rows: list[SceneOutcome] = []
    with tempfile.TemporaryDirectory() as folder:
        async with staged(database, Path(folder)) as stage:
            await ask(stage.upstream, "POST", "settings", {"journal": "light", "families": scripts()})
            crowd = Crowd(stage.url, people, families(0.0))
            await play(SCENES[0], stage, crowd, min(5.0, seconds), None)  # what is loaded once is loaded
            quiet: ServerFigures | None = None
            for scene in SCENES:
                if database not in scene.databases or (only and scene.name not in ("quiet", *only)):
                    continue
                row = await play(scene, stage, crowd, seconds, quiet)
                quiet = quiet or ServerFigures(mb=row.mb, handles=row.handles)
                rows.append(row)
                say(
                    f"{database:<9} {scene.name:<12} {row.turns:5} turns, {row.could} could succeed, {row.unanswered} "
                    f"did not, p95 {row.p95_s:g} s, lost {row.lost} of {row.acknowledged}, {row.mb:g} MB, "
                    f"{row.handles} handles, {dict(row.outcomes)} {'; '.join(row.why)}"
                )
    return rows


def main(argv: Sequence[str]) -> int:
    """Hold them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="nox -s faults --", description=__doc__)
    parser.add_argument("--people", type=int, default=100, help="streams at once (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=25.0, help="of each scene (default %(default)g)")
    parser.add_argument("--database", choices=("sqlite", "postgres"), help="only on this one")
    parser.add_argument("--scene", action="append", default=[], help="only quiet and this one; repeatable")
    parser.add_argument("--out", type=Path, default=REPORTS, help="folder of the report")
    given = parser.parse_args(argv)
    about = {
        "people": given.people,
        "seconds": given.seconds,
        "cores": os.cpu_count(),
        "load_average": busy(),
        "command": shlex.join(["nox", "-s", "faults", *(["--", *argv] if argv else [])]),
    }
    rows: list[SceneOutcome] = []
    for database in [given.database] if given.database else ["sqlite", "postgres"]:
        rows += asyncio.run(hold(database, given.people, given.seconds, given.scene))
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "load-with-faults.json").write_text(json.dumps(to_json(rows, about), indent=1) + "\n", "utf-8")
    (given.out / "load-with-faults.md").write_text(page(rows, about), encoding="utf-8")
    for wrong in troubles(rows):
        say(f"  {wrong}")
    return int(bool(troubles(rows)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
