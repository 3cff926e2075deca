"""Ends what is being done when a program of ours ends that should not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from .environment import TestEnvironment
from .standin import StandInFailed


async def unless_it_dies(environment: TestEnvironment, work: Coroutine[None, None, None]) -> None:
    """Do the work. Raises Died or StandInFailed as soon as the target or the stand-in ends by itself."""
    holding = asyncio.create_task(work)
    watching = asyncio.create_task(_watch(environment))
    try:
        done, _ = await asyncio.wait({holding, watching}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (holding, watching):
            task.cancel()
        await asyncio.gather(holding, watching, return_exceptions=True)


async def _watch(environment: TestEnvironment) -> None:
    """Ends, with Died, when a program of ours ends that should not."""
    standin = environment.standin.process if environment.standin else None
    while True:
        waits = [asyncio.create_task(p.ended()) for p in (standin, environment.process) if p is not None]
        if not waits:
            await asyncio.Event().wait()
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if standin is not None and not standin.alive:
            raise StandInFailed(str(standin.death()))
        await environment.settled()
        if environment.process is not None and not environment.process.alive:
            raise environment.process.death()
