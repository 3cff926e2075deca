"""Connections that begin a request and do not end its head: closed after a while, or they would be kept for ever.

uvicorn closes a connection that is idle after an answer; one that never asked anything whole it keeps, and a few
hundred of those leave no descriptor for anybody else.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Protocol
else:
    Protocol = AutoHTTPProtocol


def timely(head_s: float) -> type[asyncio.Protocol]:
    """uvicorn's protocol, which closes a connection whose request's head is not whole within `head_s` seconds."""

    class Timely(Protocol):
        """One connection."""

        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            """Expect a request."""
            super().connection_made(transport)
            self._expect()

        def data_received(self, data: bytes) -> None:
            """Expect the rest of a head that began; stop expecting when it is whole."""
            if self._timer is None and self._waits:
                self._expect()
            super().data_received(data)
            if not self._waits:
                self._stop_expecting()

        def connection_lost(self, exc: Exception | None) -> None:
            """Expect nothing more."""
            self._stop_expecting()
            super().connection_lost(exc)

        @property
        def _waits(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        def _expect(self) -> None:
            self._timer = asyncio.get_running_loop().call_later(head_s, self.transport.close)

        def _stop_expecting(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return Timely
