"""HTTP/1.1 whose application may reach below it, to the connection: whichever parser uvicorn has."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from .wire import LINE, Line, Receive, Scope, Send

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol
else:
    Protocol = AutoHTTPProtocol


class OnLine(Protocol):
    """One connection, which each of its requests finds in its scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Put the connection into the scope of what is asked on it."""
        super().connection_made(transport)
        app, line = self.app, Line(transport)

        async def with_line(scope: Scope, receive: Receive, send: Send) -> None:
            scope["extensions"] = {LINE: line}
            await app(scope, receive, send)

        self.app = with_line
