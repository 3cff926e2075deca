"""One of the servers on ChatKit's own SDK: its loop over the model is its own, no Agents SDK behind it."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Any

import uvicorn
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    Attachment,
    ErrorEvent,
    Page,
    ProgressUpdateEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .access import USER_OF
from .answering import LARGEST
from .habits import Habits
from .model import Answer, Model, ModelFailed
from .model_face import model_of
from .over_starlette import Streamed
from .tasks import SETS, Tasks

Context = dict[str, Any]
ROUNDS = 12


def _after(rows: list[Any], after: str | None, limit: int, order: str) -> Page[Any]:
    rows = rows if order == "asc" else rows[::-1]
    if after is not None:
        at = next((n for n, row in enumerate(rows) if row.id == after), None)
        if at is None:
            raise NotFoundError("no such cursor")
        rows = rows[at + 1 :]
    data = rows[:limit]
    more = len(rows) > len(data)
    return Page(data=data, has_more=more, after=data[-1].id if more else None)


class Shelf(Store[Context]):
    """Everyone's threads, in memory."""

    def __init__(self) -> None:
        self._threads: dict[str, tuple[str, ThreadMetadata, list[ThreadItem]]] = {}

    def _of(self, id: str, context: Context) -> tuple[str, ThreadMetadata, list[ThreadItem]]:
        found = self._threads.get(id)
        if found is None or found[0] != context["user"]:
            raise NotFoundError("thread not found")
        return found

    def generate_item_id(self, item_type: Any, thread: ThreadMetadata, context: Context) -> str:
        return f"{item_type}-{uuid.uuid4()}"

    async def load_thread(self, thread_id: str, context: Context) -> ThreadMetadata:
        return self._of(thread_id, context)[1].model_copy(deep=True)

    async def save_thread(self, thread: ThreadMetadata, context: Context) -> None:
        if thread.id in self._threads:
            owner, _, items = self._of(thread.id, context)
        else:
            owner, items = context["user"], []
        kept = ThreadMetadata.model_validate(thread.model_dump(exclude={"items"}))
        self._threads[thread.id] = (owner, kept, items)

    async def load_threads(self, limit: int, after: str | None, order: str, context: Context) -> Page[ThreadMetadata]:
        mine = [thread for owner, thread, _ in self._threads.values() if owner == context["user"]]
        return _after(mine, after, limit, order)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Context
    ) -> Page[ThreadItem]:
        return _after(self._of(thread_id, context)[2], after, limit, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        await self.save_item(thread_id, item, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        items = self._of(thread_id, context)[2]
        at = next((n for n, known in enumerate(items) if known.id == item.id), None)
        if at is None:
            items.append(item)
        else:
            items[at] = item

    async def load_item(self, thread_id: str, item_id: str, context: Context) -> ThreadItem:
        for item in self._of(thread_id, context)[2]:
            if item.id == item_id:
                return item
        raise NotFoundError("item not found")

    async def delete_thread(self, thread_id: str, context: Context) -> None:
        self._of(thread_id, context)
        del self._threads[thread_id]

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Context) -> None:
        items = self._of(thread_id, context)[2]
        items[:] = [item for item in items if item.id != item_id]

    async def save_attachment(self, attachment: Attachment, context: Context) -> None:
        raise NotFoundError("no attachments here")

    async def load_attachment(self, attachment_id: str, context: Context) -> Attachment:
        raise NotFoundError("no attachments here")

    async def delete_attachment(self, attachment_id: str, context: Context) -> None:
        raise NotFoundError("no attachments here")


class Desk(ChatKitServer[Context]):
    """Answers with Gemini."""

    def __init__(self, habits: Habits, shelf: Shelf, tasks: Tasks, model: Model) -> None:
        super().__init__(shelf)
        self.habits, self.shelf, self.tasks, self.model = habits, shelf, tasks, model
        self.tools = SETS.get(habits.tools)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Context
    ) -> AsyncIterator[ThreadStreamEvent]:
        """One turn."""
        items = (await self.shelf.load_thread_items(thread.id, None, 10_000, "asc", context)).data
        messages: list[Any] = [{"role": self.habits.instructions, "content": "You help in a small shop."}]
        messages += [{"role": role, "content": text} for role, text in map(said_in, items) if text]
        try:
            for _ in range(ROUNDS):
                answer = Answer()
                async for event in self._answered(thread, messages, answer, context):
                    yield event
                if not answer.calls:
                    return
                messages.append(answer.message())
                for call in answer.calls:
                    name = call["function"]["name"]
                    yield ProgressUpdateEvent(text=f"Running {name}")
                    result = "error: there are no tools"
                    if self.tools:
                        result = self.tools.run(self.tasks, context["user"], name, call["function"]["arguments"])
                    messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
            raise ModelFailed("The model called tools without an end.")
        except ModelFailed as failed:
            yield ErrorEvent(code="custom", message=str(failed), allow_retry=failed.retry)

    async def _answered(
        self, thread: ThreadMetadata, messages: list[Any], answer: Answer, context: Context
    ) -> AsyncIterator[ThreadStreamEvent]:
        more = {"tools": self.tools.declared()} if self.tools else {}
        item = AssistantMessageItem(
            id=self.shelf.generate_item_id("message", thread, context),
            thread_id=thread.id,
            created_at=datetime.now(),
            content=[],
        )
        first = self.habits.answer == "first-words"
        broke: ModelFailed | None = None
        try:
            async with aclosing(self.model.ask(messages, answer, **more)) as asked:
                async for new in asked:
                    if not item.content:
                        item.content = [AssistantMessageContent(text=new if first else "", annotations=[])]
                        yield ThreadItemAddedEvent(item=item.model_copy(deep=True))
                        if first:
                            continue
                    yield ThreadItemUpdatedEvent(
                        item_id=item.id, update=AssistantMessageContentPartTextDelta(content_index=0, delta=new)
                    )
        except ModelFailed as failed:
            broke = failed
        if item.content:
            item.content = [AssistantMessageContent(text=answer.text, annotations=[])]
            yield ThreadItemDoneEvent(item=item)
        if broke:
            raise broke


