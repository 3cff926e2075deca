"""What a scene came to, what is wrong with it, and the page that tells it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chatkit_conformance.load_analysis.figures import sample

from .people import FaultedTurn
from .scenes import Outages, Scene

MOST_TIMES = 2.0
"""How many times the quiet figure the 95th percentile may be, of what can succeed."""

MOST_MORE_MB = 30.0
MOST_MORE_HANDLES = 5
"""By how much memory and handles may stand above what they were after the first quiet scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneOutcome:
    """One scene's figures.

    Args:
        turns: how many were begun. outcomes: how many ended how. could: those that nothing kept from being answered.
        unanswered: of these, those that were not. silent: turns that ended without an answer and without a word.
        p50_s, p95_s: of those that could be answered. acknowledged, lost: items so far, and those that are not there.
        mb, handles: of the server, once all have ended. tracebacks: in its log so far.
    """

    database: str
    scene: str
    does: str
    turns: int
    outcomes: Mapping[str, int]
    could: int
    unanswered: int
    silent: int
    p50_s: float
    p95_s: float
    acknowledged: int
    lost: int
    mb: float
    handles: int
    tracebacks: int
    why: Sequence[str] = ()


def able(turns: Sequence[FaultedTurn], outages: Outages) -> list[FaultedTurn]:
    """The turns that can succeed: their model call does, and no outage fell into them."""
    return [t for t in turns if not t.hit and not any(t.began < to and t.ended > since for since, to in outages)]


def outcome_of(
    database: str, scene: Scene, turns: Sequence[FaultedTurn], outages: Outages, **more: Any
) -> SceneOutcome:
    """The figures of a scene. `more`: what was read of the server afterwards."""
    could = able(turns, outages)
    missed = [t for t in could if t.outcome != "answered"]
    cut = {id(t) for t in turns if any(t.began < to and t.ended > since for since, to in outages)}
    silent = [t for t in turns if t.outcome in ("hung", "broken") and not (scene.name == "killed" and id(t) in cut)]
    times = sample([t.seconds if t.outcome == "answered" else None for t in could])
    return SceneOutcome(
        database=database,
        scene=scene.name,
        does=scene.does,
        turns=len(turns),
        outcomes=dict(sorted(Counter(t.outcome for t in turns).items())),
        could=len(could),
        unanswered=len(missed),
        silent=len(silent),
        p50_s=_shown(times.quantile(0.5)),
        p95_s=_shown(times.quantile(0.95)),
        why=tuple(why for why, _ in Counter(t.why for t in (*missed, *silent)).most_common(5)),
        **more,
    )


def _shown(seconds: float) -> float:
    return round(seconds, 2) if math.isfinite(seconds) else -1.0


def troubles(rows: Sequence[SceneOutcome]) -> list[str]:
    """What is wrong, in words; nothing where all is as it should be."""
    found = []
    for row in rows:
        at = f"{row.database}, {row.scene}"
        quiet = next(r for r in rows if (r.database, r.scene) == (row.database, "quiet"))
        if row.lost:
            found.append(f"{at}: {row.lost} of {row.acknowledged} acknowledged items are lost")
        if row.unanswered or not row.could:
            found.append(
                f"{at}: {row.unanswered} of {row.could} turns that could succeed did not: {'; '.join(row.why)}"
            )
        if row.silent:
            found.append(f"{at}: {row.silent} turns ended without a word: {'; '.join(row.why)}")
        if row.p95_s > MOST_TIMES * quiet.p95_s:
            found.append(f"{at}: p95 {row.p95_s:g} s, more than {MOST_TIMES:g} times the quiet {quiet.p95_s:g} s")
        if row.scene == "quiet again":
            if row.mb > quiet.mb + MOST_MORE_MB:
                found.append(f"{at}: {row.mb:g} MB, after {quiet.mb:g}")
            if row.handles > quiet.handles + MOST_MORE_HANDLES:
                found.append(f"{at}: {row.handles} handles, after {quiet.handles}")
    return found


def to_json(rows: Sequence[SceneOutcome], about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything, as the report's data."""
    return {**about, "troubles": troubles(rows), "scenes": [asdict(row) for row in rows]}


def page(rows: Sequence[SceneOutcome], about: Mapping[str, Any]) -> str:
    """The report."""
    wrong = troubles(rows)
    lines = [
        "# The reference server under faults and load together",
        "",
        f"{about['people']} people talk all the time, {about['seconds']:g} s in each scene; the model takes 2.8 s. "
        f"Made by `{about['command']}` on {about['cores']} cores; the load average before was {about['load_average']}.",
        "",
        "A turn can succeed where its model call does and the database or the server was not away in it: each of these "
        f"has to be answered, 95 % of them within {MOST_TIMES:g} times the quiet figure. Every other turn has to end "
        "with an error that says so, or be refused with a status. Every item that a stream said is done is read back.",
        "",
        f"**{'As it should be' if not wrong else 'Not as it should be'}.**",
        *(f"- {one}" for one in wrong),
        "",
        "| database | scene | turns | could succeed | did not | without a word | p50 | p95 | acknowledged | lost | "
        "MB | handles |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.database} | {row.scene}: {row.does} | {row.turns} | {row.could} | {row.unanswered} | {row.silent} | "
        f"{row.p50_s:g} s | {row.p95_s:g} s | {row.acknowledged} | {row.lost} | {row.mb:g} | {row.handles} |"
        for row in rows
    ]
    tracebacks = sum({row.database: row.tracebacks for row in rows}.values())
    lines += ["", f"Tracebacks in the server's logs: {tracebacks}."]
    return "\n".join(lines) + "\n"
