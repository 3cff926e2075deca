"""The seven tools as an MCP server.

Each call carries the user's own token in its metadata, under TOKEN: a caller who has none acts for nobody.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server
from pydantic import ValidationError

from reference_server.auth import subject_of
from reference_server.refusal import Refusal
from reference_server.settings import Settings
from reference_server.store import SqlStore, open_store
from reference_server.tasks.arguments import schema_of, wrong_arguments
from reference_server.tasks.task import TaskList
from reference_server.tasks.verbs import VERBS, Outcome, why_not

_LOG = logging.getLogger("reference_server.mcp")
TOKEN = "reference_server/token"  # noqa: S105  (a key, no token)
"""Key of the user's token in a call's metadata."""

SHOWN = "reference_server/shown"
"""Key of what the user is shown, in a result's metadata: line, detail, widget."""


class ToolServer:
    """The tools over one database."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store: SqlStore | None = None
        self._verbs = {verb.name: verb for verb in VERBS}
        self.server: Server[Any] = Server(
            "reference-server-tasks", on_list_tools=self._list, on_call_tool=self._call, lifespan=self._lifespan
        )

    @asynccontextmanager
    async def _lifespan(self, _: Server[Any]) -> AsyncIterator[dict[str, Any]]:
        yield {}

    async def open(self) -> None:
        """Open the database."""
        self._store = await open_store(self._settings.database_url)

    async def close(self) -> None:
        """Close it."""
        if self._store:
            await self._store.close()

    async def _list(self, _context: Any, _params: Any) -> types.ListToolsResult:
        tools = [types.Tool(name=v.name, description=v.description, input_schema=schema_of(v.arguments)) for v in VERBS]
        return types.ListToolsResult(tools=tools)

    async def _call(self, _context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        verb = self._verbs.get(params.name)
        if verb is None:
            return _failed(f"there is no tool {params.name!r}")
        assert self._store is not None, "the server has not started"
        try:
            token = str(dict(params.meta or {}).get(TOKEN, ""))
            tasks = TaskList(self._store.database, subject_of(token, self._settings.jwt_secret))
            return _done(await verb.run(tasks, verb.arguments.model_validate(params.arguments or {})))
        except Refusal as refusal:
            return _failed(str(refusal))
        except ValidationError as refusal:
            return _failed(wrong_arguments(verb.name, refusal))
        except Exception as error:
            said = why_not(error)
            if said is None:
                _LOG.exception("%s failed", verb.name)
            return _failed(said or f"{verb.name} failed inside the server; nothing else is known")


def _done(outcome: Outcome) -> types.CallToolResult:
    widget = outcome.widget.model_dump(mode="json", exclude_none=True) if outcome.widget else None
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=json.dumps(outcome.data, ensure_ascii=False))],
        structured_content=outcome.data,
        _meta={SHOWN: {"line": outcome.line, "detail": outcome.detail, "widget": widget}},
    )


def _failed(said: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=said)], is_error=True)
