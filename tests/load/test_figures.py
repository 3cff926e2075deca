"""Figures: quantiles with failures, exact bounds, histograms, differences, verdicts."""

from __future__ import annotations

import argparse
import math
import random

import pytest

from chatkit_conformance.load_analysis.compare import difference, mann_whitney, ratio
from chatkit_conformance.load_analysis.duration import duration
from chatkit_conformance.load_analysis.figures import Sample, enough, fewest, lower_bound, sample, upper_bound
from chatkit_conformance.load_analysis.histogram import decode, encode, index_of, value_at
from chatkit_conformance.load_analysis.load_json import knee
from chatkit_conformance.load_analysis.plots import distributions, spans
from chatkit_conformance.load_analysis.stages import level_at, ramp, spike, stage_index, total_s
from chatkit_conformance.load_analysis.verdict import invalid_reasons, judge_sample, judge_share, verdict_of


def test_a_quantile_is_a_time_that_was_measured_and_failures_are_later_than_all() -> None:
    """Nearest rank over all attempts; where the rank falls on a failed one it is infinite."""
    found = sample([0.1, 0.2, None, 0.3])
    assert (found.n, found.quantile(0.5), found.quantile(0.75)) == (4, 0.2, 0.3)
    assert math.isinf(found.quantile(0.95))
    assert found.quantile_of_successes(0.95) == 0.3
    assert math.isnan(Sample().quantile(0.5))


def test_the_interval_of_a_quantile_holds_the_truth_as_often_as_it_says() -> None:
    """Of 400 samples of a known source, nine in ten intervals hold its true p95, within what chance allows."""
    draw = random.Random(5)
    truth = -math.log(0.05)
    held = 0
    for _ in range(400):
        low, high = sample([draw.expovariate(1) for _ in range(300)]).interval(0.95)
        held += low <= truth <= high
    assert 0.86 <= held / 400 <= 0.97


def test_fifty_nine_without_a_miss_show_a_95th_percentile_and_fifty_eight_do_not() -> None:
    """The bounds are exact: the smallest sample that shows p95 is 59, and p99 299."""
    assert lower_bound(59, 59) >= 0.95 > lower_bound(58, 58)
    assert (fewest(0.95), fewest(0.99)) == (59, 299)
    assert upper_bound(0, 10) == pytest.approx(1 - 0.05 ** (1 / 10))
    assert lower_bound(9_900, 10_000) == pytest.approx(0.9882, abs=2e-4)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("2.5", 2.5)])
def test_a_time_is_written_as_locust_writes_it(text: str, seconds: float) -> None:
    """--run-time takes seconds, and Locust's hours, minutes and seconds."""
    assert duration(text) == seconds


def test_a_time_that_is_none_says_what_to_give() -> None:
    """A wrong --run-time is named with its value."""
    with pytest.raises(argparse.ArgumentTypeError, match="'soon' is no time: give seconds, such as 90"):
        duration("soon")


def test_a_histogram_comes_back_within_a_thousandth() -> None:
    """Every time is within 0.1 % of what went in, from a microsecond to an hour."""
    draw = random.Random(2)
    times = sorted(10 ** draw.uniform(-5, 3.5) for _ in range(2000))
    back = decode(encode(times))
    assert len(back) == len(times)
    assert all(abs(a - b) <= max(1e-6, b * 0.001) for a, b in zip(back, times, strict=True))
    assert decode(encode([])) == []
    assert all(abs(value_at(index_of(v)) - v) <= max(1, v / 1000) for v in (0, 1, 2047, 2048, 4095, 10**6, 3 * 10**9))


def test_a_histogram_is_the_one_that_other_tools_write() -> None:
    """The bytes are those of hdrhistogram 0.10.8 for the values 1, 1000, 1000 and 1,000,000 microseconds."""
    theirs = "HISTFAAAACh4nJNpmSzMwMDAyQABzFCaEURcm7yEwf4DVIDpND/L+3mMTACGwQcB"
    assert decode(theirs) == pytest.approx([1e-6, 1e-3, 1e-3, 1.0], rel=1e-3)
    assert decode(encode([1e-6, 1e-3, 1e-3, 1.0])) == decode(theirs)


def test_what_is_no_histogram_is_refused() -> None:
    """A text of another format is an error that says so, not an empty set of times."""
    with pytest.raises(ValueError, match="HdrHistogram"):
        decode("AAAA")


def test_a_shift_is_found_and_no_shift_is_not() -> None:
    """Times 20 ms later are told as 20 ms slower and real; two samples of one source are not told apart."""
    draw = random.Random(3)
    one, same = (sorted(draw.gauss(0.5, 0.05) for _ in range(400)) for _ in range(2))
    later = sorted(draw.gauss(0.52, 0.05) for _ in range(400))
    moved = difference("first_token", one, later, 0.5)
    still = difference("first_token", one, same, 0.5)
    assert moved is not None
    assert still is not None
    assert moved.real
    assert moved.low <= 0.02 <= moved.high
    assert "slower by" in str(moved)
    assert not still.real
    assert difference("first_token", one[:5], later, 0.5) is None


