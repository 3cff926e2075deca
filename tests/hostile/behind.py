"""Passes requests on to a right server that it started: what the hostile ones stand in front of, until they turn."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence

from .server import Act, Asked

START_S = 30.0
"""Seconds that the server behind has to listen."""


async def started(command: Sequence[str], port: int) -> asyncio.subprocess.Process:
    """Start the server behind on this port, and wait until it listens. It ends with its group. Raises OSError."""
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "PORT": str(port)})
    async with asyncio.timeout(START_S):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return process
            await asyncio.sleep(0.05)


def passing_on(port: int) -> Act:
    """What answers a request with the answer of the server at this port, byte for byte."""

    async def act(asked: Asked, writer: asyncio.StreamWriter) -> None:
        theirs, to_it = await asyncio.open_connection("127.0.0.1", port)
        lines = [line for line in asked.head.split(b"\r\n") if line and not line.lower().startswith(b"connection:")]
        to_it.write(b"\r\n".join((*lines, b"connection: close", b"", b"")) + asked.body)
        try:
            while chunk := await theirs.read(65536):
                writer.write(chunk)
                await writer.drain()
        finally:
            to_it.close()

    return act
