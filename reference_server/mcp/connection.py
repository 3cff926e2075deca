"""A connection to an MCP server that outlives the server: opened anew where it is lost, its list of tools kept current.

The SDK's connection belongs to the task that opened it, so it is held by a task of its own. A call that meets a lost
connection fails, and is not made again: nobody can know whether it was done. The next one finds the connection anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

import mcp_types as types
from agents.exceptions import UserError
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from mcp.shared.exceptions import MCPError

_LOG = logging.getLogger("reference_server.mcp")

# Seconds before the first and between later attempts to open a connection that was lost.
_FIRST_S, _LATER_S = 0.05, 2.0
# Seconds after which the list of tools is read again: since 2026-07-28 a server tells changes only to who listens.
_AGAIN_S = 30.0
# Seconds that a call waits for a connection that is being opened.
_OPENING_S = 5.0
# How the SDK begins to say that it did not send a call, since its arguments do not fit the tool.
_MISFIT = ("missing required parameters", "arguments must be an object")

McpServer = MCPServerStdio | MCPServerStreamableHttp
Heard = Callable[[object], Any]
"""Called with each message of the server that answers nothing."""


class ConnectionLost(Exception):
    """The server went away, or is not there. Whether it did what was asked for is not known."""


class CallRefused(Exception):
    """The server answered with an error of the protocol. The message is the server's own."""


class Connection:
    """A connection.

    Args:
        make: makes the SDK's connection. listed: is given the tools each time that they were read.
    """

    def __init__(self, make: Callable[[Heard], McpServer], listed: Callable[[list[Any]], None]) -> None:
        self._make = make
        self._listed = listed
        self._server: McpServer | None = None
        self._open = asyncio.Event()
        self._news = asyncio.Event()
        self._lost = False
        self._holding: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Connection:
        """Open it. Raises what the first attempt raises."""
        first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._holding = asyncio.create_task(self._hold(first), name="mcp connection")
        await first
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._holding is not None
        self._holding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._holding

    async def call(self, name: str, arguments: dict[str, Any], meta: dict[str, Any]) -> Any:
        """Call a tool. Raises ConnectionLost or CallRefused."""
        try:
            await asyncio.wait_for(self._open.wait(), _OPENING_S)
        except TimeoutError:
            raise ConnectionLost("the server of the tools is not there") from None
        assert self._server is not None
        try:
            return await self._server.call_tool(name, arguments, meta=meta)
        except MCPError as error:
            if error.code != types.CONNECTION_CLOSED:
                self._news.set()  # it may have no such tool any more
                raise CallRefused(str(error)) from error
            self._lose()
            raise ConnectionLost("the server of the tools went away") from error
        except UserError as error:
            # Arguments that do not fit the tool's schema are refused by the SDK itself, before anything is sent: then
            # the connection is as it was, and so are the calls of others that are under way on it.
            if misfit := next((words for words in _MISFIT if words in str(error)), ""):
                raise CallRefused(misfit + str(error).partition(misfit)[2]) from error
            self._lose()
            raise ConnectionLost("the server of the tools went away") from error

    def _lose(self) -> None:
        self._lost = True
        self._open.clear()
        self._news.set()

    async def _heard(self, message: object) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._news.set()

    async def _hold(self, first: asyncio.Future[None]) -> None:
        wait_s = _FIRST_S
        while True:
            self._lost = False
            try:
                async with self._make(self._heard) as server:
                    self._listed(await server.list_tools())
                    self._server = server
                    self._open.set()
                    wait_s = _FIRST_S
                    if not first.done():
                        first.set_result(None)
                    await self._follow(server)
            except Exception as error:
                if not first.done():
                    first.set_exception(error)
                    return
                _LOG.warning("no connection to the server of the tools: %s", type(error).__name__)
            finally:
                self._open.clear()
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, _LATER_S)

    async def _follow(self, server: McpServer) -> None:
        """Read the list again where it may have changed, and now and then; returns once the connection is lost."""
        while not self._lost:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _AGAIN_S)
            self._news.clear()
            if not self._lost:
                server.invalidate_tools_cache()  # type: ignore[no-untyped-call]  # the SDK left it untyped
                self._listed(await server.list_tools())
