"""A reply drawn as a picture: the browser's side above, the model's below, one time axis, inline SVG.

From top to bottom: brackets for the spans that have a target, the browser's labels and its lane, the server between
the two (what it passes on is drawn as curves), the model's lane and labels, and the scale. Colours come from the
page's style sheet by class, so the picture is right in dark, in light and on paper; every kind has a shape of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from .axis import Axis, axis_of
from .moments import UNNAMED, ReplyTimeline, Span, TimelineMark
from .plain import duration

WIDTH, LEFT, RIGHT = 1000.0, 92.0, 866.0
ROW, SPAN_ROW, SERVER, LETTER = 15.0, 26.0, 46.0, 6.0
BOLD = ("tool", "answer", "error")
MOST_LABELS, MOST_ROWS, MOST_TICKS = 14, 8, 400

SHAPES = {
    "request": "M-5,-4 L5,-4 L0,5 Z",
    "event": "M-3,0 A3,3 0 1 0 3,0 A3,3 0 1 0 -3,0 Z",
    "item": "M-4,-4 H4 V4 H-4 Z",
    "tool": "M0,-6 L6,0 L0,6 L-6,0 Z",
    "answer": "M-5,0 A5,5 0 1 0 5,0 A5,5 0 1 0 -5,0 Z",
    "error": "M-5,-3.4 L-3.4,-5 L0,-1.6 L3.4,-5 L5,-3.4 L1.6,0 L5,3.4 L3.4,5 L0,1.6 L-3.4,5 L-5,3.4 L-1.6,0 Z",
    "end": "M-2,-7 H2 V7 H-2 Z",
}
"""The mark of each kind of moment, around its own zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A moment's words, at `x`, in row `row` counted from its lane outwards."""

    moment: TimelineMark
    x: float
    text: str
    time: str
    row: int

    @property
    def width(self) -> float:
        """About how wide it is drawn."""
        letter = LETTER * 1.15 if self.moment.kind in BOLD else LETTER
        return (len(self.text) + len(self.time) + 1) * letter + 8


