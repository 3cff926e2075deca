"""The command `python -m reference_server.mcp`: the seven tools as an MCP server, over stdio or streamable HTTP."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sys

import uvicorn
from mcp.server.stdio import stdio_server

from reference_server.mcp.server import ToolServer
from reference_server.settings import Settings, SettingsError


async def _over_stdio(tools: ToolServer) -> None:
    await tools.open()
    try:
        async with stdio_server() as (read, write):
            await tools.server.run(read, write, tools.server.create_initialization_options())
    finally:
        await tools.close()


async def _over_http(tools: ToolServer, host: str, port: int, *, until_input_ends: bool) -> None:
    await tools.open()
    try:
        app = tools.server.streamable_http_app(host=host)
        with socket.create_server((host, port)) as listener:
            print(f"http://{host}:{listener.getsockname()[1]}/mcp", flush=True)
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
            watching = asyncio.create_task(_until_input_ends(server)) if until_input_ends else None
            await server.serve(sockets=[listener])
            if watching is not None:
                watching.cancel()
    finally:
        await tools.close()


async def _until_input_ends(server: uvicorn.Server) -> None:
    """End the server once its standard input does: whoever began it is gone then."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    server.should_exit = True


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped. Returns 2 where a setting is wrong, with one line that says what to do."""
    parser = argparse.ArgumentParser(prog="python -m reference_server.mcp", description=__doc__)
    parser.add_argument("--http", action="store_true", help="streamable HTTP in place of stdio; the URL is printed")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one (default: %(default)s)")
    parser.add_argument("--until-input-ends", action="store_true", help="with --http: end when standard input does")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    tools = ToolServer(settings)
    serving = (
        _over_http(tools, options.host, options.port, until_input_ends=options.until_input_ends)
        if options.http
        else _over_stdio(tools)
    )
    try:
        asyncio.run(serving)
    except KeyboardInterrupt:
        return 0
    except OSError as refusal:
        print(
            f"cannot listen on {options.host}:{options.port}: {refusal.strerror}; choose another --port",
            file=sys.stderr,
        )
        return 2
    return 0
