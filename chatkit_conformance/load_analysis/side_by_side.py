"""Two targets under the same load in one run, in turn: their ratios, from raw times of all rounds together. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .compare import over_rounds, ratio
from .figures import Sample, number, sample
from .histogram import encode
from .launch import LoadRound
from .measures import sample_of
from .rows import LoadTurn, Log
from .verdict import LoadVerdict, invalid_reasons, verdict_of

PART = 5
"""Between one stream and saturation lies a fifth of it: there the slower of two is busy all the time, and the quicker
is not, so that what is compared is more than two queues."""

SHOWN = ("session_creation", "first_token", "own_first_token", "whole_turn")


def levels_up_to(saturation: int) -> tuple[int, ...]:
    """People at once in each round: one, a part of those who saturate, and all of them."""
    return tuple(sorted({1, max(1, saturation // PART), max(1, saturation)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One round of one target: "A" or "B", concurrent users, rows."""

    name: str
    level: int
    log: Log
    held: LoadRound


def side_by_side(
    sides: Sequence[Side], *, names: Mapping[str, str], complete: bool, tightest_s: float
) -> dict[str, Any]:
    """The comparison as JSON.

    Ratios say how many times better A is: A's turns per second over B's, B's times over A's, each with an interval that
    holds the truth with 95 % (`over_rounds`). No ratio is told where a side went away, where the generator
    was measured in place of the servers, or where the comparison was cut short.

    Args:
        sides: the rounds that were held. names: of "A" and "B". complete: whether all were held to their end.
        tightest_s: the tightest limit in seconds, against which the generator's own error is held.
    """
    levels = sorted({side.level for side in sides})
    tables = [
        {"level": level, **{name: _table([s for s in sides if s.name == name and s.level == level]) for name in "AB"}}
        for level in levels
    ]
    errors = sample([error for side in sides for error in side.log.probe_errors_s])
    ratios = ratios_of(sides, levels) if complete else {}
    verdict = _verdict(sides, errors, ratios, complete, tightest_s)
    return {
        "schema": 1,
        "comparison": True,
        "verdict": verdict.outcome,
        "exit": verdict.exit,
        "reasons": list(verdict.reasons),
        "names": dict(names),
        "complete": complete,
        "levels": tables,
        "ratios": ratios if verdict.outcome == "PASS" else {},
        "measurement_error": {"n": errors.n, "p50": number(errors.quantile(0.5)), "p99": number(errors.quantile(0.99))},
    }


def _verdict(
    sides: Sequence[Side], errors: Sample, ratios: Mapping[str, Any], complete: bool, tightest_s: float
) -> LoadVerdict:
    """PASS says that the two were compared; neither of them is judged."""
    gone = next((f"{side.name}, {side.level} at once: {side.held.gone}" for side in sides if side.held.gone), "")
    invalid = invalid_reasons(
        error_p99_s=errors.quantile(0.99) if errors.n else None,
        tightest_s=tightest_s,
        lost_workers=[worker for side in sides for worker in side.log.lost_workers],
        broken=next((side.held.broken for side in sides if side.held.broken), ""),
        lost_stamps=sum(side.held.lost_stamps for side in sides),
    )
    cut = "" if ratios else "one of the two ended no turn well"
    if not complete:
        # What the interruption itself left undone makes nothing invalid.
        invalid, cut = [], "interrupted before all rounds were done"
    if not (gone or invalid or cut):
        return LoadVerdict(outcome="PASS", reasons=())
    return verdict_of([], gone=gone, invalid=invalid, cut_short=cut)


def _turns(sides: Sequence[Side]) -> list[LoadTurn]:
    return [turn for side in sides for turn in side.log.turns]


def _rate(side: Side) -> float:
    """Turns that ended well per second, from the first sending to the last end: a saturated server works throughout."""
    turns = side.log.turns
    if not turns:
        return 0.0
    span = max(turn.at("done_at") or turn.sent_at for turn in turns) - min(turn.sent_at for turn in turns)
    return sum(1 for turn in turns if not turn.failed) / span if span > 0 else 0.0


def _table(sides: Sequence[Side]) -> dict[str, Any]:
    turns = _turns(sides)
    made: dict[str, Any] = {
        "n": len(turns),
        "failed": sum(1 for turn in turns if turn.failed),
        "turns_per_s": [round(_rate(side), 4) for side in sides],
    }
    used = [side.held.target.used_s() for side in sides if side.held.target]
    spent = [seconds for seconds in used if seconds is not None]
    made["processor_ms_per_turn"] = sum(spent) * 1000 / len(turns) if spent and turns else None
    for name in SHOWN:
        found = sample_of(name, turns)
        made[name] = {
            "n": found.n,
            "failed": found.failed,
            "p50": number(found.quantile(0.5)),
            "p95": number(found.quantile(0.95)),
            "histogram": encode(found.values),
        }
    return made


def ratios_of(sides: Sequence[Side], levels: Sequence[int]) -> dict[str, Any]:
    """Each ratio that can be told, by name: `ratio`, `low`, `high`, `level`. Args: levels: people at once, sorted."""
    one, some, many = levels[0], levels[len(levels) // 2], levels[-1]
    shown = [
        ("session_creation_p50_at_saturation", "session_creation", many),
        ("own_first_token_p50_at_one_stream", "own_first_token", one),
    ]
    if one < some < many:
        shown.insert(0, ("session_creation_p50_at_a_part", "session_creation", some))

    def of(name: str, level: int) -> list[Side]:
        return [side for side in sides if side.name == name and side.level == level]

    rates = [(_rate(a), _rate(b)) for a, b in zip(of("A", many), of("B", many), strict=False)]
    each = [a / b for a, b in rates if b]
    total_b = sum(b for _, b in rates)
    made: dict[str, Any] = {}
    if each and total_b:
        found = {"ratio": sum(a for a, _ in rates) / total_b, "low": min(each), "high": max(each)}
        made["turns_per_s_at_saturation"] = {**over_rounds(found, [one for one in each if one]), "level": many}
    for key, name, level in shown:
        slow, fast = (_good(sample_of(name, _turns(of(side, level)))) for side in "BA")
        if slow and fast:
            each = _medians(name, of("B", level), of("A", level))
            made[key] = {**over_rounds(ratio(slow, fast, 0.5), each), "level": level}
    return made


def _medians(name: str, over: Sequence[Side], under: Sequence[Side]) -> list[float]:
    """The quotient of the medians of a measure, for each pair of rounds that have one."""
    held = zip(over, under, strict=False)  # a comparison that was cut has one round more of the first
    pairs = [tuple(_good(sample_of(name, side.log.turns)) for side in sides) for sides in held]
    return [statistics.median(a) / statistics.median(b) for a, b in pairs if a and b]


def _good(found: Sample) -> tuple[float, ...]:
    return tuple(value for value in found.values if value > 0)
