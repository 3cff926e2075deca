"""Memory over time: what is told of its growth, and when nothing is."""

from __future__ import annotations

import random

import pytest

from chatkit_conformance.load_analysis.meters import LEAST_S, Reading, growth_mib_per_minute

MIB = 2**20


def readings(seconds: float, mib_at: float, per_minute: float) -> list[Reading]:
    """Two a second: memory fills within the first third, then grows so many MiB a minute, with some noise."""
    draw = random.Random(3)
    made = []
    for n in range(int(seconds * 2)):
        at = n / 2
        filled = mib_at * min(1.0, at / (seconds / 3))
        made.append(
            Reading(at=at, processor_s=at, resident=int((filled + per_minute * at / 60 + draw.random() * 0.2) * MIB))
        )
    return made


@pytest.mark.parametrize("per_minute", [0.0, 0.5, 6.0])
def test_growth_is_that_of_the_second_half(per_minute: float) -> None:
    """What fills at the beginning is no growth; what goes on at the end is, at its own pace."""
    assert growth_mib_per_minute(readings(600, 150, per_minute)) == pytest.approx(per_minute, abs=0.05)


def test_of_a_short_run_no_growth_is_told() -> None:
    """Below five minutes a server is still filling its pools: a figure would be an alarm about nothing."""
    assert growth_mib_per_minute(readings(LEAST_S - 1, 150, 0.0)) is None