def timeline(story: ReplyTimeline, title: str, name: str) -> Markup:
    """The story as one `<svg>` element with `title` as its accessible name; `name` is its id, once in a page."""
    times = story.times
    axis = axis_of(times, LEFT, RIGHT)
    above, below = _labels(story.browser, axis, times[0]), _labels(story.model, axis, times[0])
    lane_b = 10 + SPAN_ROW * len(story.spans) + ROW * (_rows(above) + 1)
    lane_m = lane_b + SERVER + 14
    foot = lane_m + 14 + ROW * (max(_rows(below), not story.bars) + 1)
    height = foot + 34
    parts = [
        Markup('<svg class="timeline" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d">').format(
            _n(WIDTH), _n(height), name, name
        ),
        Markup('<title id="{}-t">{}</title><desc id="{}-d">{}</desc>').format(name, title, name, describe(story)),
        *_ground(axis, lane_b, lane_m, foot),
        _unasked(story, lane_m),
        *_connectors(story, axis, lane_b, lane_m),
        *_bars(story, axis, lane_m),
        _ticks("tl-delta", story.deltas, axis, lane_b - 9, lane_b + 9),
        _ticks("tl-chunk", story.chunks, axis, lane_m - 6, lane_m + 6),
        *_breaks(axis, lane_b - 12, lane_m + 12, foot),
        *_brackets(story.spans, axis, lane_b),
        *_leaders(above, lane_b, -1),
        *_leaders(below, lane_m, 1),
        *_marks(story.browser, axis, lane_b, times[0]),
        *_marks(story.model, axis, lane_m, times[0]),
        *_scale(axis, foot),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def describe(story: ReplyTimeline) -> str:
    """The story in words, for those who do not see the picture."""
    spans = [f"{s.name} after {duration(s.seconds)}" for s in story.spans]
    named = [f"{m.label} at {duration(m.at - story.start)}" for m in story.browser if m.rank < 2]
    asked = [f"{m.label} at {duration(m.at - story.start)}" for m in story.model if m.rank < 2]
    sides = [f"Browser: {'; '.join(named[:12])}.", f"Model: {'; '.join(asked[:12])}." if asked else "Model not called."]
    return " ".join([*(f"{', '.join(spans)}." for _ in spans[:1]), *sides, f"{len(story.deltas)} text deltas."])


def _labels(moments: Sequence[TimelineMark], axis: Axis, start: float) -> list[Label]:
    """The labels that fit: each starts at its moment, none lies on another nor on another's leader.

    They are placed from right to left, so a leader never meets the labels that are already there: those begin
    further right. Where more rows would be needed than there are, what matters least goes without a label.
    """
    named = sorted((m for m in moments if m.rank < UNNAMED), key=lambda m: (m.rank, m.at))[:MOST_LABELS]
    while True:
        placed: list[Label] = []
        free: list[float] = []
        for moment in sorted(named, key=lambda m: m.at, reverse=True):
            time = duration(moment.at - start) if moment.at > start else ""
            label = Label(moment=moment, x=axis.x(moment.at), text=moment.label, time=time, row=0)
            row = next((r for r, edge in enumerate(free) if label.x + label.width <= edge), len(free))
            free[row:] = [label.x, *free[row + 1 :]]
            placed.append(Label(moment=moment, x=label.x, text=label.text, time=time, row=row))
        if len(free) <= MOST_ROWS or len(named) <= 1:
            return placed
        named.pop()


def _rows(labels: Sequence[Label]) -> int:
    return max((label.row + 1 for label in labels), default=0)


def _ground(axis: Axis, lane_b: float, lane_m: float, foot: float) -> Iterator[Markup]:
    """The two lanes, the server between them, their names, and the scale's grid."""
    for _, x in axis.marks(86):
        yield Markup('<path class="tl-grid" d="M{},{} V{}"/>').format(_n(x), _n(lane_b - 12), _n(foot))
    yield Markup('<rect class="tl-server" x="{}" y="{}" width="{}" height="{}"/>').format(
        _n(LEFT - 10), _n(lane_b + 11), _n(RIGHT - LEFT + 20), _n(lane_m - lane_b - 21)
    )
    for name, y, kind in (("Browser", lane_b, "b"), ("Server", (lane_b + lane_m) / 2, "s"), ("Model", lane_m, "m")):
        yield Markup('<text class="tl-lane tl-{}" x="0" y="{}">{}</text>').format(kind, _n(y + 4), name)
        if kind != "s":
            yield Markup('<path class="tl-line tl-{}" d="M{},{} H{}"/>').format(
                kind, _n(LEFT - 10), _n(y), _n(RIGHT + 10)
            )


def _unasked(story: ReplyTimeline, lane_m: float) -> Markup:
    """The words on the model's lane where the server asked it nothing."""
    if story.bars:
        return Markup("")
    return Markup('<text class="tl-time" x="{}" y="{}">the model was not called</text>').format(
        _n(LEFT), _n(lane_m + 18)
    )


def _connectors(story: ReplyTimeline, axis: Axis, lane_b: float, lane_m: float) -> Iterator[Markup]:
    """What the server passed on: the request to the model, a tool call and the first text to the browser."""
    pairs: list[tuple[float, float, float, float]] = []
    asked = next((m for m in story.model if m.kind == "request"), None)
    if asked:
        pairs.append((axis.x(story.start), lane_b + 7, axis.x(asked.at), lane_m - 8))
    for kind in ("tool", "answer"):
        down = next((m for m in story.model if m.kind == kind), None)
        up = next((m for m in story.browser if m.kind == kind and down and m.at >= down.at), None)
        if down and up:
            pairs.append((axis.x(down.at), lane_m - 8, axis.x(up.at), lane_b + 8))
    for x0, y0, x1, y1 in pairs:
        mid = _n((y0 + y1) / 2)
        yield Markup('<path class="tl-pass" d="M{},{} C{},{} {},{} {},{}"/>').format(
            _n(x0), _n(y0), _n(x0), mid, _n(x1), mid, _n(x1), _n(y1)
        )


def _bars(story: ReplyTimeline, axis: Axis, lane: float) -> Iterator[Markup]:
    for bar in story.bars:
        left, right = axis.x(bar.start), axis.x(bar.end)
        yield Markup(
            '<rect class="tl-bar{}" x="{}" y="{}" width="{}" height="12" rx="3"><title>{}</title></rect>'
        ).format(" tl-broken" if bar.broken else "", _n(left), _n(lane - 6), _n(max(right - left, 3)), bar.label)


def _ticks(css: str, times: Sequence[float], axis: Axis, top: float, bottom: float) -> Markup:
    """One short stroke for each time, at most MOST_TICKS of them, as a single path."""
    shown = times[:: max(1, len(times) // MOST_TICKS + (len(times) > MOST_TICKS))]
    places = sorted({round(axis.x(at), 1) for at in shown})
    if not places:
        return Markup("")
    strokes = " ".join(f"M{_n(x)},{_n(top)} V{_n(bottom)}" for x in places)
    return Markup('<path class="{}" d="{}"/>').format(css, strokes)


def _breaks(axis: Axis, top: float, bottom: float, foot: float) -> Iterator[Markup]:
    """The shortened stretches: blanked, two ragged edges, and how long each really was."""
    for gap in axis.breaks:
        left, right = gap.left + 12, gap.right - 12
        teeth = int((bottom - top) / 12)
        ragged = " ".join(f"l{4 if n % 2 else -4},6" for n in range(teeth * 2))
        yield Markup('<rect class="tl-gap" x="{}" y="{}" width="{}" height="{}"/>').format(
            _n(left), _n(top), _n(right - left), _n(teeth * 12)
        )
        for x in (left, right):
            yield Markup('<path class="tl-edge" d="M{},{} {}"/>').format(_n(x), _n(top), ragged)
        yield Markup('<text class="tl-scale tl-cut" x="{}" y="{}">{} not to scale</text>').format(
            _n((left + right) / 2), _n(foot + 30), duration(gap.seconds)
        )


def _leaders(labels: Sequence[Label], lane: float, way: int) -> Iterator[Markup]:
    """The labels with the lines that lead to them; `way` is -1 above the lane, 1 below it."""
    for label in labels:
        base = lane + way * (16 + ROW * label.row)
        text = base - 2 if way < 0 else base + 10
        yield Markup('<path class="tl-lead" d="M{},{} V{}"/>').format(_n(label.x), _n(lane + way * 6), _n(text - 4))
        yield Markup(
            '<text class="tl-label tl-k-{}" x="{}" y="{}">{}<tspan class="tl-time" dx="4">{}</tspan></text>'
        ).format(label.moment.kind, _n(label.x + 4), _n(text), label.text, label.time)


def _marks(moments: Sequence[TimelineMark], axis: Axis, lane: float, start: float) -> Iterator[Markup]:
    for moment in moments:
        yield Markup(
            '<path class="tl-mark tl-k-{}" transform="translate({},{})" d="{}"><title>{} at {}</title></path>'
        ).format(
            moment.kind, _n(axis.x(moment.at)), _n(lane), SHAPES[moment.kind], moment.label, duration(moment.at - start)
        )


def _brackets(spans: Sequence[Span], axis: Axis, lane: float) -> Iterator[Markup]:
    """A bracket in a row of its own for each span, its name and length beside it where the picture has room."""
    for row, span in enumerate(spans):
        y = 20 + SPAN_ROW * row
        left, right = axis.x(span.start), max(axis.x(span.end), axis.x(span.start) + 2)
        said = f"{span.name} {duration(span.seconds)}"
        more = f" of which the server {duration(span.share)}" if span.share is not None else ""
        width = (len(said) + len(more)) * LETTER + 12
        inside = right - left > width + 8
        x = (left + right - width) / 2 + 6 if inside else right + 8 if right + width < WIDTH else left - width
        yield Markup('<path class="tl-span" d="M{},{} v-7 H{} v7"/>').format(_n(left), _n(y), _n(right))
        yield Markup('<path class="tl-fall" d="M{},{} V{} M{},{} V{}"/>').format(
            _n(left), _n(y + 2), _n(lane - 8), _n(right), _n(y + 2), _n(lane - 8)
        )
        yield Markup('<text class="tl-name" x="{}" y="{}">{}<tspan class="tl-time">{}</tspan></text>').format(
            _n(x), _n(y + 6 if inside else y), said, more
        )


def _scale(axis: Axis, foot: float) -> Iterator[Markup]:
    yield Markup('<path class="tl-base" d="M{},{} H{}"/>').format(_n(LEFT), _n(foot), _n(RIGHT))
    for seconds, x in axis.marks(86):
        yield Markup('<text class="tl-scale" x="{}" y="{}">{}</text>').format(
            _n(x), _n(foot + 15), escape(duration(seconds))
        )


def _n(value: float) -> str:
    """A number for SVG: one decimal, none where it is whole."""
    return f"{value:.1f}".removesuffix(".0")
