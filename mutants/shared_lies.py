"""Ways in which conversations that overlap get into each other: one buffer, one current user, one history for all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from reference_server.answering import Speech
from reference_server.attachments import SqlAttachmentStore
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.tasks.task import TaskList

from .inside import Invoke, Method, around


def one_buffer(real: Method) -> Method:
    """The words of all answers under way are gathered in one place, emptied when an answer begins."""
    said: list[str] = []

    def instead(self: Speech, text: str) -> None:
        begins = self._id is None
        real(self, text)
        if begins:
            said[:] = self._text
            self._text = said

    return instead


def one_user_at_a_time() -> None:
    """Tools work for whoever began a turn last."""
    current: dict[str, str] = {}

    def setting(self: TaskList, owner: str) -> None:
        current["owner"] = owner

    # By name: the attribute is set where a list is made.
    setattr(TaskList, "_owner", property(lambda self: current["owner"], setting))  # noqa: B010 - see above


def one_history(real: Method) -> Method:
    """The history that was loaded last is the one that is sent, whosever turn it is."""
    loaded: list[Any] = []

    async def instead(self: HistoryConverter, items: Any) -> Any:
        loaded[:] = items
        await asyncio.sleep(0.05)
        return await real(self, list(loaded))

    return instead


def one_title(real: Method) -> Method:
    """The title that was made last is given to every thread that gets one, whoever's message it came from."""
    made: list[Any] = []

    async def instead(self: Any, thread: Any, items: Any, context: Any) -> None:
        made[:] = items
        await asyncio.sleep(0.05)
        await real(self, thread, list(made), context)

    return instead


def cached(real: Invoke) -> Invoke:
    """A tool's result is kept by its arguments, for everybody."""
    results: dict[str, Any] = {}

    async def instead(context: Any, arguments: str) -> Any:
        if arguments not in results:
            results[arguments] = await real(context, arguments)
        return results[arguments]

    return instead


def first_file(real: Callable[..., Awaitable[bytes]]) -> Method:
    """The bytes that were read first are given for every file."""
    read: dict[str, bytes] = {}

    async def instead(self: SqlAttachmentStore, attachment_id: str, context: Any) -> bytes:
        content = await real(self, attachment_id, context)
        return read.setdefault("first", content)

    return instead


share_buffer = around(Speech, "write", one_buffer)
share_history = around(HistoryConverter, "to_agent_input", one_history)
share_files = around(SqlAttachmentStore, "load_content", first_file)
