"""A connection in the middle, between the server and its PostgreSQL: slow, frozen or gone, as it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatkit_conformance.running.process import free_port

_PIECE = 65536


class Between:
    """Passes TCP connections on to a Unix socket. `delay_s`: seconds by which each piece from there is late."""

    def __init__(self, socket: str) -> None:
        self.port = free_port()
        self.delay_s = 0.0
        self._socket = socket
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._moving = asyncio.Event()
        self._moving.set()

    async def start(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Refuse connections, and break those that there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._open):
            writer.transport.abort()

    @asynccontextmanager
    async def gone(self) -> AsyncIterator[None]:
        """Nobody is there, inside this block."""
        await self.stop()
        try:
            yield
        finally:
            await self.start()

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        """Connections stay, and nothing comes, inside this block."""
        self._moving.clear()
        try:
            yield
        finally:
            self._moving.set()

    @asynccontextmanager
    async def slow(self, seconds: float) -> AsyncIterator[None]:
        """Each answer is late by so many seconds, inside this block."""
        self.delay_s = seconds
        try:
            yield
        finally:
            self.delay_s = 0.0

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            theirs, to_them = await asyncio.open_unix_connection(self._socket)
            self._open |= {writer, to_them}
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pump(reader, to_them, late=False))
                    both.create_task(self._pump(theirs, writer, late=True))
            except* OSError:
                pass
            finally:
                for one in (writer, to_them):
                    self._open.discard(one)
                    one.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, late: bool) -> None:
        while piece := await reader.read(_PIECE):
            if late and self.delay_s:
                await asyncio.sleep(self.delay_s)
            await self._moving.wait()
            writer.write(piece)
            await writer.drain()
        writer.close()
