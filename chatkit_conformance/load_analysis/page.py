"""load.html: one file that needs nothing else, made from load.json's value alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .histogram import decode
from .measures import MEASURES, TARGETS
from .plots import NARROW, Curve, distributions, heat, lines_over_time, load_curve, spans
from .summary import RATIOS, knee_sentence, quantile_of, shown_s

Value = Mapping[str, Any]

SIGNS = {
    "PASS": ("ok", "✓", "The load met its targets"),
    "FAIL": ("bad", "✕", "The load missed its targets"),
    "GONE": ("bad", "✕", "The target stopped responding"),
    "INVALID": ("unsure", "?", "These figures do not describe the server"),
    "INCONCLUSIVE": ("warn", "…", "Too few turns for a verdict"),
}
"""Tone, sign and headline of each verdict."""

OUTCOME_TONES = {"PASS": "ok", "FAIL": "bad", "INCONCLUSIVE": "warn", "NOT MEASURED": "off"}

CURVES = (("session_creation", "c1"), ("first_token", "c2"), ("tool_visible", "c3"), ("own_first_token", "c4"))
"""What is drawn, each always in its colour."""


def page(value: Value) -> str:
    """The page. The template escapes all that is not a picture of ours."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(f"chatkit_conformance.{room}") for room in ("load_analysis", "report")]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(shown_s=shown_s, quantile_of=quantile_of)
    sources = (environment.loader.get_source(environment, name)[0] for name in ("report.css", "load.css"))  # type: ignore[union-attr]  # the loader is the one given above
    style = "\n".join(sources)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    css = Markup(style)  # noqa: S704  # a file of ours
    shared = {
        "value": value,
        "style": css,
        "policy": policy,
        "measures": {name: m for name, m in MEASURES.items() if name in value},
    }
    if value.get("comparison"):
        return environment.get_template("comparison.html.j2").render(**shared, ratios=RATIOS, plots=_side_plots(value))
    tone, sign, headline = SIGNS[value["verdict"]]
    return environment.get_template("load.html.j2").render(
        **shared,
        tone=tone,
        sign=sign,
        headline=headline,
        tones=OUTCOME_TONES,
        targets=TARGETS,
        plots=_plots(value),
        curves=[(MEASURES[name].title, style) for name, style in CURVES if value[name]["n"]],
        knee=knee_sentence(value) if value["knee"] else "",
        facts=_facts(value),
    )


def _plots(value: Value) -> dict[str, Markup]:
    series = value["series"]
    rows = series["turns"]
    made = {
        "knee": Markup(),
        "cores": Markup(),
        "memory": Markup(),
        "distributions": distributions(
            [
                (MEASURES[name].title, style, decode(found["histogram"]), found["failed"], found.get("limit"))
                for name, style in CURVES
                if (found := value[name])["n"]
            ]
        ),
        "latency": lines_over_time(
            "First token over time",
            [
                Curve(name="p50", style="c2", points=[(row[0], row[3]) for row in rows]),
                Curve(name="p95", style="c1", points=[(row[0], row[4]) for row in rows]),
            ],
            seconds=True,
        ),
        "flow": lines_over_time(
            "Turns over time",
            [
                Curve(name="in flight", style="c4", points=series["in_flight"]),
                Curve(name="started per second", style="c2", points=[(row[0], row[1]) for row in rows]),
                Curve(name="failed", style="c5", points=[(row[0], row[2] or None) for row in rows]),
            ],
        ),
        "heat": heat(
            series["heat"]["cells"],
            series["heat"]["column_s"],
            series["heat"]["per_decade"],
            series["heat"]["lowest_s"],
        ),
        "spans": spans(value["timeline"], [row["moment"] for row in value["timeline"]]),
    }
    if series["target"]:
        made["cores"] = lines_over_time(
            "CPU cores",
            [
                Curve(name="target", style="c2", points=[(r[0], r[1]) for r in series["target"]]),
                Curve(name="stand-in", style="c4", points=[(r[0], r[1]) for r in series["standin"]]),
            ],
        )
        made["memory"] = lines_over_time(
            "Memory of the target",
            [
                Curve(name="target", style="c2", points=[(r[0], r[2]) for r in series["target"]]),
            ],
            unit=" MiB",
        )
    if value["knee"]:
        made["knee"] = _curve(value)
    return made


def _curve(value: Value) -> Markup:
    stages = sorted(value["stages"], key=lambda stage: stage["level"])
    lines = [
        (MEASURES[name].title, style, [stage[name]["p95"] for stage in stages], value[name].get("limit"))
        for name, style in CURVES
        if any(stage[name]["n"] for stage in stages)
    ]
    what = "concurrent users" if value["loop"] == "closed" else "turns started per second"
    knee = value["knee"]["level"] if value["knee"]["reached"] else None
    return load_curve([s["level"] for s in stages], lines, knee, f"{what}; p95, dashed: the limit")


def _side_plots(value: Value) -> list[dict[str, Any]]:
    made = []
    for table in value["levels"]:
        for name in ("session_creation", "own_first_token"):
            lines = [
                (side, style, decode(table[side][name]["histogram"]), table[side][name]["failed"], None)
                for side, style in (("A", "c2"), ("B", "c3"))
                if table[side][name]["n"]
            ]
            if lines:
                made.append(
                    {
                        "title": f"{MEASURES[name].title}, {table['level']} at once",
                        "says": MEASURES[name].says,
                        "picture": distributions(lines, NARROW),
                    }
                )
    return made


def _facts(value: Value) -> list[tuple[str, str]]:
    """What stands below the verdict."""
    turns, cost, error = value["turns"], value["cost"], value["measurement_error"]
    memory = cost["memory_kib_per_stream"]
    growth = cost["growth_mib_per_minute"]
    rows = [
        ("Turns", f"{turns['n']}, {turns['per_s']:.2f} a second"),
        ("Goodput", f"{turns['goodput_per_s']:.2f} a second met every target"),
        ("Failed", str(turns["failed"])),
        ("Loop", f"{value['loop']}, from {value['starts_at']}"),
        ("Own error of the generator", f"p50 {quantile_of(error, 'p50')}, p99 {quantile_of(error, 'p99')}"),
    ]
    if cost["processor_ms_per_turn"] is not None:
        rows.append(("Cost of a turn", f"{cost['processor_ms_per_turn']:.0f} ms of CPU"))
    if memory is not None:
        rows.append(("Memory of an open stream", f"{memory:.0f} KiB at most"))
    if growth is not None:
        rows.append(("Memory growth", f"{growth:+.2f} MiB a minute"))
    return rows