def said_in(item: ThreadItem) -> tuple[str, str]:
    """Who said it, and what; nothing of items that the model is not told."""
    if isinstance(item, UserMessageItem):
        quoted = f"> {item.quoted_text}\n\n" if item.quoted_text else ""
        return "user", quoted + "".join(part.text for part in item.content)
    if isinstance(item, AssistantMessageItem):
        return "assistant", "".join(part.text for part in item.content)
    return "", ""


def application(habits: Habits, shelf: Shelf, desk: ChatKitServer[Context]) -> Starlette:
    """The server, as an application."""

    async def post(request: Request) -> Response:
        body = await request.body()
        user = USER_OF[habits.auth](dict(request.headers.items()))
        if not user:
            return JSONResponse({"detail": "not signed in"}, status_code=401)
        if len(body) > LARGEST:
            return JSONResponse({"detail": "too large"}, status_code=413)
        context = {"user": user}
        try:
            await _check(body, shelf, context)
            result = await desk.process(body, context)
        except (ValidationError, ValueError, RecursionError):
            return JSONResponse({"detail": "not a request that is taken here"}, status_code=400)
        except (NotFoundError, NotImplementedError, RuntimeError):
            return JSONResponse({"detail": "not found"}, status_code=404)
        if isinstance(result, StreamingResult):
            return Streamed(result.json_events, media_type="text/event-stream")
        return Response(result.json, media_type="application/json")

    return Starlette(routes=[Route("/support/chatkit", post, methods=["POST"])])


UNTAKEN = ("threads.add_client_tool_output", "threads.add_structured_input", "threads.custom_action")
"""Requests about items that this server never shows."""


async def _check(body: bytes, shelf: Shelf, context: Context) -> None:
    """Look up what a request is about before the stream begins, so that it can be refused by a status."""
    told = json.loads(body)
    if not isinstance(told, dict) or told.get("type") in UNTAKEN:
        raise ValueError("not taken here")
    params = told.get("params")
    if isinstance(params, dict) and isinstance(id := params.get("thread_id"), str):
        await shelf.load_thread(id, context)
        if isinstance(item := params.get("item_id"), str):
            await shelf.load_item(id, item, context)


def serve(habits: Habits, port: int) -> None:
    """Serve until stopped."""
    shelf = Shelf()
    app = application(habits, shelf, Desk(habits, shelf, Tasks(), model_of(habits)))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2)
