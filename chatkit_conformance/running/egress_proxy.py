"""The egress proxy: an HTTP proxy that lets nothing through and remembers who asked for what.

It stands in the environment of the command that a run starts, so that a connection to anywhere but loopback is seen
and refused. It cannot see a program that ignores HTTPS_PROXY; docs/blind-spots says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

HEAD_LIMIT = 64 * 1024
"""Bytes of a request's head that are read."""

HEAD_S = 10.0
"""Seconds that a request's head may take."""

_SENTENCE = b"This test run lets nothing out but to the Gemini stand-in.\n"
REFUSAL = b"HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (
    len(_SENTENCE),
    _SENTENCE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to leave the machine: when (monotonic seconds), how, and to which host and port."""

    at: float
    method: str
    host: str
    port: int


class EgressProxy:
    """The proxy. `attempts` grows while it runs."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen on a free port; returns the proxy's URL."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_LIMIT)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Close the port."""
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_S)
            self._note(head.split(b"\r\n", 1)[0].decode("latin-1"))
            writer.write(REFUSAL)
            await writer.drain()
        writer.close()

    def _note(self, line: str) -> None:
        method, _, rest = line.partition(" ")
        target = rest.split(" ")[0]
        try:
            parts = urlsplit(target if "://" in target else f"//{target}")
            host, port = parts.hostname or target, parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            host, port = target, 0
        self.attempts.append(Attempt(at=time.monotonic(), method=method, host=host, port=port))
