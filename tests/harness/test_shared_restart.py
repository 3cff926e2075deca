"""Conversations that are held together share one restart of the server."""

from __future__ import annotations

import asyncio

from chatkit_conformance.judging.catalogue import exchanges
from chatkit_conformance.running.plan import companies
from chatkit_conformance.running.process import Died
from chatkit_conformance.running.shared_restart import SharedRestart, Span


class Restarts:
    """Counts restarts, and how each was asked for."""

    def __init__(self, fails: bool = False) -> None:
        self.kills: list[bool] = []
        self._fails = fails

    async def __call__(self, kill: bool) -> Span:
        """Take a moment."""
        self.kills.append(kill)
        await asyncio.sleep(0)
        if self._fails:
            raise Died("it does not come up")
        return float(len(self.kills)), float(len(self.kills))


async def test_one_restart_does_for_all_who_want_it() -> None:
    """It begins when the last is there, and is a kill if one wants it to be; the next time is a restart of its own."""
    restarts = Restarts()
    shared = SharedRestart(members=2, restart=restarts)
    early = asyncio.create_task(shared.reached(kill=False))
    await asyncio.sleep(0)
    assert restarts.kills == []
    assert await shared.reached(kill=True) == await early == (1.0, 1.0)
    await asyncio.gather(shared.reached(kill=False), shared.reached(kill=False))
    assert restarts.kills == [True, False]


async def test_who_ends_without_a_restart_keeps_nobody_waiting() -> None:
    """A conversation that could not be held, or was cut, is not waited for."""
    restarts = Restarts()
    shared = SharedRestart(members=2, restart=restarts)
    waits = asyncio.create_task(shared.reached(kill=True))
    ready = asyncio.create_task(shared.others_wait())
    await asyncio.sleep(0)
    await shared.ended()
    await asyncio.wait_for(asyncio.gather(waits, ready), 1)
    assert restarts.kills == [True]


async def test_who_wants_the_restart_at_once_waits_for_the_others() -> None:
    """It goes on when all others wait, so that the restart comes in its own moment."""
    shared = SharedRestart(members=2, restart=Restarts())
    ready = asyncio.create_task(shared.others_wait())
    await asyncio.sleep(0.01)
    assert not ready.done()
    other = asyncio.create_task(shared.reached(kill=True))
    await asyncio.wait_for(ready, 1)
    await asyncio.gather(shared.reached(kill=True), other)


async def test_two_that_want_it_at_once_do_not_wait_for_each_other() -> None:
    """Where all who are left wait to be the last, all go on."""
    shared = SharedRestart(members=3, restart=Restarts())
    other = asyncio.create_task(shared.reached(kill=True))
    await asyncio.wait_for(asyncio.gather(shared.others_wait(), shared.others_wait()), 1)
    await asyncio.wait_for(asyncio.gather(shared.reached(kill=True), shared.reached(kill=True), other), 1)


async def test_a_server_that_does_not_come_up_is_told_to_all() -> None:
    """Each of those who wait gets the error."""
    shared = SharedRestart(members=2, restart=Restarts(fails=True))
    said = await asyncio.gather(shared.reached(kill=True), shared.reached(kill=True), return_exceptions=True)
    assert [type(one) for one in said] == [Died, Died]


def test_only_those_of_one_restart_are_held_together() -> None:
    """Who names no restart, or another, is held with nothing beside it."""
    names = ("quiet_turns", "killed_at_boundaries", "restart", "killed_at_done")
    made = companies((exchanges()[name], "gemini-3") for name in names)
    assert [[exchange.name for exchange, _ in row] for row in made] == [
        ["quiet_turns"],
        ["killed_at_boundaries", "killed_at_done"],
        ["restart"],
    ]
    both = companies((exchanges()["killed_at_done"], dialect) for dialect in ("gemini-3", "gemini-2.5"))
    assert len(both) == 2
