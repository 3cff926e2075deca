"""load.json: the figures of a load, versioned, mergeable, and all that the page is drawn from.

Times are seconds. `judged` is the quantile that has to keep to the limit. An infinite quantile (its rank falls on a
failed attempt) is null, as is one without attempts; `n` and `failed` tell which. Histograms are HdrHistogram V2 of
microseconds, of the attempts that got there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .figures import Sample, number, sample
from .histogram import encode
from .launch import LoadRound
from .measures import MEASURES, TARGETS, met, sample_of
from .meters import growth_mib_per_minute
from .plan import LoadPlan
from .rows import LoadTurn, Log
from .series import series_of
from .verdict import PERSISTENCE, JudgedMeasure, LoadVerdict, invalid_reasons, judge_sample, judge_share, verdict_of

SCHEMA = 1
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1.0}


def compose(
    log: Log, held: LoadRound, *, latency: Mapping[str, float], quantile: float, about: Mapping[str, Any]
) -> dict[str, Any]:
    """The whole of load.json.

    Args:
        log: the round's rows. held: how it was held. latency: limits in seconds, as in the target file.
        quantile: which quantile has to keep to them. about: target, command, machine, notes.
    """
    samples = {name: sample_of(name, log.turns) for name in MEASURES}
    verdict = judge(log, held, samples, latency, quantile)
    stages = [_stage(log, held.plan, n, latency, quantile) for n in range(len(held.plan.stages))]
    return {
        "schema": SCHEMA,
        **about,
        "verdict": verdict.outcome,
        "exit": verdict.exit,
        "reasons": list(verdict.reasons),
        "targets": [_judged_json(one) for one in verdict.judged],
        "loop": held.plan.loop,
        "starts_at": "the intended start" if held.plan.loop == "open" else "the request",
        "quantile": quantile,
        "limits": dict(latency),
        "plan": held.plan.shown(),
        **{name: _figures(found, name, latency, quantile) for name, found in samples.items()},
        "persistence": _persistence(log),
        "measurement_error": _error(log, held),
        "turns": _turns(log, latency),
        "stages": stages,
        "knee": knee(stages),
        "errors": _errors(log),
        "cost": _cost(log, held),
        "validity": _validity(log, held),
        "series": series_of(log, held),
        "kinds": _kinds(log),
        "timeline": _timeline(log.turns),
        "definitions": {name: {"title": m.title, "says": m.says} for name, m in MEASURES.items()},
    }


def judge(
    log: Log, held: LoadRound, samples: Mapping[str, Sample], latency: Mapping[str, float], quantile: float
) -> LoadVerdict:
    """The verdict on a round."""
    judged = [
        judge_sample(name, MEASURES[name].title, samples[name], latency[MEASURES[name].limit], quantile)
        for name in TARGETS
    ]
    kept = _persistence(log)
    judged.append(
        judge_share(
            "persistence", "Persistence", "reloaded unchanged", hits=kept["kept"], n=kept["n"], wanted=PERSISTENCE
        )
    )
    errors = sample(list(log.probe_errors_s))
    tightest = (
        min(latency[MEASURES[name].limit] for name in TARGETS if samples[name].n)
        if log.turns
        else min(latency.values())
    )
    lost = () if held.interrupted or held.gone else log.lost_workers
    invalid = invalid_reasons(
        error_p99_s=errors.quantile(0.99) if errors.n else None,
        tightest_s=tightest,
        lost_workers=lost,
        broken=held.broken,
        lost_stamps=held.lost_stamps,
    )
    stopped = next((f"stopped: {end['stopped']}" for end in log.ends if end["stopped"]), "")
    cut = held.interrupted
    if not cut and stopped and not any(one.n for one in judged):
        cut = stopped
    return verdict_of(judged, gone=held.gone, invalid=[] if held.interrupted else invalid, cut_short=cut)


def _quantiles(found: Sample) -> dict[str, Any]:
    return {name: number(found.quantile(share)) for name, share in QUANTILES.items()}


def _figures(found: Sample, name: str, latency: Mapping[str, float], quantile: float) -> dict[str, Any]:
    limit = latency.get(MEASURES[name].limit)
    made: dict[str, Any] = {
        "n": found.n,
        "failed": found.failed,
        **_quantiles(found),
        "judged": number(found.quantile(quantile)),
        "interval": [number(edge) for edge in found.interval(quantile)],
        "of_successes": {key: number(found.quantile_of_successes(share)) for key, share in QUANTILES.items()},
        "unit": "s",
        "histogram": encode(found.values),
    }
    if limit is not None:
        judged = judge_sample(name, MEASURES[name].title, found, limit, quantile)
        made |= {"limit": limit, "within": round(judged.share, 6), "within_interval": [judged.low, judged.high]}
    return made


def _judged_json(one: JudgedMeasure) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "limit": one.limit,
        "wanted": one.wanted,
        "n": one.n,
        "hits": one.hits,
        "share": round(one.share, 6),
        "low": round(one.low, 6),
        "high": round(one.high, 6),
        "outcome": one.outcome if one.n else "NOT MEASURED",
        "reason": one.reason,
    }


def _persistence(log: Log) -> dict[str, Any]:
    asked = [turn for turn in log.turns if turn.row["persisted"] is not None]
    kept = sum(1 for turn in asked if turn.row["persisted"])
    why = Counter(turn.row["persisted_why"] for turn in asked if not turn.row["persisted"])
    return {
        "n": len(asked),
        "kept": kept,
        "rate": kept / len(asked) if asked else None,
        "why": dict(why.most_common(8)),
    }


def _error(log: Log, held: LoadRound) -> dict[str, Any]:
    found = sample(list(log.probe_errors_s))
    made = {
        "n": found.n,
        **_quantiles(found),
        "how": "probe streams with the send time in each event, read by the same workers during the load",
    }
    own = [error for turn in log.turns for error in turn.row.get("own_error_s", ())]
    if own:
        made["first_token"] = _quantiles(sample([t.row["own_error_s"][0] for t in log.turns if t.row["own_error_s"]]))
        made["all_deltas"] = {"n": len(own), **_quantiles(sample(own))}
    return made


def _turns(log: Log, latency: Mapping[str, float]) -> dict[str, Any]:
    turns = log.turns
    span = max((t.at("done_at") or 0.0 for t in turns), default=0.0) - min((t.start_at for t in turns), default=0.0)
    good = sum(1 for turn in turns if met(turn, latency))
    begun = sum(int(end["started"]) for end in log.ends) if not log.lost_workers else None
    return {
        "n": len(turns),
        "failed": sum(1 for t in turns if t.failed),
        "left": sum(1 for t in turns if t.row["left"]),
        "seconds": span,
        "per_s": sum(1 for t in turns if not t.failed) / span if span else 0.0,
        "good": good,
        "goodput_per_s": good / span if span else 0.0,
        "begun": begun,
    }


def _stage(log: Log, plan: LoadPlan, n: int, latency: Mapping[str, float], quantile: float) -> dict[str, Any]:
    turns = [turn for turn in log.turns if turn.row["stage"] == n]
    found = {name: sample_of(name, turns) for name in (*TARGETS, "own_first_token")}
    seconds = plan.stages[n].seconds
    fine = all(
        found[name].n == 0 or found[name].quantile(quantile) <= latency[MEASURES[name].limit] for name in TARGETS
    )
    failed = sum(1 for turn in turns if turn.failed)
    return {
        "level": plan.stages[n].level,
        "seconds": seconds,
        "n": len(turns),
        "failed": failed,
        "begun_per_s": len(turns) / seconds,
        "ended_per_s": (len(turns) - failed) / seconds,
        "good_per_s": sum(1 for turn in turns if met(turn, latency)) / seconds,
        **{name: {"n": one.n, **_quantiles(one)} for name, one in found.items()},
        "met": bool(turns) and fine and failed <= (1 - quantile) * len(turns),
    }


def knee(stages: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The largest load that met every target, with all smaller ones meeting them too; None with one stage only.

    `reached` tells whether a larger load was tried and missed them.
    """
    rising = sorted(stages, key=lambda stage: stage["level"])
    if len({stage["level"] for stage in rising}) < 2:
        return None
    fine = []
    for stage in rising:
        if not stage["met"]:
            break
        fine.append(stage)
    if not fine:
        return {"level": None, "per_s": None, "reached": True}
    return {"level": fine[-1]["level"], "per_s": fine[-1]["ended_per_s"], "reached": len(fine) < len(rising)}


