"""Two turns and a tool call with the stock parts of one combination of SDKs; prints what came of each as JSON.

Run by matrix.py with the Python of a throw-away environment: probe.py BASE_URL. Nothing of this project is imported, so
that what is seen is the SDKs' own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import urllib.request
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool, set_tracing_disabled
from chatkit.agents import AgentContext, simple_to_agent_input, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import Store
from chatkit.types import Page
from openai import AsyncOpenAI

TURN_S = 30.0


class Causes(logging.Handler):
    """The exceptions that the SDKs log and do not tell: the user gets a bare `stream.error`."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            Causes.last = f"{type(error).__name__}: {str(error)[:160]}"


class Memory(Store[Any]):
    """Threads and items in memory: the least that the SDK asks of a store."""

    def __init__(self) -> None:
        self.threads: dict[str, Any] = {}
        self.items: dict[str, list[Any]] = {}

    async def load_thread(self, thread_id: str, context: Any) -> Any:
        return self.threads[thread_id]

    async def save_thread(self, thread: Any, context: Any) -> None:
        self.threads[thread.id] = thread

    async def load_thread_items(self, thread_id: str, after: Any, limit: int, order: str, context: Any) -> Any:
        found = self.items.get(thread_id, [])
        return Page(data=list(reversed(found))[:limit] if order == "desc" else found[:limit], has_more=False)

    async def add_thread_item(self, thread_id: str, item: Any, context: Any) -> None:
        self.items.setdefault(thread_id, []).append(item)

    async def save_item(self, thread_id: str, item: Any, context: Any) -> None:
        kept = [old for old in self.items.get(thread_id, []) if old.id != item.id]
        self.items[thread_id] = [*kept, item]

    async def load_item(self, thread_id: str, item_id: str, context: Any) -> Any:
        return next(item for item in self.items[thread_id] if item.id == item_id)

    async def delete_thread(self, thread_id: str, context: Any) -> None:
        self.threads.pop(thread_id, None)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        self.items[thread_id] = [item for item in self.items[thread_id] if item.id != item_id]

    async def load_threads(self, limit: int, after: Any, order: str, context: Any) -> Any:
        return Page(data=list(self.threads.values())[:limit], has_more=False)

    async def save_attachment(self, attachment: Any, context: Any) -> None:
        raise KeyError("no attachments here")

    async def load_attachment(self, attachment_id: str, context: Any) -> Any:
        raise KeyError("no attachments here")

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        raise KeyError("no attachments here")


@function_tool
def add_task(title: str) -> str:
    """Add a task."""
    return json.dumps({"id": "task_1", "title": title, "at": datetime.now().isoformat()})


class Stock(ChatKitServer[Any]):
    """A server as the SDK's own examples write it."""

    def __init__(self, store: Memory, base_url: str) -> None:
        super().__init__(store)
        client = AsyncOpenAI(api_key="a-key-that-opens-nothing", base_url=base_url, max_retries=0)
        model = OpenAIChatCompletionsModel(model="gemini-3.8-flash", openai_client=client)
        self.agent: Any = Agent(name="tasks", instructions="You keep tasks.", tools=[add_task], model=model)

    async def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[Any]:
        """Answer from the whole history, as the examples do."""
        page = await self.store.load_thread_items(thread.id, None, 20, "asc", context)
        about = AgentContext(thread=thread, store=self.store, request_context=context)
        items = await simple_to_agent_input(page.data)
        result = Runner.run_streamed(self.agent, items, context=about)
        async for event in stream_agent_response(about, result):
            yield event


def script(base_url: str, nonce: str, *steps: dict[str, Any]) -> None:
    """Tell the stand-in what to answer."""
    url = base_url.split("/v1beta", 1)[0] + f"/_standin/scripts/{nonce}"
    body = json.dumps({"turn": list(steps)}).encode()
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="PUT"), timeout=60).read()


async def turn(server: Stock, thread: str, text: str) -> tuple[str, str, str]:
    """One message: the thread, the answer's text, and what went wrong or ""."""
    content = {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}
    request: dict[str, Any] = {"type": "threads.create", "params": {"input": content}}
    if thread:
        request = {"type": "threads.add_user_message", "params": {"thread_id": thread, "input": content}}
    said, wrong, Causes.last = "", "", ""
    result = await server.process(json.dumps(request), {})
    assert isinstance(result, StreamingResult)
    async for frame in result:
        event = json.loads(bytes(frame).decode().removeprefix("data: "))
        if event["type"] == "thread.created":
            thread = event["thread"]["id"]
        if event["type"] == "thread.item.done" and event["item"]["type"] == "assistant_message":
            said += "".join(part["text"] for part in event["item"]["content"])
        if event["type"] == "error":
            wrong = Causes.last or str(event.get("message") or event.get("code"))
    return thread, said, wrong


async def main(base_url: str) -> dict[str, str]:
    """What came of each turn: "ok", or what went wrong."""
    set_tracing_disabled(True)
    logging.getLogger().addHandler(Causes())
    nonce = "zq00000000"
    script(base_url, nonce + "01", {"text": "Hello there."})
    script(base_url, nonce + "02", {"text": "You said hello."})
    script(
        base_url, nonce + "03", {"calls": [{"name": "add_task", "arguments": {"title": "Ferns"}}]}, {"text": "Added."}
    )
    server, thread, made = Stock(Memory(), base_url), "", {}
    for name, number, text, wanted in (
        ("first turn", "01", "Hello.", "Hello there."),
        ("second turn", "02", "What did I say?", "You said hello."),
        ("tool call in a new thread", "03", "Add a task.", "Added."),
    ):
        thread = "" if name.startswith("tool") else thread
        try:
            thread, said, wrong = await asyncio.wait_for(turn(server, thread, f"{text} {nonce}{number}"), TURN_S)
            made[name] = "ok" if wanted in said and not wrong else wrong or f"answered {said!r}"
        except Exception as error:
            made[name] = f"{type(error).__name__}: {str(error)[:160]}"
    return made


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1]))))  # noqa: T201  # what matrix.py reads
