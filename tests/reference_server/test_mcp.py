"""The tools over MCP: both transports, each user's own tasks, and failures that are told."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp

from reference_server.auth import token_for
from reference_server.mcp.connection import McpServer
from reference_server.mcp.server import SHOWN, TOKEN
from reference_server.settings import Settings, SettingsError
from reference_server.tasks.verbs import VERBS

SECRET = "mcp-tests-secret-of-thirty-two-bytes-and-more"
PATIENCE_S = 60.0


@pytest.fixture(params=["stdio", "http"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[McpServer]:
    """A connection of the Agents SDK to the MCP server, over each transport."""
    own = {"GEMINI_API_KEY": "k", "JWT_SECRET": SECRET, "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/tasks.db"}
    env = {**os.environ, **own}
    words = ["-m", "reference_server.mcp"]
    if request.param == "stdio":
        child: Any = {"command": sys.executable, "args": words, "env": env}
        async with MCPServerStdio(params=child, client_session_timeout_seconds=PATIENCE_S) as held:
            yield held
        return
    process = await asyncio.create_subprocess_exec(sys.executable, *words, "--http", env=env, stdout=PIPE)
    try:
        assert process.stdout is not None
        url = (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode().strip()
        async with MCPServerStreamableHttp(
            params={"url": url, "timeout": PATIENCE_S}, client_session_timeout_seconds=PATIENCE_S
        ) as held:
            yield held
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), PATIENCE_S)


def of(user: str, secret: str = SECRET) -> dict[str, str]:
    """The metadata of a call by this user."""
    return {TOKEN: token_for(user, secret, lifetime=timedelta(minutes=1))}


async def test_the_tools_are_served_over_both_transports(server: McpServer) -> None:
    """All seven are listed; a task that is made is listed to its user, drawn, and to nobody else."""
    assert [tool.name for tool in await server.list_tools()] == [verb.name for verb in VERBS]
    made = await server.call_tool("create_task", {"title": "Buy milk"}, meta=of("ada"))
    assert not made.is_error
    assert made.structured_content["task"]["title"] == "Buy milk"
    shown = dict(made.meta or {})[SHOWN]
    assert shown["line"]
    assert shown["widget"]["type"] == "Card"
    mine = await server.call_tool("list_tasks", {}, meta=of("ada"))
    others = await server.call_tool("list_tasks", {}, meta=of("bob"))
    assert (mine.structured_content["count"], others.structured_content["count"]) == (1, 0)
    for name, arguments, meta, said in (
        ("list_tasks", {}, None, "no token"),
        ("list_tasks", {}, of("ada", "x" * 40), "not valid"),
        ("delete_task", {"task_id": "nix"}, of("ada"), "there is no task"),
        ("delete_all_tasks", {"confirm": False}, of("ada"), "ask the user"),
        ("create_task", {"title": 7}, of("ada"), "wrong arguments for create_task"),
    ):
        refused = await server.call_tool(name, arguments, meta=meta)
        assert refused.is_error
        assert said in str(refused.content[0])


def test_where_the_tools_come_from_is_checked_at_the_start() -> None:
    """ "stdio", "http" and a URL are taken; anything else is told with what to write."""
    environment = {"GEMINI_API_KEY": "k", "JWT_SECRET": SECRET}
    for text in ("stdio", "http", "http://127.0.0.1:8001/mcp"):
        assert Settings.from_environment({**environment, "TOOLS_MCP": text}).tools_mcp == text
    with pytest.raises(SettingsError, match="TOOLS_MCP is wrong"):
        Settings.from_environment({**environment, "TOOLS_MCP": "sse"})
