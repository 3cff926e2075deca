"""An MCP server over streamable HTTP that is a child of this process: it shares the settings, and so the database.

It ends with this process, however that ends: its standard input is a pipe that nobody else holds. One that died is
begun again at the same address.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_LOG = logging.getLogger("reference_server.mcp")

# Seconds that the child has to say where it listens, and between a death and the next attempt.
_START_S, _AGAIN_S = 30.0, 0.2


@asynccontextmanager
async def http_child() -> AsyncIterator[str]:
    """The URL of the child. Raises OSError where it does not begin to listen."""
    process, url = await _begun(0)
    keeping = asyncio.create_task(_kept(process, url), name="mcp child")
    try:
        yield url
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


async def _begun(port: int) -> tuple[Process, str]:
    command = (sys.executable, "-m", "reference_server.mcp", "--http", "--port", str(port), "--until-input-ends")
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=dict(os.environ))
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_S):
            url = (await process.stdout.readline()).decode().strip()
    except TimeoutError:
        url = ""
    if not url:
        await _ended(process)
        raise OSError(f"the MCP server did not begin to listen (exit code {process.returncode})")
    return process, url


async def _kept(process: Process, url: str) -> None:
    port = int(url.rpartition(":")[2].partition("/")[0])
    try:
        while True:
            code = await process.wait()
            _LOG.warning("the MCP server ended with %s and is begun again", code)
            await asyncio.sleep(_AGAIN_S)
            with contextlib.suppress(OSError):
                process, _ = await _begun(port)
    finally:
        await _ended(process)


async def _ended(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