def _errors(log: Log) -> dict[str, Any]:
    begun = log.begun_at
    failed = [turn for turn in log.turns if turn.failed]
    causes = Counter(turn.row["cause"] for turn in failed)
    reads = Counter(f"{row['what']}: {row['cause']}" for row in log.reads if row["cause"])
    return {
        "causes": dict(causes.most_common(20)),
        "reads": dict(reads.most_common(20)),
        "at": [[round(turn.start_at - begun, 3), turn.row["cause"]] for turn in failed[:2000]],
        "examples": {cause: next(t.row["trouble"] for t in failed if t.row["cause"] == cause) for cause in causes},
    }


def _cost(log: Log, held: LoadRound) -> dict[str, Any]:
    meter = held.target
    used = meter.used_s() if meter else None
    made: dict[str, Any] = {
        "processor_ms_per_turn": None,
        "memory_kib_per_stream": None,
        "memory_mib": None,
        "growth_mib_per_minute": None,
    }
    if meter and meter.readings:
        first, most = meter.readings[0].resident, max(reading.resident for reading in meter.readings)
        flying = max((int(tick["in_flight"]) for tick in log.ticks), default=0)
        made["processor_ms_per_turn"] = used * 1000 / len(log.turns) if used is not None and log.turns else None
        made["memory_kib_per_stream"] = (most - first) / 1024 / flying if flying else None
        made["memory_mib"] = [first / 2**20, most / 2**20]
        made["growth_mib_per_minute"] = growth_mib_per_minute(meter.readings)
    return made


