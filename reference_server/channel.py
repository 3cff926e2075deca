"""A channel from one task to another: what is put in comes out in order, all that is there at once.

In the place of `asyncio.Queue`, which gives one thing at a time: a server that has fallen behind then wakes up once for
each of them, where one waking would do for all.
"""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Channel(Generic[T]):
    """Without a limit, for one reader. It belongs to one event loop."""

    def __init__(self) -> None:
        self._there: list[T] = []
        self._reader: asyncio.Future[None] | None = None

    def put(self, thing: T) -> None:
        """Add one thing, and wake the reader if it waits."""
        self._there.append(thing)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def take(self) -> list[T]:
        """All that is there, one thing at the least; waits for it."""
        while not self._there:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        there, self._there = self._there, []
        return there