def test_mann_whitney_agrees_with_a_published_value() -> None:
    """Two groups without overlap, 5 and 5: z is 2.611, so the chance is 0.009."""
    assert mann_whitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]) == pytest.approx(0.00902, abs=1e-4)
    assert mann_whitney([1, 1], [1, 1]) == 1.0


def test_a_ratio_has_its_range() -> None:
    """Times twice as long give two, and the range holds it."""
    draw = random.Random(4)
    fast = sorted(draw.uniform(0.9, 1.1) for _ in range(200))
    found = ratio([2 * value for value in fast], fast, 0.5)
    assert found["low"] <= 2.0 <= found["high"]
    assert found["ratio"] == pytest.approx(2.0)


def test_shapes_go_where_they_say() -> None:
    """A ramp rises to its level in equal stages, a spike comes back, and after the last stage there is no level."""
    steps = ramp(100, 60)
    assert [round(s.level) for s in steps] == sorted(round(s.level) for s in steps)
    assert steps[-1].level == 100
    assert total_s(steps) == pytest.approx(60)
    first, peak, last = spike(40, 30)
    assert first.level == last.level < peak.level
    assert (level_at(steps, 59.9), level_at(steps, 60.1)) == (100, None)
    assert (stage_index(steps, 0), stage_index(steps, 1e9)) == (0, len(steps) - 1)


def test_the_verdict_is_met_missed_or_not_shown() -> None:
    """Enough good attempts pass, sure misses fail, too few are inconclusive, and the exit codes differ."""
    good = judge_sample("first_token", "First token", Sample(values=(0.1,) * 100), 2.0, 0.95)
    bad = judge_sample("first_token", "First token", Sample(values=(3.0,) * 100), 2.0, 0.95)
    few = judge_sample("first_token", "First token", Sample(values=(0.1,) * 20), 2.0, 0.95)
    lost = judge_share("persistence", "Persistence", "reloaded", hits=50, n=100, wanted=0.95)
    assert [verdict_of([one]).exit for one in (good, bad, few, lost)] == [0, 1, 5, 1]
    assert "59 without a miss" in verdict_of([few]).reasons[0]
    near = judge_share("persistence", "Persistence", "reloaded", hits=97, n=100, wanted=0.95)
    assert "at this share of misses about" in verdict_of([near]).reasons[0]
    needed = enough(3, 100, 0.95)
    assert needed is not None
    assert lower_bound(round(0.97 * needed), needed) >= 0.95
    assert enough(5, 100, 0.95) is None
    assert verdict_of([good], cut_short="interrupted").outcome == "INCONCLUSIVE"
    assert verdict_of([good], gone="it died").exit == 3
    assert verdict_of([bad], invalid=["saturated"]).exit == 4
    assert verdict_of([]).outcome == "INCONCLUSIVE"


def test_a_generator_that_reads_late_gets_no_verdict() -> None:
    """An own error beyond 5 % of the tightest target is named, with what to do; so is a worker that was lost."""
    fine = {"tightest_s": 0.5, "lost_workers": (), "broken": "", "lost_stamps": 0}
    assert invalid_reasons(error_p99_s=0.024, **fine) == []  # type: ignore[arg-type]  # one table for three calls
    (late,) = invalid_reasons(error_p99_s=0.026, **fine)  # type: ignore[arg-type]  # the same
    assert "--processes" in late
    assert len(invalid_reasons(error_p99_s=None, tightest_s=1, lost_workers=("w1",), broken="", lost_stamps=2)) == 3


def test_the_knee_is_the_last_load_before_the_first_miss() -> None:
    """A larger load that meets the targets again does not move it; one level has none."""
    stages = [{"level": n, "met": n in (1, 2, 8), "ended_per_s": n / 2} for n in (1, 2, 4, 8)]
    assert knee(stages) == {"level": 2, "per_s": 1.0, "reached": True}
    assert knee(stages[:2]) == {"level": 2, "per_s": 1.0, "reached": False}
    assert knee(stages[:1]) is None


def test_a_picture_has_the_pages_colors_and_no_style_of_its_own() -> None:
    """A plot is SVG that a page without inline styles can hold; its colors are the page's variables."""
    drawn = str(distributions([("A", "c2", [0.1, 0.2, 0.4], 1, 1.0)]))
    assert drawn.startswith("<svg")
    assert "style=" not in drawn
    assert "<style" not in drawn
    assert "var(--c2)" in drawn
    assert "latency, log axis; dashed: the limit" in drawn
    assert "#fe00" not in drawn
    assert "http" not in drawn


def test_the_same_figures_draw_the_same_picture() -> None:
    """Nothing in a picture depends on when it was drawn."""
    rows = [{"p50": 0.1, "p95": 0.2}, {"p50": 1.0, "p95": 1.5}]
    assert spans(rows, ["headers", "done"]) == spans(rows, ["headers", "done"])
