"""Everything that can be wrong with a request is found before the answer begins.

The SDK finds it later: an unknown thread breaks off a stream that has said 200, an unknown attachment leaves an orphan
thread behind, a locked thread is answered. Here a table says what each type of request needs.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import Any

from chatkit.types import (
    ChatKitReq,
    ClientToolCallItem,
    StructuredInputItem,
    UserMessageInput,
    UserMessageItem,
    UserMessageTextContent,
    WidgetItem,
)

from reference_server.actions import task_id_of
from reference_server.context import RequestContext
from reference_server.refusal import Refusal, ThreadLocked
from reference_server.store import SqlStore
from reference_server.tools import DURING

# More than a page of a conversation can be; a client that asks for it has a fault.
_LONGEST_PAGE = 1000
_RECENT = 100

Check = Callable[["Gatekeeper", Any, RequestContext], Awaitable[None]]


class Gatekeeper:
    """Checks requests against what the store holds for the caller."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def check(self, request: ChatKitReq, context: RequestContext) -> None:
        """Raises NotFoundError, Refusal or ThreadLocked when the request cannot be carried out."""
        for check in _NEEDS.get(request.type, ()):
            await check(self, request.params, context)

    async def page(self, params: Any, context: RequestContext) -> None:
        if params.limit is not None and not 1 <= params.limit <= _LONGEST_PAGE:
            raise Refusal(422, "invalid_limit", f"limit is {params.limit}; it must be from 1 to {_LONGEST_PAGE}")

    async def known_thread(self, params: Any, context: RequestContext) -> None:
        await self._store.load_thread(params.thread_id, context)

    async def open_thread(self, params: Any, context: RequestContext) -> None:
        thread = await self._store.load_thread(params.thread_id, context)
        if thread.status.type != "active":
            reason = f" {thread.status.reason}" if thread.status.reason else ""
            raise ThreadLocked(f"This conversation is {thread.status.type} and takes no new messages.{reason}")

    async def message(self, params: Any, context: RequestContext) -> None:
        message: UserMessageInput = params.input
        typed = any(part.text.strip() for part in message.content if isinstance(part, UserMessageTextContent))
        if (
            not typed
            and not message.attachments
            and all(isinstance(p, UserMessageTextContent) for p in message.content)
        ):
            raise Refusal(422, "empty_message", "the message has neither text nor attachments")
        options = message.inference_options
        if options.model is not None and not options.model.removeprefix("models/").startswith("gemini-"):
            raise Refusal(422, "unknown_model", f"{options.model!r} is no Gemini model")
        if options.tool_choice is not None and options.tool_choice.id not in DURING:
            raise Refusal(422, "unknown_tool", f"{options.tool_choice.id!r} is none of {', '.join(sorted(DURING))}")
        for attachment_id in message.attachments:
            attachment = await self._store.load_attachment(attachment_id, context)
            if attachment.upload_descriptor is not None:
                raise Refusal(409, "not_uploaded", f"attachment {attachment_id!r} has not been uploaded yet")

    async def user_message_item(self, params: Any, context: RequestContext) -> None:
        item = await self._store.load_item(params.thread_id, params.item_id, context)
        if not isinstance(item, UserMessageItem):
            raise Refusal(422, "not_a_user_message", f"item {params.item_id!r} is a {item.type}, not a user message")

    async def structured_input(self, params: Any, context: RequestContext) -> None:
        item = await self._store.load_item(params.thread_id, params.item_id, context)
        if not isinstance(item, StructuredInputItem):
            raise Refusal(422, "not_a_structured_input", f"item {params.item_id!r} is a {item.type}")
        if item.status != "pending":
            raise Refusal(409, "already_answered", f"item {params.item_id!r} is {item.status} already")

    async def pending_client_tool(self, params: Any, context: RequestContext) -> None:
        recent = await self._store.load_thread_items(params.thread_id, None, _RECENT, "desc", context)
        last = recent.data[0] if recent.data else None
        if not isinstance(last, ClientToolCallItem) or last.status != "pending":
            raise Refusal(409, "no_pending_tool_call", f"thread {params.thread_id!r} waits for no client tool")

    async def widget_action(self, params: Any, context: RequestContext) -> None:
        task_id_of(params.action)
        if params.item_id:
            item = await self._store.load_item(params.thread_id, params.item_id, context)
            if not isinstance(item, WidgetItem):
                raise Refusal(422, "not_a_widget", f"item {params.item_id!r} is a {item.type}, not a widget")

    async def items(self, params: Any, context: RequestContext) -> None:
        for item_id in params.item_ids:
            await self._store.load_item(params.thread_id, item_id, context)

    async def size(self, params: Any, context: RequestContext) -> None:
        if params.size < 0:
            raise Refusal(422, "invalid_size", f"size is {params.size} bytes")
        if not params.name.strip() or "/" not in params.mime_type:
            raise Refusal(422, "invalid_attachment", "an attachment needs a name and a mime_type like image/png")

    async def no_transcription(self, params: Any, context: RequestContext) -> None:
        try:
            b64decode(params.audio_base64, validate=True)
        except ValueError as refusal:  # binascii.Error is one, and so is text that is not ASCII
            raise Refusal(422, "invalid_audio", "audio_base64 is not base64") from refusal
        raise Refusal(400, "not_supported", "this server does not transcribe speech")


_NEEDS: dict[str, tuple[Check, ...]] = {
    "threads.create": (Gatekeeper.message,),
    "threads.add_user_message": (Gatekeeper.open_thread, Gatekeeper.message),
    "threads.add_client_tool_output": (Gatekeeper.open_thread, Gatekeeper.pending_client_tool),
    "threads.add_structured_input": (Gatekeeper.open_thread, Gatekeeper.structured_input),
    "threads.retry_after_item": (Gatekeeper.open_thread, Gatekeeper.user_message_item),
    "threads.custom_action": (Gatekeeper.open_thread, Gatekeeper.widget_action),
    "threads.sync_custom_action": (Gatekeeper.open_thread, Gatekeeper.widget_action),
    "threads.list": (Gatekeeper.page,),
    "items.list": (Gatekeeper.page,),
    "items.feedback": (Gatekeeper.known_thread, Gatekeeper.items),
    "attachments.create": (Gatekeeper.size,),
    "input.transcribe": (Gatekeeper.no_transcription,),
}
