"""One restart of the server for several conversations that are held together and each want one.

A server takes seconds to start. What a conversation does before and after is its own; who is there waits for the
others, and then the server is stopped and started once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Span = tuple[float, float]
"""Monotonic seconds at which a restart began, and at which the server was ready again."""


@dataclass(slots=True, kw_only=True)
class SharedRestart:
    """Where conversations that share a restart meet.

    Args:
        members: how many there are.
        restart: stops the server and starts it again, with SIGKILL where it is given True; returns from when to when.
    """

    members: int
    restart: Callable[[bool], Awaitable[Span]]
    _waiting: list[asyncio.Future[Span]] = field(default_factory=list)
    _kill: bool = False
    _ready: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def reached(self, *, kill: bool) -> Span:
        """Wait until all are there, and for the restart; returns from when to when. Raises what the restart raises."""
        mine: asyncio.Future[Span] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        self._kill |= kill
        await self._look()
        return await mine

    async def others_wait(self) -> None:
        """Wait until all others have reached the restart, have ended, or wait here as well."""
        self._ready += 1
        async with self._changed:
            self._changed.notify_all()
            await self._changed.wait_for(lambda: len(self._waiting) + self._ready >= self.members)

    async def ended(self) -> None:
        """One of them is over: nobody waits for it any more."""
        self.members -= 1
        await self._look()

    async def _look(self) -> None:
        async with self._changed:
            self._changed.notify_all()
        if not self._waiting or len(self._waiting) < self.members:
            return
        waiting, kill, self._waiting, self._kill, self._ready = self._waiting, self._kill, [], False, 0
        made: Span | Exception
        try:
            made = await self.restart(kill)
        except Exception as error:
            made = error
        for one in waiting:
            if one.done():  # its conversation was cut while it waited
                continue
            if isinstance(made, Exception):
                one.set_exception(made)
            else:
                one.set_result(made)
