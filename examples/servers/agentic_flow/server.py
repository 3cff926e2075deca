"""ds-agentic-flow as its documentation shows it: one agent on Gemini, its flow run for each message, no tools."""

import os
from collections.abc import AsyncIterator

from agentic_flow import Agent, Runner
from agentic_flow.chatkit import run_with_chatkit_context
from agents import OpenAIChatCompletionsModel, SQLiteSession, set_tracing_disabled
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.types import ThreadMetadata, ThreadStreamEvent, UserMessageItem
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from openai import AsyncOpenAI

from examples.naive.server import Context, MemoryStore

set_tracing_disabled(True)
client = AsyncOpenAI(api_key=os.environ["GEMINI_API_KEY"], base_url=os.environ["GEMINI_BASE_URL"])
assistant = Agent(
    name="assistant",
    instructions="You are a helpful assistant.",
    model=OpenAIChatCompletionsModel(os.environ["GEMINI_MODEL"], client),
)


async def flow(user_message: str) -> str:
    """What is done for a message."""
    return await assistant(user_message).stream()


class Chat(ChatKitServer[Context]):
    """Runs the flow for each message; its session is the thread's."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Context
    ) -> AsyncIterator[ThreadStreamEvent]:
        if input_user_message is None:
            return
        said = "".join(part.text for part in input_user_message.content if part.type == "input_text")
        session = SESSIONS.setdefault(thread.id, SQLiteSession(thread.id))
        runner = Runner(flow=flow, session=session)
        async for event in run_with_chatkit_context(runner, thread, self.store, context, said):
            yield event


SESSIONS: dict[str, SQLiteSession] = {}  # in memory, as a session without a path is
chat = Chat(MemoryStore())
app = FastAPI()


@app.post("/chatkit")
async def chatkit(request: Request) -> Response:
    """The one endpoint that ChatKit talks to."""
    result = await chat.process(await request.body(), {})
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")
