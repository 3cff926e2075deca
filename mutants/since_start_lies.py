"""What a server knows only since it was started: of threads from before, one operation fails or loses something."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from reference_server.chat import TaskChat
from reference_server.refusal import Refusal
from reference_server.store import SqlStore

from .inside import Method, around, both
from .mutant import Patch


def refused_if_old(*types: str, status: int = 404) -> Patch:
    """Requests of these types are refused for a thread into which nothing was written since the start."""
    known: set[str] = set()

    def writing(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, *args: Any, **more: Any) -> Any:
            known.add(thread_id)
            return await real(self, thread_id, *args, **more)

        return instead

    def asking(real: Method) -> Method:
        async def instead(self: TaskChat, request: Any, context: Any) -> Any:
            with suppress(ValueError, RecursionError):
                told = json.loads(request)
                params = told.get("params") if isinstance(told, dict) else None
                if isinstance(params, dict) and told.get("type") in types and params.get("thread_id") not in known:
                    raise Refusal(status, "not_found", "There is no such session.")
            return await real(self, request, context)

        return instead

    return both(around(SqlStore, "add_thread_item", writing), around(TaskChat, "process", asking))
