"""agent-framework-chatkit as its documentation shows it: an agent of Microsoft's Agent Framework on Gemini."""

import os
from collections.abc import AsyncIterator

from agent_framework import Agent
from agent_framework.chatkit import simple_to_agent_input, stream_agent_response
from agent_framework.openai import OpenAIChatCompletionClient
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.types import ThreadMetadata, ThreadStreamEvent, UserMessageItem
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from examples.naive.server import Context, MemoryStore

AGENT = Agent(
    client=OpenAIChatCompletionClient(
        model=os.environ["GEMINI_MODEL"],
        api_key=os.environ["GEMINI_API_KEY"],
        base_url=os.environ["GEMINI_BASE_URL"],
    ),
    instructions="You are a helpful assistant.",
)


class Chat(ChatKitServer[Context]):
    """Answers with an agent that has no tools."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Context
    ) -> AsyncIterator[ThreadStreamEvent]:
        if input_user_message is None:
            return
        items = await self.store.load_thread_items(thread.id, after=None, limit=1000, order="asc", context=context)
        answer = AGENT.run(await simple_to_agent_input(items.data), stream=True)
        async for event in stream_agent_response(answer, thread.id):
            yield event


chat = Chat(MemoryStore())
app = FastAPI()


@app.post("/chatkit")
async def chatkit(request: Request) -> Response:
    """The one endpoint that ChatKit talks to."""
    result = await chat.process(await request.body(), {})
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")
