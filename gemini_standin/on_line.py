"""HTTP/1.1 whose application may reach below it, to the connection: whichever parser uvicorn has."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from .wire import LINE, Line, Receive, Scope, Send

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol
else:
    Protocol = AutoHTTPProtocol

MOST_OPEN = 10_000
"""Connections that are kept open at once, where the system allows as many: ten times what a load test opens."""

SPARE = 100
"""Open files that are left for others than connections: without any, nobody is heard, and neither is the control."""


def most_open() -> int:
    """How many connections may be open at once. Raises the limit of open files as far as this user may."""
    if sys.platform == "win32":
        return MOST_OPEN  # its sockets are no files
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN + SPARE if hard == resource.RLIM_INFINITY else min(MOST_OPEN + SPARE, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted - SPARE


class OnLine(Protocol):
    """One connection, which each of its requests finds in its scope; beyond `most_open` the most silent is ended."""

    most_open = MOST_OPEN
    _open: dict[OnLine, asyncio.Transport] = {}  # noqa: RUF012  # all connections of this process, the most silent first

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Put the connection into the scope of what is asked on it."""
        super().connection_made(transport)
        app, line = self.app, Line(transport)
        self._open[self] = transport
        if len(self._open) > self.most_open:
            self._open.pop(next(iter(self._open))).abort()

        async def with_line(scope: Scope, receive: Receive, send: Send) -> None:
            scope["extensions"] = {LINE: line}
            await app(scope, receive, send)

        self.app = with_line

    def data_received(self, data: bytes) -> None:
        """Read on, and count it as the one heard last."""
        if self in self._open:
            self._open[self] = self._open.pop(self)
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._open.pop(self, None)
        super().connection_lost(exc)