def _validity(log: Log, held: LoadRound) -> dict[str, Any]:
    ticks = log.ticks
    lags = sorted(float(t["lag_p99_s"]) for t in ticks if t["lag_p99_s"] is not None)
    started = sum(int(end["started"]) for end in log.ends)
    ended = sum(int(end["ended"]) for end in log.ends)
    return {
        "workers": len(log.workers),
        "lost_workers": list(log.lost_workers),
        "processor_max": max((float(t["processor"]) for t in ticks), default=None),
        "lag_p99_median_s": lags[len(lags) // 2] if lags else None,
        "lag_max_s": max((float(t["lag_max_s"]) for t in ticks if t["lag_max_s"] is not None), default=None),
        "pause_max_s": max((float(t["pause_max_s"]) for t in ticks), default=None),
        "standin_lateness": held.lateness,
        "begun": started,
        "ended": ended,
        "rows": len(log.turns),
        "accounted": started == ended == len(log.turns),
        "lost_stamps": held.lost_stamps,
        "side_calls": log.side_calls,
        "unmatched_calls": log.unmatched_calls,
        "clock_doubt_s": max((float(w["clock_doubt_s"]) for w in log.workers), default=0.0),
        "interrupted": held.interrupted,
        "gone": held.gone,
        "broken": held.broken,
        "stopped": next((end["stopped"] for end in log.ends if end["stopped"]), ""),
    }


def _kinds(log: Log) -> dict[str, Any]:
    names = sorted({turn.row["kind"] for turn in log.turns})
    made = {}
    for name in names:
        turns = [turn for turn in log.turns if turn.row["kind"] == name]
        visible = sample_of("tool_visible", turns)
        token = "first_token_after_tools" if name.startswith("tool:") else "first_token"
        made[name] = {
            "n": len(turns),
            "failed": sum(1 for t in turns if t.failed),
            "first_token_p95": number(sample_of(token, turns).quantile(0.95)),
            "tool_visible_n": visible.n,
            "tool_visible_p95": number(visible.quantile(0.95)),
        }
    return made


_MOMENTS = ("headers_at", "thread_created_at", "first_event_at", "first_token_at", "done_at")


def _timeline(turns: Sequence[LoadTurn]) -> list[dict[str, Any]]:
    """Times within a turn as quantiles over all turns without tools, from the request."""
    talk = [turn for turn in turns if turn.row["kind"] == "talk" and not turn.failed and not turn.row["left"]]
    made = []
    for name in _MOMENTS:
        found = sample([at - turn.sent_at for turn in talk if (at := turn.at(name)) is not None])
        made.append({"moment": name.removesuffix("_at").replace("_", " "), "n": found.n, **_quantiles(found)})
    for name, pick in (("called the model", "asked_at"), ("model answered", "spoke_at")):
        found = sample([at - t.sent_at for t in talk if (at := getattr(t.model, pick)) is not None])
        made.append({"moment": name, "n": found.n, **_quantiles(found)})
    return sorted((row for row in made if row["n"]), key=lambda row: row["p50"])
