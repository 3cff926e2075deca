"""What the generator and the stand-in wrote, read back: turns, ticks, probes, and the model's moments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..stream.timing import AnswerTimes

STANDIN_FILE = "standin.jsonl"

Row = Mapping[str, Any]

ENDS = ("finished_at", "gone_at", "last_at")
"""Where a call's end is stamped, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLog:
    """The model's side of one turn, on the stand-in's clock: one row of stamps for each call, in order of arrival."""

    calls: tuple[Row, ...] = ()

    @property
    def asked_at(self) -> float | None:
        """When the first request of the turn arrived."""
        return self.calls[0]["at"] if self.calls else None

    @property
    def answers(self) -> tuple[AnswerTimes, ...]:
        """The calls as the moments that times are computed from."""
        return tuple(
            AnswerTimes(
                asked_at=float(call["at"]),
                text_at=call["text_at"],
                called_at=call["call_at"],
                ended_at=next((call[key] for key in ENDS if call.get(key) is not None), None),
                position=call.get("position", 0),
            )
            for call in self.calls
        )

    @property
    def spoke_at(self) -> float | None:
        """When the first text went out."""
        return next((call["text_at"] for call in self.calls if call["text_at"] is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTurn:
    """One turn. `row` is what the worker wrote; moments are on the stand-in's clock; latency begins at `start_at`."""

    row: Row
    worker: str
    start_at: float
    sent_at: float
    offset_s: float = 0.0
    model: ModelLog = field(default_factory=ModelLog)

    def at(self, name: str) -> float | None:
        """A stamp of the row on the stand-in's clock, or None."""
        value = self.row.get(name)
        return None if value is None else float(value) + self.offset_s

    @property
    def failed(self) -> bool:
        """Whether the turn went wrong."""
        return bool(self.row["cause"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Everything written in one round."""

    turns: tuple[LoadTurn, ...] = ()
    ticks: tuple[Row, ...] = ()
    reads: tuple[Row, ...] = ()
    probe_errors_s: tuple[float, ...] = ()
    workers: tuple[Row, ...] = ()
    ends: tuple[Row, ...] = ()
    side_calls: int = 0
    unmatched_calls: int = 0

    @property
    def begun_at(self) -> float:
        """When the first worker began."""
        return min((float(w["begun_at"]) + float(w["clock_offset_s"]) for w in self.workers), default=0.0)

    @property
    def lost_workers(self) -> tuple[str, ...]:
        """Workers that never wrote their last row: killed, crashed, or cut off."""
        ended = {end["worker"] for end in self.ends}
        return tuple(w["worker"] for w in self.workers if w["worker"] not in ended)


def read_log(folder: Path, loop: str) -> Log:
    """Read a round's folder. A last line that was cut in the writing is left out.

    Args:
        loop: "open" counts latency from the intended start, "closed" from the sending.
    """
    rows = [row for path in sorted(folder.glob("rows-*.jsonl")) for row in _rows_of(path)]
    calls = list(_lines(folder / STANDIN_FILE)) if (folder / STANDIN_FILE).exists() else []
    offsets = {row["worker"]: float(row["clock_offset_s"]) for row in rows if row["row"] == "worker"}
    models = _models(calls)
    start = "intended_at" if loop == "open" else "sent_at"
    turns = []
    for row in _of(rows, "turn"):
        ahead = offsets.get(row["worker"], 0.0)
        turns.append(
            LoadTurn(
                row=row,
                worker=row["worker"],
                start_at=float(row[start]) + ahead,
                sent_at=float(row["sent_at"]) + ahead,
                offset_s=ahead,
                model=models.get(row["nonce"], ModelLog()),
            )
        )
    return Log(
        turns=tuple(sorted(turns, key=lambda turn: turn.start_at)),
        ticks=_of(rows, "tick"),
        reads=_of(rows, "read"),
        workers=_of(rows, "worker"),
        ends=_of(rows, "end"),
        probe_errors_s=tuple(float(error) for row in _of(rows, "probe") for error in row["error_s"]),
        side_calls=sum(1 for call in calls if call["side"]),
        unmatched_calls=sum(1 for call in calls if not call["matched"]),
    )


def _models(calls: Iterable[Row]) -> dict[str, ModelLog]:
    by_nonce: dict[str, list[Row]] = {}
    for call in calls:
        if call["nonce"] and not call["side"]:
            by_nonce.setdefault(call["nonce"], []).append(call)
    return {nonce: ModelLog(calls=tuple(sorted(made, key=lambda c: c["at"]))) for nonce, made in by_nonce.items()}


def _of(rows: Iterable[Row], kind: str) -> tuple[Row, ...]:
    return tuple(row for row in rows if row["row"] == kind)


def _rows_of(path: Path) -> Iterator[Row]:
    worker = path.stem
    for row in _lines(path):
        if row["row"] == "worker":
            worker = row["worker"]
        yield {**row, "worker": worker}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)
