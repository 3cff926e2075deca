"""A request's body in pieces: as a slow line brings it, or only the first part of it before the line is cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass


class HungUp(Exception):
    """Raised into our own request where it ends before it is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """How a body is sent.

    Args:
        number: in so many pieces of equal length. gap_s: seconds between two.
        sent: how many of them are sent before the connection is dropped; None: all.
        counted: whether the body's length is said before it comes (Content-Length), or each piece's own (chunked).
    """

    number: int = 2
    gap_s: float = 0.05
    sent: int | None = None
    counted: bool = True

    async def of(self, content: bytes) -> AsyncIterator[bytes]:
        """The pieces of this body, as they are due. Raises HungUp where not all are to be sent."""
        size = max(1, -(-len(content) // self.number))
        for n, start in enumerate(range(0, len(content), size)):
            if n == self.sent:
                raise HungUp
            if n:
                await asyncio.sleep(self.gap_s)
            yield content[start : start + size]
