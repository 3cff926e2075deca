"""Ends what is being done when a program of ours ends that should not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from .environment import TestEnvironment
from .lives import Lives
from .standin import StandInFailed


async def unless_it_dies(
    environment: TestEnvironment, work: Coroutine[None, None, None], lives: Lives | None = None
) -> None:
    """Do the work. Raises Died or StandInFailed as soon as the target or the stand-in ends by itself.

    Args:
        lives: starts the target again where it ends; Died is then raised only where that does not help.
    """
    target = lives.watch() if lives else _target(environment)
    tasks = [asyncio.create_task(doing) for doing in (work, _standin(environment), target)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _standin(environment: TestEnvironment) -> None:
    """Ends, with StandInFailed, when the stand-in does."""
    if environment.standin is None:
        await asyncio.Event().wait()
    else:
        await environment.standin.process.ended()
        raise StandInFailed(str(environment.standin.process.death()))


async def _target(environment: TestEnvironment) -> None:
    """Ends, with Died, when the target ends and nobody starts it again."""
    while environment.process is not None:
        await environment.process.ended()
        await environment.settled()
        if not environment.process.alive:
            raise environment.process.death()
    await asyncio.Event().wait()
