"""What a kind of database has to be able to do for the server.

A piece of work is a plain function over SQLAlchemy's `Connection`, so that it reads the same for all of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Work = Callable[[Connection], T]


class Backend(Protocol):
    """Runs pieces of work on one kind of database."""

    row_lock: str
    shared: bool

    def alone(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` with every statement a transaction of its own; cancelling who waits does not stop it."""

    def transaction(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` as one transaction; cancelling who waits does not stop it."""

    def aside(self, work: Work[T]) -> Awaitable[T]:
        """As `alone`, for work that takes milliseconds: nobody else waits for it."""

    async def probe(self) -> None:
        """See that the data is there and can be written. Raises the driver's error, or OSError."""

    def free_bytes(self) -> int | None:
        """Bytes that are free where the data is, or None where nobody here can say."""
        ...

    async def close(self) -> None:
        """Give the connections back, after what was begun."""
