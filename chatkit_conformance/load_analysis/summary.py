"""The load in words: for a terminal, and as Markdown for a pull request or a job's summary. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .measures import MEASURES, TARGETS

Value = Mapping[str, Any]


def shown_s(seconds: float | None) -> str:
    """Seconds for people: three digits, in ms below one second; a dash where there is none."""
    if seconds is None:
        return "–"
    if seconds < 0.9995:
        ms = seconds * 1000
        return f"{ms:.0f} ms" if ms >= 99.5 else f"{ms:.1f} ms" if ms >= 0.95 else f"{ms:.2f} ms"
    return f"{seconds:.2f} s"


def quantile_of(figures: Value, name: str) -> str:
    """A quantile for people; an infinite one is said to be so."""
    if figures[name] is None and figures["n"]:
        return "∞"
    return shown_s(figures[name])


def terminal(value: Value) -> str:
    """A few lines for the terminal."""
    if value.get("comparison"):
        return "\n".join(_comparison_lines(value))
    lines = [
        f"{value['verdict']}  {value['turns']['n']} turns, {value['turns']['per_s']:.2f}/s, "
        f"goodput {value['turns']['goodput_per_s']:.2f}/s, {value['turns']['failed']} failed"
    ]
    lines += [f"  {reason}" for reason in value["reasons"]]
    for name in (*TARGETS, "own_first_token"):
        found = value[name]
        if found["n"]:
            lines.append(
                f"  {MEASURES[name].title:<40} p50 {quantile_of(found, 'p50'):>8}  "
                f"p95 {quantile_of(found, 'p95'):>8}  n {found['n']}"
            )
    kept = value["persistence"]
    if kept["n"]:
        lines.append(f"  {'Persistence':<40} {kept['kept']} of {kept['n']}, {kept['rate']:.1%}")
    error = value["measurement_error"]
    lines.append(
        f"  {'Own error of the generator':<40} p50 {quantile_of(error, 'p50'):>8}  p99 {quantile_of(error, 'p99'):>8}"
    )
    if error.get("first_token"):
        first = {**error["first_token"], "n": 1}
        lines.append(
            f"  {'  of every first token':<40} p50 {quantile_of(first, 'p50'):>8}  p99 {quantile_of(first, 'p99'):>8}"
        )
    if value["knee"]:
        lines.append(f"  {knee_sentence(value)}")
    return "\n".join(lines)


def knee_sentence(value: Value) -> str:
    """The knee in a sentence."""
    knee = value["knee"]
    what = "concurrent users" if value["loop"] == "closed" else "turns per second"
    if knee["level"] is None:
        return f"The knee is below the smallest load tried, which already missed a target ({what})."
    text = f"{knee['level']:g} {what}, {knee['per_s']:.1f} turns a second"
    return f"The knee is at {text}." if knee["reached"] else f"No knee up to {text}: every load tried met the targets."


def summary(value: Value) -> str:
    """Markdown for GitHub."""
    if value.get("comparison"):
        return (
            "## Load: two servers side by side\n\n" + "\n".join(f"- {line}" for line in _comparison_lines(value)) + "\n"
        )
    turns, error = value["turns"], value["measurement_error"]
    lines = [
        f"## Load: {value['verdict']}",
        "",
        *(f"- {reason}" for reason in value["reasons"]),
        "",
        "| measure | p50 | p95 | p99 | limit | attempts |",
        "|---|---|---|---|---|---|",
    ]
    for name in MEASURES:
        found = value[name]
        if found["n"]:
            limit = shown_s(found.get("limit"))
            cells = (quantile_of(found, key) for key in ("p50", "p95", "p99"))
            lines.append(f"| {MEASURES[name].title} | {' | '.join(cells)} | {limit} | {found['n']} |")
    kept = value["persistence"]
    if kept["n"]:
        lines += ["", f"Persistence: {kept['kept']} of {kept['n']} threads reloaded unchanged ({kept['rate']:.1%})."]
    lines += [
        "",
        f"{turns['n']} turns in {turns['seconds']:.0f} s, {turns['failed']} failed, goodput "
        f"{turns['goodput_per_s']:.2f}/s. {value['loop'].title()} loop; latency counts from {value['starts_at']}. "
        f"The generator's own error: p50 {quantile_of(error, 'p50')}, p99 {quantile_of(error, 'p99')}.",
    ]
    if value["knee"]:
        lines += ["", knee_sentence(value)]
    return "\n".join([*lines, "", f"`{value['command']}`", ""])


RATIOS = {
    "turns_per_s_at_saturation": "turns per second at saturation",
    "session_creation_p50_at_a_part": "quicker session creation (p50)",
    "session_creation_p50_at_saturation": "quicker session creation (p50) at saturation",
    "own_first_token_p50_at_one_stream": "smaller own share of the first token (p50) at one stream",
}
"""Keys of a comparison's ratios, and what each says after "A has N times the ..."."""


def _comparison_lines(value: Value) -> list[str]:
    lines = [f"A: {value['names']['A']}", f"B: {value['names']['B']}"]
    for key, words in RATIOS.items():
        found = value["ratios"].get(key)
        if found:
            lines.append(
                f"{found['ratio']:.2f} x {words}, {found['level']} at once ({found['low']:.2f} to {found['high']:.2f})"
            )
    for table in value["levels"]:
        for name in "AB":
            side = table[name]
            rates = ", ".join(f"{rate:.1f}" for rate in side["turns_per_s"])
            text = ", ".join(
                f"{words} p50 {quantile_of(side[measure], 'p50')}"
                for measure, words in (
                    ("session_creation", "thread.created"),
                    ("first_token", "first token"),
                    ("own_first_token", "own share"),
                )
            )
            failed = f"{side['failed']} of {side['n']} failed"
            lines.append(f"{name}, {table['level']} at once: {rates} turns/s; {text}; {failed}")
    error = value["measurement_error"]
    lines.append(f"own error of the generator: p50 {quantile_of(error, 'p50')}, p99 {quantile_of(error, 'p99')}")
    return lines + [f"{value['verdict']}, so there is no ratio: {reason}" for reason in value["reasons"]]
