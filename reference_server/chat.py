"""The ChatKit server: the SDK's own, with the few overrides that a production backend cannot do without."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any

from agents import Agent, ModelSettings, Tool, TResponseInputItem
from chatkit.actions import Action
from chatkit.server import ChatKitServer, NonStreamingResult, StreamingResult
from chatkit.types import (
    AssistantMessageItem,
    FeedbackKind,
    HiddenContextItem,
    SDKHiddenContextItem,
    StreamingReq,
    SyncCustomActionResponse,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsDeleteReq,
    ThreadStreamEvent,
    UserMessageItem,
    UserMessageTextContent,
    WidgetItem,
    WorkflowItem,
    is_streaming_req,
)
from sqlalchemy import text

from reference_server.actions import carry_out
from reference_server.answering import answer
from reference_server.attachments import SqlAttachmentStore
from reference_server.context import RequestContext
from reference_server.gatekeeper import Gatekeeper
from reference_server.gemini_compat.client import GeminiClient
from reference_server.gemini_compat.history import HistoryConverter
from reference_server.gemini_compat.model import Gemini, Patience
from reference_server.settings import Settings
from reference_server.speed.agents import ReadyAgent
from reference_server.speed.requests import parse_request
from reference_server.store import SqlStore
from reference_server.stored_text import key
from reference_server.tasks.task import TaskList
from reference_server.threads_busy import BusyThreads
from reference_server.tools import all_tools
from reference_server.turn import Turn, now

_LOG = logging.getLogger("reference_server.chat")

INSTRUCTIONS = (
    "You help the user to manage their tasks. Use the tools for everything about tasks; what a tool did is shown to "
    "the user, so do not repeat lists. Never change all tasks without the user's clear yes. Answer briefly, in the "
    "user's language."
)
# The newest items that go to the model. In a longer thread the oldest are left to the past.
_HISTORY = 500
_TITLE_LENGTH = 60

_SAVE_FEEDBACK = text(
    "INSERT INTO feedback (owner, thread_id, item_id, kind) VALUES (:owner, :thread_id, :item_id, :kind)"
    " ON CONFLICT (owner, thread_id, item_id) DO UPDATE SET kind = excluded.kind"
)


class TaskChat(ChatKitServer[RequestContext]):
    """A task manager's chat on Gemini."""

    def __init__(self, settings: Settings, store: SqlStore, tools: list[Tool] | None = None) -> None:
        self.files = SqlAttachmentStore(
            store, max_bytes=settings.max_attachment_bytes, max_stored=settings.max_stored_bytes
        )
        super().__init__(store, self.files)
        self.sql = store
        self.busy = BusyThreads(store.database)
        self._settings = settings
        self._gatekeeper = Gatekeeper(store)
        self._client = GeminiClient(
            api_key=settings.gemini_api_key,
            base_url=settings.gemini_base_url,
            connect_s=settings.gemini_connect_timeout,
            silence_s=settings.gemini_timeout,
        )
        self._gemini = Gemini(
            self._client,
            silence_s=settings.gemini_timeout,
            patience=Patience(longest_wait_s=settings.gemini_longest_wait),
        )
        self._tools = all_tools() if tools is None else tools
        self._agents: dict[str | None, ReadyAgent] = {}
        self._agent(None)

    async def close(self) -> None:
        """End the turns, then the connections to Gemini and to the database."""
        await self.busy.close()
        await self._client.close()
        await self.sql.close()

    async def process(
        self, request: str | bytes | bytearray, context: RequestContext
    ) -> StreamingResult | NonStreamingResult:
        """Answer one request. Raises, before a stream begins, pydantic.ValidationError, NotFoundError and Refusal."""
        parsed = parse_request(request)
        await self._gatekeeper.check(parsed, context)
        if is_streaming_req(parsed):
            return StreamingResult(self._in_turn(parsed, context))
        if isinstance(parsed, ThreadsDeleteReq):
            # A running turn would bring the deleted thread back with its next save.
            await self.busy.end(context.user_id, parsed.params.thread_id)
        return NonStreamingResult(await self._process_non_streaming(parsed, context))

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Answer the thread's newest message."""
        turn = self._turn(thread, context)
        items = await self.store.load_thread_items(thread.id, None, _HISTORY, "desc", context)
        converter = HistoryConverter(lambda attachment: self.files.load_content(attachment.id, context))
        history = await converter.to_agent_input(items.data[::-1])
        options = input_user_message.inference_options if input_user_message else None
        tool = options.tool_choice.id if options and options.tool_choice else None
        model = (options.model if options else None) or self._settings.gemini_model
        try:
            async for event in self._answered(history, turn, model, tool):
                yield event
        finally:
            if thread.title is None:
                await self._name(thread, items.data[::-1], context)

    def _turn(self, thread: ThreadMetadata, context: RequestContext) -> Turn:
        return Turn(
            thread=thread,
            context=context,
            store=self.sql,
            tasks=TaskList(self.sql.database, context.user_id),
            tool_timeout_s=self._settings.tool_timeout,
        )

    def _answered(
        self, history: list[TResponseInputItem], turn: Turn, model: str, tool: str | None
    ) -> AsyncIterator[ThreadStreamEvent]:
        """What the client is to see of the answer; `tool` is the one that the user wants to be used."""
        return answer(self._agent(tool), model, self._gemini, history, turn, deadline_s=self._settings.turn_timeout)

    async def action(
        self,
        thread: ThreadMetadata,
        action: Action[str, Any],
        sender: WidgetItem | None,
        context: RequestContext,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Do what a widget's button says, and show the widget as it is now."""
        done = await carry_out(action, sender, TaskList(self.sql.database, context.user_id))
        if done.item is not None:
            yield ThreadItemReplacedEvent(item=done.item)
        yield ThreadItemDoneEvent(item=self._note(done.line, thread, context))

    async def sync_action(
        self,
        thread: ThreadMetadata,
        action: Action[str, Any],
        sender: WidgetItem | None,
        context: RequestContext,
    ) -> SyncCustomActionResponse:
        """As `action`, for a caller that waits for one item."""
        done = await carry_out(action, sender, TaskList(self.sql.database, context.user_id))
        if done.item is not None:
            await self.store.save_item(thread.id, done.item, context)
        await self.store.add_thread_item(thread.id, self._note(done.line, thread, context), context)
        return SyncCustomActionResponse(updated_item=done.item)

    async def add_feedback(
        self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: RequestContext
    ) -> None:
        """Keep the newest opinion on each item."""
        for item_id in item_ids:
            row = {
                "owner": key(context.user_id),
                "thread_id": key(thread_id),
                "item_id": key(item_id),
                "kind": feedback,
            }
            await self.sql.database.execute(_SAVE_FEEDBACK, row)

    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: RequestContext
    ) -> None:
        """Keep what the user saw, to the end: a second cancellation (client lost, then the server's own end) waits."""
        keeping = asyncio.ensure_future(self._keep(thread, pending_items, context))
        while not keeping.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([keeping])
        keeping.result()

    async def _keep(self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: RequestContext) -> None:
        for item in pending_items:
            if isinstance(item, AssistantMessageItem) and any(part.text.strip() for part in item.content):
                await self.store.add_thread_item(thread.id, item, context)
            elif isinstance(item, WorkflowItem):
                for step in item.workflow.tasks:
                    step.status_indicator = "none"
                await self.store.add_thread_item(thread.id, item, context)
        note = SDKHiddenContextItem(
            id=self.store.generate_item_id("sdk_hidden_context", thread, context),
            thread_id=thread.id,
            created_at=now(),
            content="The user stopped the answer before it was complete.",
        )
        await self.store.add_thread_item(thread.id, note, context)
        stored = await self.store.load_thread(thread.id, context)
        if stored.title is None and thread.title is not None:
            await self.store.save_thread(stored.model_copy(update={"title": thread.title}), context)

    async def _in_turn(self, request: StreamingReq, context: RequestContext) -> AsyncGenerator[bytes, None]:
        if isinstance(request, ThreadsCreateReq | ThreadsAddUserMessageReq):
            async for event in self._process_streaming(request, context):
                yield event
            return
        async with self.busy.turn(context.user_id, request.params.thread_id):
            async for event in self._process_streaming(request, context):
                yield event

    async def _process_new_thread_item_respond(
        self, thread: ThreadMetadata, item: UserMessageItem, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        # Around both the saving of the message and the answer: two tabs then never interleave.
        async with self.busy.turn(context.user_id, thread.id):
            async for event in super()._process_new_thread_item_respond(thread, item, context):
                yield event

    async def _name(self, thread: ThreadMetadata, items: list[ThreadItem], context: RequestContext) -> None:
        """Give the thread a title from its first message, unless it got one meanwhile (another tab may have)."""
        stored = await self.store.load_thread(thread.id, context)
        thread.status = stored.status
        first = next((item for item in items if isinstance(item, UserMessageItem)), None)
        thread.title = stored.title if stored.title is not None else _title_of(first)

    def _note(self, line: str, thread: ThreadMetadata, context: RequestContext) -> HiddenContextItem:
        return HiddenContextItem(
            id=self.store.generate_item_id("message", thread, context),
            thread_id=thread.id,
            created_at=now(),
            content=line,
        )

    def _agent(self, tool: str | None) -> Agent[Turn]:
        """The agent of one run; `tool` is the one that the user wants to be used."""
        if tool not in self._agents:
            self._agents[tool] = ReadyAgent(
                name="tasks",
                instructions=INSTRUCTIONS,
                always=self._tools,
                model_settings=ModelSettings(tool_choice=tool),
            )
        return self._agents[tool].for_one_run()


def _title_of(message: UserMessageItem | None) -> str | None:
    if message is None:
        return None
    typed = " ".join(
        part.text if isinstance(part, UserMessageTextContent) else f"@{part.text}" for part in message.content
    )
    words = " ".join(typed.split())
    if not words:
        return message.attachments[0].name[:_TITLE_LENGTH] if message.attachments else None
    return words if len(words) <= _TITLE_LENGTH else words[: _TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…"
