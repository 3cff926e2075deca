"""The plots of a load: pure functions of load.json's values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .picture import COLOR, as_svg, blank
from .summary import shown_s

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 860.0, 260.0
NARROW = 520.0
"""Width of plots that stand two in a row."""

FEW = 60
"""Points up to which each is marked, too: one alone would be no line."""

Points = Sequence[tuple[float, float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a plot: its name, its points, and its color (c1 to c5)."""

    name: str
    points: Points
    style: str


def lines_over_time(title: str, lines: Sequence[Curve], *, unit: str = "", seconds: bool = False) -> Markup:
    """Lines over the run's seconds; `seconds` puts latencies on a log axis. A None breaks a line."""
    figure, axes = blank(NARROW, HEIGHT)
    for line in lines:
        x, y = [at for at, _ in line.points], [math.nan if v is None else v for _, v in line.points]
        axes.plot(x, y, color=COLOR[line.style], marker="o" if len(x) <= FEW else "")
    values = [v for line in lines for _, v in line.points if v is not None and v > 0]
    if seconds:
        _latency(axes, "y", values)
    else:
        axes.set_ylim(0, max(values, default=1.0) * 1.08)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}{unit}")
    axes.set_xlim(0, max((at for line in lines for at, _ in line.points), default=1.0) or 1.0)
    axes.set_xlabel("seconds since the start", loc="right")
    return as_svg(figure, title)


def distributions(lines: Sequence[tuple[str, str, Sequence[float], int, float | None]], width: float = WIDTH) -> Markup:
    """The share of attempts that were done by each moment, on a log axis; limits as upright strokes.

    Args:
        lines: name, color, sorted times, failed attempts, limit or None.
    """
    figure, axes = blank(width, HEIGHT)
    limits = [limit for *_, limit in lines if limit]
    for _, style, values, failed, limit in lines:
        picked, n = _thinned(values, 400), len(values) + failed
        if picked:
            shares = [0.0, *((i + 1) / n for i in picked)]
            axes.step([values[picked[0]], *(values[i] for i in picked)], shares, where="post", color=COLOR[style])
        if limit:
            axes.axvline(limit, color=COLOR[style], linestyle=(0, (5, 4)), linewidth=1.4)
    _latency(axes, "x", [v for _, _, values, _, _ in lines for v in values if v > 0] + limits)
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 0.95], ["0 %", "25 %", "50 %", "75 %", "95 %"])
    axes.set_xlabel("latency, log axis" + ("; dashed: the limit" if limits else ""), loc="right")
    return as_svg(figure, "Share of attempts completed by each time")


def heat(cells: Sequence[Sequence[int | None]], column_s: float, per_decade: int, lowest_s: float) -> Markup:
    """How first tokens fell over time: darker is more; the top row is attempts that failed."""
    figure, axes = blank(WIDTH, HEIGHT)
    most = max((int(count or 0) for *_, count in cells), default=1)
    rows = [int(row) for _, row, _ in cells if row is not None]
    top = max(rows, default=0) + 2
    for column, row, count in cells:
        strength = 0.14 + 0.86 * math.log1p(int(count or 0)) / math.log1p(most)
        place = ((int(column or 0)) * column_s, column_s)
        axes.broken_barh(
            [place], (top if row is None else row, 1), color=COLOR["bad" if row is None else "c1"], alpha=strength, lw=0
        )
    axes.yaxis.set_major_formatter(lambda value, _: short(lowest_s * 10 ** (value / per_decade)))
    axes.set_xlim(left=0)
    axes.set_xlabel("seconds since the start; darker is more, red failed", loc="right")
    return as_svg(figure, "First tokens over time")


def load_curve(
    levels: Sequence[float],
    lines: Sequence[tuple[str, str, Sequence[float | None], float | None]],
    knee: float | None,
    x_name: str,
) -> Markup:
    """Latency against load, with each limit, and the knee as an upright band.

    Args:
        levels: rising. lines: name, color, a value for each level, limit or None.
    """
    figure, axes = blank(WIDTH, HEIGHT)
    if knee is not None:
        axes.axvline(knee, color=COLOR["ok"], linewidth=10, alpha=0.25)
        axes.annotate("knee", (knee, 0.95), xycoords=("data", "axes fraction"), color=COLOR["ok"], ha="center")
    for _, style, found, limit in lines:
        axes.plot(levels, [math.nan if v is None else v for v in found], color=COLOR[style], marker="o")
        if limit:
            axes.axhline(limit, color=COLOR[style], linestyle=(0, (5, 4)), linewidth=1.4)
    axes.set_xscale("log")
    axes.set_xticks(list(levels), [f"{level:g}" for level in levels], minor=False)
    axes.set_xticks([], minor=True)
    _latency(axes, "y", [v for _, _, found, limit in lines for v in (*found, limit) if v])
    axes.set_xlabel(x_name, loc="right")
    return as_svg(figure, "Latency against load")


def spans(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> Markup:
    """Times within a turn: for each a bar from the median to the 95th percentile, and a stroke at the median."""
    figure, axes = blank(WIDTH, 46 + 26.0 * len(rows))
    last = max((row["p95"] for row in rows), default=1.0)
    for n, row in enumerate(rows):
        width = max(row["p95"] - row["p50"], last * 0.002)
        axes.barh(n, width, left=row["p50"], height=0.55, color=COLOR["c1"], alpha=0.35)
        axes.plot([row["p50"]] * 2, [n - 0.35, n + 0.35], color=COLOR["c1"], linewidth=2.5)
        text = f"{shown_s(row['p50'])} / {shown_s(row['p95'])}"
        axes.annotate(
            text, (row["p95"], n), xytext=(7, 0), textcoords="offset points", va="center", color=COLOR["soft"]
        )
    axes.set_yticks(range(len(names)), list(names), color=COLOR["ink"])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, last * 1.16)
    axes.xaxis.set_major_formatter(lambda value, _: short(value) if value else "0")
    axes.set_xlabel("from the request; bar from p50 to p95", loc="right")
    return as_svg(figure, "Times within a turn")


def short(seconds: float) -> str:
    """Seconds on an axis, where a round number is wanted and not three digits."""
    return f"{seconds:.3g} s" if seconds >= 0.9995 else f"{seconds * 1000:.3g} ms"


def _latency(axes: Axes, axis: str, values: Iterable[float]) -> None:
    """Make an axis one of latencies: logarithmic, with round seconds and milliseconds."""
    from matplotlib.ticker import LogLocator, NullLocator

    found = list(values) or [0.01, 1.0]
    low, high = min(found) / 1.5, max(found) * 1.5
    steps: Any = (1, 2, 5) if high / low < 1000 else (1,)
    getattr(axes, f"set_{axis}scale")("log")
    getattr(axes, f"set_{axis}lim")(low, high)
    side = getattr(axes, f"{axis}axis")
    side.set_major_locator(LogLocator(subs=steps, numticks=20))
    side.set_minor_locator(NullLocator())
    side.set_major_formatter(lambda value, _: short(value))


def _thinned(values: Sequence[float], most: int) -> list[int]:
    """Which of many sorted values to draw: all of few, evenly picked of many, the tail always."""
    n = len(values)
    if n <= most:
        return list(range(n))
    return sorted({int(i * (n - 1) / (most - 1)) for i in range(most)} | set(range(n - 40, n)))
