"""The tools as the Agents SDK takes them from an MCP server: a child of this process, or one at a URL."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from agents import Tool
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from chatkit.widgets import WidgetRoot
from pydantic import TypeAdapter, ValidationError

from reference_server.auth import token_for
from reference_server.mcp.connection import CallRefused, Connection, ConnectionLost, Heard, McpServer
from reference_server.mcp.http_child import http_child
from reference_server.mcp.server import SHOWN, TOKEN
from reference_server.settings import Settings, SettingsError
from reference_server.tasks.verbs import Outcome, Refused
from reference_server.tools import Run, made_tool
from reference_server.turn import Turn

_LOG = logging.getLogger("reference_server.mcp")
_LIFETIME = timedelta(minutes=5)
_WIDGET: TypeAdapter[WidgetRoot] = TypeAdapter(WidgetRoot)

# Seconds that the SDK waits for an answer longer than a tool has: so that it is the tool's limit which is told.
_BEYOND_S = 2.0


@asynccontextmanager
async def tools_of(settings: Settings) -> AsyncIterator[list[Tool]]:
    """The tools of the MCP server that the settings name; the list follows the server's, and so does the connection.

    Raises:
        SettingsError: it cannot be reached, or has no tools.
    """
    async with AsyncExitStack() as begun:
        if settings.tools_mcp == "http":
            try:
                settings = replace(settings, tools_mcp=await begun.enter_async_context(http_child()))
            except OSError as refusal:
                raise SettingsError(f"TOOLS_MCP is http, and {refusal}") from refusal
        yield await begun.enter_async_context(_tools_at(settings))


@asynccontextmanager
async def _tools_at(settings: Settings) -> AsyncIterator[list[Tool]]:
    tools: list[Tool] = []

    def listed(rows: list[Any]) -> None:
        if tools and not rows:
            _LOG.warning("the MCP server lists no tools any more")
        tools[:] = [
            made_tool(row.name, row.description or "", dict(row.input_schema), _runner(row.name, connection, settings))
            for row in rows
        ]

    connection = Connection(lambda heard: _server(settings, heard), listed)
    try:
        await connection.__aenter__()
    except Exception as error:
        raise SettingsError(
            f"TOOLS_MCP is wrong: no MCP server at {settings.tools_mcp!r} ({type(error).__name__})"
        ) from error
    try:
        if not tools:
            raise SettingsError(f"TOOLS_MCP is wrong: the MCP server at {settings.tools_mcp!r} lists no tools")
        yield tools
    finally:
        await connection.__aexit__()


def _server(settings: Settings, heard: Heard) -> McpServer:
    seconds = settings.tool_timeout + _BEYOND_S
    common: Any = {
        "cache_tools_list": True,
        "client_session_timeout_seconds": seconds,
        "message_handler": heard,
    }
    if settings.tools_mcp == "stdio":
        child: Any = {"command": sys.executable, "args": ["-m", "reference_server.mcp"], "env": dict(os.environ)}
        return MCPServerStdio(params=child, **common)
    there: Any = {"url": settings.tools_mcp, "timeout": seconds}
    return MCPServerStreamableHttp(params=there, **common)


def _runner(name: str, connection: Connection, settings: Settings) -> Run:
    async def run(turn: Turn, arguments: str) -> Outcome:
        try:
            given = json.loads(arguments or "{}")
        except ValueError as refusal:
            raise Refused(f"wrong arguments for {name}: they are no JSON") from refusal
        if not isinstance(given, dict):
            raise Refused(f"wrong arguments for {name}: they are no object")
        token = token_for(turn.context.user_id, settings.jwt_secret, lifetime=_LIFETIME)
        try:
            result = await connection.call(name, given, {TOKEN: token})
        except ConnectionLost as lost:
            raise Refused(f"{name} may not have been done: {lost}") from lost
        except CallRefused as refusal:
            raise Refused(f"{name} was not done: {refusal}") from refusal
        return _outcome(name, result)

    return run


def _outcome(name: str, result: Any) -> Outcome:
    texts = [part.text for part in result.content if part.type == "text"]
    if result.is_error:
        raise Refused(" ".join(texts) or f"{name} failed, and did not say why")
    shown = dict(result.meta or {}).get(SHOWN)
    shown = shown if isinstance(shown, dict) else {}
    data = result.structured_content
    if not isinstance(data, dict):
        others = [f"({part.type}, which cannot be shown here)" for part in result.content if part.type != "text"]
        data = {"content": [*texts, *others]}
    try:
        widget = _WIDGET.validate_python(shown["widget"]) if shown.get("widget") else None
    except ValidationError:
        _LOG.warning("%s gave a widget that is none", name)
        widget = None
    return Outcome(data=data, line=shown.get("line") or name, detail=shown.get("detail"), widget=widget)
