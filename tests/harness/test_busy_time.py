"""A run of replies that each come in time is not cut since the machine was busy, and a deadline of one's own holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from chatkit_conformance.exchange import Exchange
from chatkit_conformance.running import runner as running
from chatkit_conformance.running.busy_time import MOST_S, lengthened, told
from chatkit_conformance.running.plan import RUN_S, RunPlan
from chatkit_conformance.talk import Talk
from chatkit_conformance.target.target import Target

from .test_in_time import Slow

RUN_HAS_S = 1.5


async def held(url: str, *, deadline_s: float | None) -> tuple[str, list[str]]:
    """Why a run was cut, or "", and what it warns of, that has too much to do and waited 20 s for a processor."""

    async def lasting(talk: Talk) -> None:
        until = time.monotonic() + RUN_HAS_S * runner.host.pace.factor
        while time.monotonic() < until:
            await talk.ask("threads.list", {}, label="again")

    exchange = Exchange(name="lasting", story="lasting", hold=lasting, deadline_s=30)
    plan = RunPlan(exchanges=((exchange, ("",)),), whole=False, deadline_s=deadline_s)
    runner = running.Runner(Target(url=f"{url}/chatkit", upstream="none"), plan)
    runner.host.lag.late(time.monotonic(), 20.0)
    runner.start()
    try:
        await asyncio.to_thread(runner.wait_until_ready)
        made = await asyncio.to_thread(lambda: runner._result(runner._made["lasting", ""]))
        await asyncio.to_thread(runner._stopped.wait, 10)
        return made.untestable or "", runner.state.warnings
    except running.RunCut as why:  # before its first answer
        return str(why), runner.state.warnings
    finally:
        await asyncio.to_thread(runner.stop)


@pytest.mark.parametrize(("deadline_s", "cut"), [(None, False), (RUN_HAS_S, True)], ids=["none given", "--deadline"])
async def test_a_run_has_longer_by_what_was_waited(
    serving: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    deadline_s: float | None,
    cut: bool,
) -> None:
    """On a busy machine the run goes on, and says so; with a deadline that was given it ends."""
    monkeypatch.setattr(running, "RUN_S", RUN_HAS_S)
    async with serving(Slow()) as url, asyncio.timeout(30):
        why, warnings = await held(url, deadline_s=deadline_s)
    assert bool(why) == cut, why
    assert any("was given longer than its" in warning for warning in warnings) == (not cut)


def test_a_run_is_lengthened_to_three_times_its_time_at_most() -> None:
    """A server that hangs on a machine that is busy for ever is cut all the same."""
    assert lengthened(RUN_S, 40.0) == RUN_S + 40.0
    assert lengthened(RUN_S, 1e9) == RUN_S + MOST_S == 3 * RUN_S


def test_only_a_run_that_needed_the_time_tells_of_it() -> None:
    """One that ended within its time says nothing; one that did not gives both times."""
    assert told(300.0, 400.0, 299.0) == ""
    assert told(300.0, 300.0, 301.0) == ""
    assert "took 412 s" in told(300.0, 500.0, 412.3)
