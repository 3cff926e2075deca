"""A harness that is held up knows it, and is more patient then."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from chatkit_conformance.running.lag import MOST, WINDOW_S, Lag, crowding


def test_a_loop_on_time_stretches_nothing() -> None:
    """Ticks that come when they are due, or a little later, change no deadline."""
    lag = Lag()
    for n in range(100):
        lag.late(n * 0.05, 0.001)
    assert (lag.total_s, lag.factor()) == (0.0, 1.0)


def test_deadlines_are_stretched_by_what_the_machine_takes() -> None:
    """A loop that gets half of its time takes twice as long; beyond four times nothing is waited for."""
    lag = Lag()
    for n in range(50):
        lag.late(n * 0.1, 0.05)
    assert lag.factor() == pytest.approx(2.0)
    for n in range(50):
        lag.late(5 + n * 0.1, 0.5)
    assert lag.factor() == MOST


@pytest.mark.parametrize(("wanting", "factor"), [(0.0, 1.0), (0.5, 1.0), (3.0, 3.0), (40.0, MOST)])
def test_a_program_that_starts_among_many_is_given_longer(
    wanting: float, factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many times as long as there are programs for each core that want it, four times at most."""
    monkeypatch.setattr("os.getloadavg", lambda: (wanting * (os.cpu_count() or 1), 0.0, 0.0))
    assert crowding() == pytest.approx(factor)


def test_what_is_past_is_forgotten() -> None:
    """A burst of a while ago stretches no deadline of now."""
    lag = Lag()
    lag.late(0.0, 3.0)
    assert lag.factor() > 1.0
    lag.late(WINDOW_S + 1, 0.0)
    assert lag.factor() == 1.0
    assert lag.total_s == 3.0


async def test_a_loop_that_others_hold_up_is_measured() -> None:
    """A loop that gets no processor for a third of a second is late by about as much."""
    async with Lag() as lag:
        await asyncio.sleep(0.06)
        time.sleep(0.3)  # noqa: ASYNC251 - to hold the loop up without computing is what is tried
        await asyncio.sleep(0.1)
    assert 0.1 < lag.total_s < 2.0


async def test_what_the_harness_computes_itself_is_not_held_against_the_machine() -> None:
    """A loop that is late since it worked was held up by no more than what others took of that time."""
    async with Lag() as lag:
        await asyncio.sleep(0.06)
        began, until = time.monotonic(), time.process_time() + 0.3
        while time.process_time() < until:
            pass
        others_s = time.monotonic() - began - 0.3
        await asyncio.sleep(0.1)
    assert lag.total_s < others_s + 0.25
