"""What a team writes in a sprint and means well, about files."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import UserMessageItem

from reference_server.attachments import SqlAttachmentStore
from reference_server.chat import TaskChat
from reference_server.context import RequestContext
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.store import SqlStore

from .inside import Method, around, both
from .retry_lies import _RETRIED, _retrying
from .told_lies import telling


def _without_files_on_retry(real: Method) -> Method:
    async def instead(self: TaskChat, thread: Any, message: Any, context: RequestContext) -> AsyncIterator[Any]:
        _FILES_LEFT.set((context.user_id, thread.id) in _RETRIED)
        async for event in real(self, thread, message, context):
            yield event

    return instead


_FILES_LEFT: ContextVar[bool] = ContextVar("files_left", default=False)


def _no_files(items: list[Any]) -> list[Any]:
    if not _FILES_LEFT.get():
        return items
    return [
        item.model_copy(update={"attachments": [], "quoted_text": None}) if isinstance(item, UserMessageItem) else item
        for item in items
    ]


def _png(real: Method) -> Method:
    async def instead(self: HistoryConverter, attachment: Any) -> Any:
        part = await real(self, attachment)
        if attachment.type == "image":
            part["image_url"] = re.sub(r"^data:[^;]*", "data:image/png", part["image_url"])
        return part

    return instead


def _ascii_name(real: Method) -> Method:
    async def instead(self: SqlAttachmentStore, asked: Any, context: RequestContext) -> Any:
        name = re.sub(r"[^A-Za-z0-9._-]", "_", asked.name)
        return await real(self, asked.model_copy(update={"name": name}), context)

    return instead


def _gone_is_fatal(real: Method) -> Method:
    async def instead(self: SqlAttachmentStore, attachment_id: str, context: RequestContext) -> bytes:
        try:
            content: bytes = await real(self, attachment_id, context)
        except NotFoundError as gone:
            raise RuntimeError("the file is not there") from gone
        return content

    return instead


_KEPT: dict[tuple[str, str], bytes] = {}


def files_outlive_thread() -> None:
    """The bytes of a thread's files are there after the thread was deleted."""

    def save(real: Method) -> Method:
        async def instead(self: SqlAttachmentStore, attachment_id: str, content: bytes, context: Any) -> Any:
            done = await real(self, attachment_id, content, context)
            _KEPT[context.user_id, attachment_id] = content
            return done

        return instead

    def load(real: Method) -> Method:
        async def instead(self: SqlAttachmentStore, attachment_id: str, context: Any) -> bytes:
            kept = _KEPT.get((context.user_id, attachment_id))
            return kept if kept is not None else await real(self, attachment_id, context)

        return instead

    def of(real: Method) -> Method:
        async def instead(self: SqlStore, attachment_id: str, context: Any) -> Any:
            if (context.user_id, attachment_id) in _KEPT and attachment_id not in known:
                known[attachment_id] = await real(self, attachment_id, context)
            return known.get(attachment_id) or await real(self, attachment_id, context)

        return instead

    known: dict[str, Any] = {}
    around(SqlAttachmentStore, "save_content", save)()
    around(SqlAttachmentStore, "load_content", load)()
    around(SqlStore, "load_attachment", of)()


retry_without_files = both(
    around(TaskChat, "_in_turn", _retrying), around(TaskChat, "respond", _without_files_on_retry), telling(_no_files)
)
pictures_are_png = around(HistoryConverter, "attachment_to_message_content", _png)
file_name_ascii = around(SqlAttachmentStore, "create_attachment", _ascii_name)
deleted_file_is_fatal = around(SqlAttachmentStore, "load_content", _gone_is_fatal)
