"""history.html: the runs of a folder over time, as a picture and a table, with what newly failed in each.

The runs are every results.json below the folder, in the order of their beginning. A run of a part of the checks is
shown as one: its bar is as tall as what was judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..judging.difference import changes
from ..judging.verdict import Verdict, verdict_of
from ..results.model import RunResults
from ..results.outcome import OUTCOMES, Tone
from ..results.saved import read_results
from ..results.writing import write_whole
from .shown import fit_to_show

NAME = "history.html"

MOST = 200
"""Runs that are drawn, the newest: more are no picture any more."""

NAMED = 12
"""Checks that are named of one run's changes."""

HEIGHT, WIDTH, GAP = 180, 18, 6
"""Of the picture and of one bar, in pixels."""

STACK: tuple[Tone, ...] = ("ok", "off", "warn", "unsure", "bad")
"""Tones of a bar from below: what is wrong stands on top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One part of a bar: where it begins and how tall it is, in pixels from the top."""

    tone: Tone
    top: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """One run. `failing`, `fixed`: ids that changed since the run before it."""

    place: str
    run: RunResults
    verdict: Verdict
    counts: dict[Tone, int]
    bar: tuple[Piece, ...]
    left: int
    failing: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


def write_history(folder: Path) -> tuple[Path, int, list[str]]:
    """Write history.html into the folder; returns its path, how many runs it shows, and why others are left out.

    Raises:
        ValueError: there is no run below the folder.
        CannotWrite: there is no room or no right.
    """
    runs, left_out = _read(folder)
    if not runs:
        raise ValueError(f"{folder}: no results.json of a run below it. Run with --out {folder}/NAME, once for each.")
    environment = Environment(
        loader=PackageLoader("chatkit_conformance.report"), autoescape=True, undefined=StrictUndefined
    )
    style = environment.loader.get_source(environment, "report.css")[0]  # type: ignore[union-attr]  # as given above
    past = past_runs(runs[-MOST:])
    text = environment.get_template("history.html.j2").render(
        style=style, runs=past, height=HEIGHT, bar=WIDTH, width=len(past) * (WIDTH + GAP), named=NAMED, stack=STACK
    )
    write_whole(folder / NAME, text)
    return folder / NAME, len(past), left_out


def _read(folder: Path) -> tuple[list[tuple[str, RunResults]], list[str]]:
    found, left_out = [], []
    for path in sorted(folder.rglob("results.json")):
        try:
            found.append((path.parent.relative_to(folder).as_posix(), fit_to_show(read_results(path))))
        except ValueError as why:
            left_out.append(str(why))
    return sorted(found, key=lambda pair: pair[1].started), left_out


def past_runs(runs: Sequence[tuple[str, RunResults]]) -> list[PastRun]:
    """The runs with their bars and changes, in the order given."""
    tallest = max((len(run.results) for _, run in runs), default=1) or 1
    made: list[PastRun] = []
    for n, (place, run) in enumerate(runs):
        changed = changes(runs[n - 1][1], run) if n else []
        counts = Counter(OUTCOMES[row.outcome].tone for row in run.results)
        made.append(
            PastRun(
                place=place,
                run=run,
                verdict=verdict_of(run),
                counts={tone: counts[tone] for tone in STACK},
                bar=tuple(_bar(counts, tallest)),
                left=n * (WIDTH + GAP),
                failing=tuple(c.id for c in changed if c.kind == "newly_failing"),
                fixed=tuple(c.id for c in changed if c.kind == "fixed"),
            )
        )
    return made


def _bar(counts: Counter[Tone], tallest: int) -> list[Piece]:
    pieces, floor = [], float(HEIGHT)
    for tone in STACK:
        if counts[tone]:
            # What is wrong is never too thin to be seen.
            height = max(counts[tone] / tallest * HEIGHT, 2.0 if tone == "bad" else 0.5)
            floor -= height
            pieces.append(Piece(tone=tone, top=round(floor, 2), height=round(height, 2)))
    return pieces
