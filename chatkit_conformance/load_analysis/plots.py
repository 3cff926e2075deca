"""Plots as inline SVG: pure functions of load.json's values. Colours and type are the page's, by class."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from .summary import shown_s

WIDTH, HEIGHT = 860.0, 260.0
NARROW = 520.0
"""Width of plots that stand two in a row."""

LEFT, RIGHT, TOP, BOTTOM = 62.0, 14.0, 12.0, 34.0

Points = Sequence[tuple[float, float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A straight or logarithmic scale from values to places on the picture."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The place of a value, kept within the picture."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = math.log10(max(value, low)), math.log10(low), math.log10(high)
        share = (value - low) / (high - low) if high > low else 0.0
        return self.start + (self.end - self.start) * min(1.0, max(0.0, share))

    def ticks(self) -> list[float]:
        """Round values along the scale."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            steps = (1, 2, 5) if last - first <= 3 else (1,)
            found = [n * 10.0**power for power in range(first, last + 1) for n in steps]
            return [value for value in found if self.low <= value <= self.high * 1.0001]
        raw = (self.high - self.low) / 5 or 1.0
        power = 10 ** math.floor(math.log10(raw))
        step = next(n * power for n in (1, 2, 5, 10) if n * power >= raw)
        count = int((self.high - self.low) / step + 1e-9) + 1
        return [self.low + n * step for n in range(count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a plot: its name, its points, and its class (c1 to c4)."""

    name: str
    points: Points
    style: str


def across(low: float, high: float, log: bool = False, width: float = WIDTH) -> Scale:
    """The scale of the x axis."""
    return Scale(low=low, high=high, start=LEFT, end=width - RIGHT, log=log)


def upward(low: float, high: float, log: bool = False, height: float = HEIGHT) -> Scale:
    """The scale of the y axis."""
    return Scale(low=low, high=high, start=height - BOTTOM, end=TOP, log=log)


def frame(
    title: str,
    x: Scale,
    y: Scale,
    inner: Iterable[str],
    *,
    x_text: Mapping[float, str],
    y_text: Mapping[float, str],
    x_name: str,
    height: float = HEIGHT,
) -> Markup:
    """A picture with grid, axes and the inner marks."""
    parts = [f'<svg class="plot" viewBox="0 0 {x.end + RIGHT:g} {height:g}" role="img" aria-label="{escape(title)}">']
    for value, text in y_text.items():
        place = y.at(value)
        parts.append(f'<path class="p-grid" d="M{LEFT:g} {place:.1f}H{x.end:g}"/>')
        parts.append(f'<text class="p-y" x="{LEFT - 7:g}" y="{place + 3.5:.1f}">{escape(text)}</text>')
    for value, text in x_text.items():
        place = x.at(value)
        parts.append(f'<path class="p-grid" d="M{place:.1f} {TOP:g}V{height - BOTTOM:g}"/>')
        # A label in the middle of the last stroke would be cut by the picture's edge.
        last = place > x.end - RIGHT
        beside = f'class="p-x p-last" x="{place + RIGHT:.1f}"' if last else f'class="p-x" x="{place:.1f}"'
        parts.append(f'<text {beside} y="{height - BOTTOM + 15:g}">{escape(text)}</text>')
    parts += inner
    parts.append(f'<text class="p-name" x="{x.end:g}" y="{height - 3:g}">{escape(x_name)}</text></svg>')
    return Markup("".join(parts))  # noqa: S704  # every text in it is escaped above, the rest are numbers


def path(points: Points, x: Scale, y: Scale, *, stairs: bool = False) -> str:
    """The `d` of a line; a None breaks it. `stairs` goes across before it goes up."""
    made: list[str] = []
    before = False
    for at, value in points:
        if value is None:
            before = False
            continue
        px, py = x.at(at), y.at(value)
        made.append(f"M{px:.1f} {py:.1f}" if not before else f"H{px:.1f}V{py:.1f}" if stairs else f"L{px:.1f} {py:.1f}")
        before = True
    return "".join(made)


def lines_over_time(title: str, lines: Sequence[Curve], *, unit: str = "", seconds: bool = False) -> Markup:
    """Lines over the run's seconds; `seconds` puts latencies on a log axis."""
    values = [v for line in lines for _, v in line.points if v is not None and v > 0]
    last = max((at for line in lines for at, _ in line.points), default=1.0)
    x = across(0.0, max(last, 1.0), width=NARROW)
    if seconds:
        y = upward(_floor(min(values, default=0.01)), _ceil(max(values, default=1.0)), log=True)
        y_text = {tick: short(tick) for tick in y.ticks()}
    else:
        y = upward(0.0, max(values, default=1.0) * 1.08)
        y_text = {tick: f"{tick:g}{unit}" for tick in y.ticks()}
    inner = [f'<path class="p-line {line.style}" d="{path(line.points, x, y)}"/>' for line in lines]
    lonely = [
        f'<circle class="p-dot {line.style}" cx="{x.at(at):.1f}" cy="{y.at(v):.1f}" r="2.2"/>'
        for line in lines
        if len(line.points) <= 60
        for at, v in line.points
        if v is not None
    ]
    x_text = {tick: f"{tick:g}" for tick in x.ticks()}
    return frame(title, x, y, [*inner, *lonely], x_text=x_text, y_text=y_text, x_name="seconds since the start")


def distributions(lines: Sequence[tuple[str, str, Sequence[float], int, float | None]], width: float = WIDTH) -> Markup:
    """The share of attempts that were done by each moment, on a log axis; limits as upright strokes.

    Args:
        lines: name, class, sorted times, failed attempts, limit or None.
    """
    times = [value for _, _, values, _, _ in lines for value in values if value > 0]
    limits = [limit for *_, limit in lines if limit]
    x = across(
        _floor(min([*times, *limits], default=1e-3)), _ceil(max([*times, *limits], default=1.0)), log=True, width=width
    )
    y = upward(0.0, 1.0)
    inner: list[str] = []
    for _, style, values, failed, limit in lines:
        n = len(values) + failed
        picked = _thinned(values, 400)
        points = [(values[i], (i + 1) / n) for i in picked]
        if points:
            points = [(points[0][0], 0.0), *points]
            inner.append(f'<path class="p-line {style}" d="{path(points, x, y, stairs=True)}"/>')
        if limit:
            inner.append(f'<path class="p-limit {style}" d="M{x.at(limit):.1f} {TOP:g}V{HEIGHT - BOTTOM:g}"/>')
    shares = {0.0: "0 %", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 0.95: "95 %"}
    x_text = {tick: short(tick) for tick in x.ticks()}
    return frame(
        "Share of attempts completed by each time",
        x,
        y,
        inner,
        x_text=x_text,
        y_text=shares,
        x_name="latency, log axis" + ("; dashed: the limit" if limits else ""),
    )


def heat(cells: Sequence[Sequence[int | None]], column_s: float, per_decade: int, lowest_s: float) -> Markup:
    """How first tokens fell over time: darker is more; the top row is attempts that failed."""
    rows = [int(row) for _, row, _ in cells if row is not None]
    columns = max((int(column or 0) for column, _, _ in cells), default=0) + 1
    low, high = min(rows, default=0), max(rows, default=1) + 1
    most = max((int(count or 0) for *_, count in cells), default=1)
    x = across(0.0, columns * column_s)
    bottom, top = HEIGHT - BOTTOM, TOP + 16
    y = Scale(low=float(low), high=float(high), start=bottom, end=top)
    inner = []
    for column, row, count in cells:
        left = x.at(int(column or 0) * column_s)
        width = max(1.0, x.at((int(column or 0) + 1) * column_s) - left)
        strength = 0.14 + 0.86 * math.log1p(int(count or 0)) / math.log1p(most)
        if row is None:
            inner.append(
                f'<rect class="p-failed" x="{left:.1f}" y="{TOP:g}" width="{width:.1f}" height="10" '
                f'opacity="{strength:.2f}"/>'
            )
            continue
        above = y.at(row + 1)
        inner.append(
            f'<rect class="p-heat" x="{left:.1f}" y="{above:.1f}" width="{width:.1f}" '
            f'height="{y.at(row) - above:.1f}" opacity="{strength:.2f}"/>'
        )
    decades = {
        float(row): short(lowest_s * 10 ** (row / per_decade))
        for row in range(low, high + 1)
        if (row - low) % max(1, (high - low) // 5) == 0
    }
    x_text = {tick: f"{tick:g}" for tick in x.ticks()}
    return frame(
        "First tokens over time",
        x,
        y,
        inner,
        x_text=x_text,
        y_text=decades,
        x_name="seconds since the start; darker is more, red failed",
    )


def load_curve(
    levels: Sequence[float],
    lines: Sequence[tuple[str, str, Sequence[float | None], float | None]],
    knee: float | None,
    x_name: str,
) -> Markup:
    """Latency against load, with each limit, and the knee as an upright band.

    Args:
        levels: rising. lines: name, class, a value for each level, limit or None.
    """
    values = [v for _, _, found, limit in lines for v in (*found, limit) if v]
    x = across(max(0.1, levels[0] * 0.85), levels[-1] * 1.1, log=True)
    y = upward(_floor(min(values, default=0.01)), _ceil(max(values, default=1.0)), log=True)
    inner = []
    if knee is not None:
        inner.append(f'<path class="p-knee" d="M{x.at(knee):.1f} {TOP:g}V{HEIGHT - BOTTOM:g}"/>')
        at = x.at(knee)
        beside = f'x="{at + 9:.1f}"' if at < x.end - 40 else f'x="{at - 9:.1f}" text-anchor="end"'
        inner.append(f'<text class="p-mark" {beside} y="{TOP + 11:g}">knee</text>')
    for _, style, found, limit in lines:
        points = list(zip(levels, found, strict=True))
        inner.append(f'<path class="p-line {style}" d="{path(points, x, y)}"/>')
        inner += [
            f'<circle class="p-dot {style}" cx="{x.at(a):.1f}" cy="{y.at(v):.1f}" r="3"/>' for a, v in points if v
        ]
        if limit:
            inner.append(f'<path class="p-limit {style}" d="M{LEFT:g} {y.at(limit):.1f}H{WIDTH - RIGHT:g}"/>')
    return frame(
        "Latency against load",
        x,
        y,
        inner,
        x_text={level: f"{level:g}" for level in levels},
        y_text={tick: short(tick) for tick in y.ticks()},
        x_name=x_name,
    )


def spans(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> Markup:
    """Times within a turn: for each a bar from the median to the 95th percentile, and a stroke at the median."""
    height = TOP + 26.0 * len(rows) + BOTTOM
    last = max((row["p95"] for row in rows), default=1.0) * 1.05
    left = 130.0
    x = Scale(low=0.0, high=last, start=left, end=WIDTH - RIGHT)
    inner = []
    for n, (row, name) in enumerate(zip(rows, names, strict=True)):
        middle = TOP + 26.0 * n + 13
        begin, end = x.at(row["p50"]), x.at(row["p95"])
        inner.append(f'<text class="p-row" x="{left - 10:g}" y="{middle + 4:.1f}">{escape(name)}</text>')
        inner.append(
            f'<rect class="p-span" x="{begin:.1f}" y="{middle - 7:.1f}" width="{max(1.5, end - begin):.1f}" '
            f'height="14" rx="3"/>'
        )
        inner.append(f'<path class="p-median" d="M{begin:.1f} {middle - 9:.1f}v18"/>')
        told, room = f"{shown_s(row['p50'])} / {shown_s(row['p95'])}", WIDTH - RIGHT - end
        beside = f'x="{end + 7:.1f}"' if room > 110 else f'x="{begin - 7:.1f}" text-anchor="end"'
        inner.append(f'<text class="p-value" {beside} y="{middle + 4:.1f}">{escape(told)}</text>')
    y = upward(0.0, 1.0, height=height)
    x_text = {tick: short(tick) if tick else "0" for tick in x.ticks()}
    return frame(
        "Times within a turn",
        x,
        y,
        inner,
        x_text=x_text,
        y_text={},
        x_name="from the request; bar from p50 to p95",
        height=height,
    )


def short(seconds: float) -> str:
    """Seconds on an axis, where a round number is wanted and not three digits."""
    return f"{seconds:.3g} s" if seconds >= 0.9995 else f"{seconds * 1000:.3g} ms"


def _thinned(values: Sequence[float], most: int) -> list[int]:
    """Which of many sorted values to draw: all of few, evenly picked of many, the tail always."""
    n = len(values)
    if n <= most:
        return list(range(n))
    return sorted({int(i * (n - 1) / (most - 1)) for i in range(most)} | set(range(n - 40, n)))


def _floor(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(max(value, 1e-6)))
    return next(n * power for n in (5, 2, 1) if n * power <= value * 1.0001 or n == 1)


def _ceil(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(max(value, 1e-6)))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= value * 0.9999)
