"""What a load looked like over time: the series that load.json carries and the page draws. Pure."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from .figures import number, sample
from .launch import LoadRound
from .measures import MEASURES, times_of
from .rows import LoadTurn, Log
from .stages import stage_index


def series_of(log: Log, held: LoadRound) -> dict[str, Any]:
    """Turns of each second, what was in flight, what the meters read, and the heat map's cells."""
    begun = log.begun_at
    by_second: dict[int, list[LoadTurn]] = {}
    for turn in log.turns:
        by_second.setdefault(int(turn.start_at - begun), []).append(turn)
    rows = []
    for second in range(max(by_second, default=-1) + 1):
        turns = by_second.get(second, [])
        found = sample(times_of("first_token", turns))
        rows.append(
            [
                second,
                len(turns),
                sum(1 for t in turns if t.failed),
                number(found.quantile(0.5)),
                number(found.quantile(0.95)),
            ]
        )
    flying: dict[int, dict[str, int]] = {}
    for tick in log.ticks:
        flying.setdefault(int(tick["at"] - begun), {})[tick["worker"]] = int(tick["in_flight"])
    return {
        "turns": rows,
        "heat": _heat(log),
        "in_flight": [[second, sum(now.values())] for second, now in sorted(flying.items())],
        "target": held.target.to_json(begun) if held.target else [],
        "standin": held.standin.to_json(begun) if held.standin else [],
        "stages": [stage_index(held.plan.stages, second) for second in range(len(rows))],
    }


HEAT_COLUMNS, HEAT_PER_DECADE = 60, 8
"""The heat map's grid: columns of time, and rows of latency in each power of ten."""


def _heat(log: Log) -> dict[str, Any]:
    """How many first tokens fell into each cell: [column, row, count]; a row is a step of latency from 1 ms up.

    Failed attempts have row null.
    """
    last = max((turn.start_at for turn in log.turns), default=log.begun_at) - log.begun_at
    width = max(1.0, last / HEAT_COLUMNS)
    cells: Counter[tuple[int, int | None]] = Counter()
    for turn in log.turns:
        for time in MEASURES["first_token"].of(turn):
            row = None if time is None else max(0, int(math.log10(max(time, 1e-3) / 1e-3) * HEAT_PER_DECADE))
            cells[int((turn.start_at - log.begun_at) / width), row] += 1
    return {
        "column_s": width,
        "per_decade": HEAT_PER_DECADE,
        "lowest_s": 1e-3,
        "cells": [[column, row, count] for (column, row), count in cells.items()],
    }
