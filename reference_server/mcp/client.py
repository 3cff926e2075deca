"""The tools as the Agents SDK takes them from an MCP server: a child of this process, or one at a URL."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from agents import Tool
from agents.exceptions import UserError
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from chatkit.widgets import WidgetRoot
from pydantic import TypeAdapter

from reference_server.auth import token_for
from reference_server.mcp.server import SHOWN, TOKEN
from reference_server.settings import Settings, SettingsError
from reference_server.tasks.verbs import Outcome, Refused
from reference_server.tools import Run, made_tool
from reference_server.turn import Turn

_LIFETIME = timedelta(minutes=5)
_WIDGET: TypeAdapter[WidgetRoot] = TypeAdapter(WidgetRoot)

McpServer = MCPServerStdio | MCPServerStreamableHttp


@asynccontextmanager
async def tools_of(settings: Settings) -> AsyncIterator[list[Tool]]:
    """The tools of the MCP server that the settings name; the connection is held until the end.

    Raises:
        SettingsError: it has no tools.
    """
    async with _server(settings) as server:
        listed = await server.list_tools()
        if not listed:
            raise SettingsError(f"TOOLS_MCP is wrong: the MCP server at {settings.tools_mcp!r} lists no tools")
        yield [
            made_tool(row.name, row.description or "", dict(row.input_schema), _runner(row.name, server, settings))
            for row in listed
        ]


def _server(settings: Settings) -> McpServer:
    seconds = settings.tool_timeout
    if settings.tools_mcp == "stdio":
        child: Any = {"command": sys.executable, "args": ["-m", "reference_server.mcp"], "env": dict(os.environ)}
        return MCPServerStdio(params=child, cache_tools_list=True, client_session_timeout_seconds=seconds)
    there: Any = {"url": settings.tools_mcp, "timeout": seconds}
    return MCPServerStreamableHttp(params=there, cache_tools_list=True, client_session_timeout_seconds=seconds)


def _runner(name: str, server: McpServer, settings: Settings) -> Run:
    async def run(turn: Turn, arguments: str) -> Outcome:
        try:
            given = json.loads(arguments or "{}")
        except ValueError as refusal:
            raise Refused(f"wrong arguments for {name}: they are no JSON") from refusal
        if not isinstance(given, dict):
            raise Refused(f"wrong arguments for {name}: they are no object")
        token = token_for(turn.context.user_id, settings.jwt_secret, lifetime=_LIFETIME)
        try:
            result = await server.call_tool(name, given, meta={TOKEN: token})
        except UserError as refusal:
            raise Refused(f"{name} was not done: {refusal}") from refusal
        return _outcome(name, result)

    return run


def _outcome(name: str, result: Any) -> Outcome:
    texts = [part.text for part in result.content if part.type == "text"]
    if result.is_error:
        raise Refused(" ".join(texts) or f"{name} failed, and did not say why")
    shown = dict(result.meta or {}).get(SHOWN) or {}
    data = result.structured_content
    if not isinstance(data, dict):
        data = {"content": texts or [part.type for part in result.content]}
    widget = _WIDGET.validate_python(shown["widget"]) if shown.get("widget") else None
    return Outcome(data=data, line=shown.get("line") or name, detail=shown.get("detail"), widget=widget)
