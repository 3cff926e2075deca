"""A task chat on ChatKit and Gemini, put together as the SDK's own documentation shows it.

Nothing here is sabotaged: every piece is the documented one. That is what makes it a good target, see README.md.
"""

import os
import socket
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import uvicorn
from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool
from chatkit.agents import AgentContext, simple_to_agent_input, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata, ThreadStreamEvent, UserMessageItem
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from openai import AsyncOpenAI

Context = dict[str, Any]
Row = TypeVar("Row", ThreadMetadata, ThreadItem)

TASKS: dict[str, dict[str, Any]] = {}


@function_tool
def create_task(title: str, description: str | None = None) -> dict[str, Any]:
    """Create a task."""
    task_id = uuid.uuid4().hex[:8]
    TASKS[task_id] = {"id": task_id, "title": title, "description": description, "completed": False}
    return TASKS[task_id]


@function_tool
def list_tasks() -> list[dict[str, Any]]:
    """List all tasks."""
    return list(TASKS.values())


@function_tool
def update_task(task_id: str, title: str | None = None, description: str | None = None) -> dict[str, Any]:
    """Change the title or the description of a task."""
    changes = {"title": title, "description": description}
    TASKS[task_id].update({key: value for key, value in changes.items() if value is not None})
    return TASKS[task_id]


@function_tool
def complete_task(task_id: str) -> dict[str, Any]:
    """Mark a task as completed."""
    TASKS[task_id]["completed"] = True
    return TASKS[task_id]


@function_tool
def delete_task(task_id: str) -> dict[str, Any]:
    """Delete a task."""
    return TASKS.pop(task_id)


@function_tool
def complete_all_tasks() -> list[dict[str, Any]]:
    """Mark all tasks as completed."""
    for task in TASKS.values():
        task["completed"] = True
    return list(TASKS.values())


@function_tool
def delete_all_tasks() -> str:
    """Delete all tasks."""
    TASKS.clear()
    return "All tasks are deleted."


class MemoryStore(Store[Context]):
    """Threads and items in two dictionaries."""

    def __init__(self) -> None:
        self.threads: dict[str, ThreadMetadata] = {}
        self.items: dict[str, list[ThreadItem]] = defaultdict(list)
        self.attachments: dict[str, Attachment] = {}

    async def load_thread(self, thread_id: str, context: Context) -> ThreadMetadata:
        if thread_id not in self.threads:
            raise NotFoundError(f"Thread {thread_id} not found")
        return self.threads[thread_id]

    async def save_thread(self, thread: ThreadMetadata, context: Context) -> None:
        self.threads[thread.id] = thread

    async def load_threads(self, limit: int, after: str | None, order: str, context: Context) -> Page[ThreadMetadata]:
        return paginate(list(self.threads.values()), after, limit, order)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Context
    ) -> Page[ThreadItem]:
        return paginate(self.items[thread_id], after, limit, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        self.items[thread_id].append(item)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        items = self.items[thread_id]
        for index, existing in enumerate(items):
            if existing.id == item.id:
                items[index] = item
                return
        items.append(item)

    async def load_item(self, thread_id: str, item_id: str, context: Context) -> ThreadItem:
        for item in self.items[thread_id]:
            if item.id == item_id:
                return item
        raise NotFoundError(f"Item {item_id} not found in thread {thread_id}")

    async def delete_thread(self, thread_id: str, context: Context) -> None:
        self.threads.pop(thread_id, None)
        self.items.pop(thread_id, None)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Context) -> None:
        self.items[thread_id] = [item for item in self.items[thread_id] if item.id != item_id]

    async def save_attachment(self, attachment: Attachment, context: Context) -> None:
        self.attachments[attachment.id] = attachment

    async def load_attachment(self, attachment_id: str, context: Context) -> Attachment:
        return self.attachments[attachment_id]

    async def delete_attachment(self, attachment_id: str, context: Context) -> None:
        self.attachments.pop(attachment_id, None)


def paginate(rows: list[Row], after: str | None, limit: int, order: str) -> Page[Row]:
    """One page of rows, sorted by their time."""
    rows = sorted(rows, key=lambda row: row.created_at, reverse=order == "desc")
    start = next((index + 1 for index, row in enumerate(rows) if row.id == after), 0)
    data = rows[start : start + limit]
    has_more = start + limit < len(rows)
    return Page(data=data, has_more=has_more, after=data[-1].id if has_more and data else None)


class TaskChat(ChatKitServer[Context]):
    """Answers with an agent that has the seven tools."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Context
    ) -> AsyncIterator[ThreadStreamEvent]:
        items = await self.store.load_thread_items(thread.id, after=None, limit=20, order="asc", context=context)
        agent_context = AgentContext(thread=thread, store=self.store, request_context=context)
        result = Runner.run_streamed(AGENT, await simple_to_agent_input(items.data), context=agent_context)
        async for event in stream_agent_response(agent_context, result):
            yield event


GEMINI = AsyncOpenAI(
    api_key=os.environ["GEMINI_API_KEY"],
    base_url=os.environ.get("GEMINI_BASE_URL", "https://generativelanguage.googleapis.com/v1beta/openai/"),
)
AGENT = Agent[AgentContext[Context]](
    name="Task assistant",
    instructions="You help people manage their tasks.",
    model=OpenAIChatCompletionsModel(
        model=os.environ.get("GEMINI_MODEL", "gemini-3.8-flash"),
        openai_client=GEMINI,
    ),
    tools=[create_task, list_tasks, update_task, complete_task, delete_task, complete_all_tasks, delete_all_tasks],
)
chat = TaskChat(MemoryStore())
app = FastAPI()


@app.post("/chatkit")
async def chatkit(request: Request) -> Response:
    """The one endpoint that ChatKit talks to."""
    result = await chat.process(await request.body(), {})
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")


def main() -> None:
    """Listen on PORT (8000 where it is not set, 0 for a free one) and print the URL."""
    with socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "8000")))) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201 - the URL is its output
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
