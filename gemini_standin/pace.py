"""When chunks go out and how large they are, where a script does not say.

`instant` and `steady` are fixed. `recorded` draws from what public recordings and measurements of Gemini show: first
token from the Server-Timing headers of native streams (median and 90th percentile in seconds), chunk sizes from 132
recorded streams (median and 90th percentile in characters), speed from published tokens per second.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .models import MODELS, PACE_OF_OTHERS, RecordedPace, row_of

if TYPE_CHECKING:
    from .step import Step


FIRST_CHUNK_CHARS = 8
"""A reply's first chunk is often one word in recordings ("AI", "Hello", "**")."""

DEFAULT_CHUNK_CHARS = 40
CHARS_PER_TOKEN = 4


RECORDED: Mapping[str, RecordedPace] = {row.id: row.pace for row in MODELS.values() if row.pace}
"""What models.json has of each model, by id."""

PACES = ("instant", "steady", "recorded")
STEADY_FIRST_S = 0.2
STEADY_GAP_S = 0.06


def recorded(model: str) -> RecordedPace:
    """The figures for this model, or of the one that stands in for those that have none."""
    row = row_of(model)
    return row.pace if row and row.pace else RECORDED[PACE_OF_OTHERS]


def split(step: Step, pace: str, model: str, draw: random.Random) -> tuple[str, ...]:
    """The step's text in the chunks that it is sent in."""
    if step.chunks:
        return step.chunks
    text = step.text
    if step.chunk_chars is not None:
        return _cut(text, [step.chunk_chars])
    if pace != "recorded":
        return _cut(text, [_first_chars(text), DEFAULT_CHUNK_CHARS])
    sizes = [_first_chars(text)]
    median, p90 = recorded(model).chunk_chars
    while sum(sizes) < len(text):
        sizes.append(max(1, round(_lognormal(draw, median, p90))))
    return _cut(text, sizes)


def schedule(step: Step, chunks: tuple[str, ...], pace: str, model: str, draw: random.Random) -> tuple[float, ...]:
    """Seconds from the answer's beginning at which each chunk is due; what the step says comes first.

    Args:
        chunks: the text of each chunk, "" for one that carries none.
    """
    if pace == "recorded":
        figures = recorded(model)
        first = _lognormal(draw, *figures.first_s)
        gaps = [max(1, len(text)) / CHARS_PER_TOKEN / figures.tokens_per_s for text in chunks[1:]]
    else:
        first, gap = (STEADY_FIRST_S, STEADY_GAP_S) if pace == "steady" else (0.0, 0.0)
        gaps = [gap] * (len(chunks) - 1)
    if step.first_s is not None:
        first = step.first_s
    if step.gap_s is not None:
        return tuple(first + n * step.gap_s for n in range(len(chunks)))
    due = [first]
    for gap in gaps:
        due.append(due[-1] + gap)
    return tuple(due)


def _first_chars(text: str) -> int:
    word = len(text.split(" ", 1)[0])
    return max(1, min(word, FIRST_CHUNK_CHARS))


def _cut(text: str, sizes: list[int]) -> tuple[str, ...]:
    """Text in pieces of these sizes; the last size repeats."""
    pieces: list[str] = []
    start = 0
    while start < len(text):
        size = sizes[min(len(pieces), len(sizes) - 1)]
        pieces.append(text[start : start + size])
        start += size
    return tuple(pieces)


def _lognormal(draw: random.Random, median: float, p90: float) -> float:
    """A draw from the lognormal distribution with this median and 90th percentile (z = 1.2816)."""
    return math.exp(draw.gauss(math.log(median), math.log(p90 / median) / 1.2816))
