"""An MCP server whose tools misbehave, one each, over streamable HTTP: `python -m tests.reference_server.faulty_mcp`.

FAULTY_TOOLS names the tools that it lists, separated by commas; "" for none. PORT is where it listens.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.lowlevel import Server

from chatkit_conformance.visible import say

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ALL = "good,slow,dies,errors,unsaid,image,structured,both,refused,odd_widget,changes"


class FaultyTools:
    """The tools that are listed now, and what each does."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.server: Server[Any] = Server("faulty", on_list_tools=self._list, on_call_tool=self._call)

    async def _list(self, _context: Any, _params: Any) -> types.ListToolsResult:
        schema = {"type": "object", "properties": {}}
        return types.ListToolsResult(
            tools=[types.Tool(name=name, description=f"It {name}.", input_schema=schema) for name in self.names]
        )

    async def _call(self, _context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name not in self.names:
            raise ValueError(f"there is no tool {params.name!r}")
        match params.name:
            case "slow":
                await asyncio.sleep(3600)
            case "dies":
                os._exit(1)
            case "errors":
                return types.CallToolResult(content=[_text("the shelf is empty")], is_error=True)
            case "unsaid":
                return types.CallToolResult(content=[], is_error=True)
            case "image":
                image = types.ImageContent(type="image", data=PIXEL, mime_type="image/png")
                return types.CallToolResult(content=[image])
            case "structured":
                return types.CallToolResult(content=[], structured_content={"ferns": 7})
            case "both":
                return types.CallToolResult(content=[_text(json.dumps({"ferns": 8}))], structured_content={"ferns": 8})
            case "refused":
                raise ValueError("no such thing")
            case "odd_widget":
                shown = {"line": "Odd", "widget": {"type": 7}}
                return types.CallToolResult(content=[_text("odd")], _meta={"reference_server/shown": shown})
            case "changes":
                self.names = ["good", "grown"]
        return types.CallToolResult(content=[_text(f"{params.name} is done")])


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)


async def _serve() -> None:
    tools = FaultyTools([name for name in os.environ.get("FAULTY_TOOLS", ALL).split(",") if name])
    with socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0")))) as listener:
        say(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp")
        app = tools.server.streamable_http_app(host="127.0.0.1")
        await uvicorn.Server(uvicorn.Config(app, log_level="error")).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(_serve())
