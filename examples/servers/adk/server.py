"""adk-chatkit as its documentation shows it: an agent of Google's ADK on Gemini, sessions in memory."""

import os
from collections.abc import AsyncIterator

from adk_chatkit import ADKAgentContext, ADKChatKitServer, ADKContext, ADKStore, ChatkitRunConfig, stream_agent_response
from chatkit.server import StreamingResult
from chatkit.types import ThreadMetadata, ThreadStreamEvent, UserMessageItem
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from google.adk.agents import LlmAgent
from google.adk.agents.run_config import StreamingMode
from google.adk.runners import Runner
from google.adk.sessions import InMemorySessionService
from google.genai import types

NAME = "chat"
AGENT = LlmAgent(name=NAME, model=os.environ["GEMINI_MODEL"], instruction="You are a helpful assistant.")
SESSIONS = InMemorySessionService()


class Chat(ADKChatKitServer):
    """Hands the user's text to ADK's runner, which keeps the conversation in its session."""

    def __init__(self) -> None:
        super().__init__(ADKStore(SESSIONS))
        self._runner = Runner(app_name=NAME, agent=AGENT, session_service=SESSIONS)

    async def _adk_respond(
        self, thread: ThreadMetadata, item: UserMessageItem | None, context: ADKContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        if item is None:
            return
        text = "".join(part.text for part in item.content)
        agent_context = ADKAgentContext(app_name=NAME, user_id=context.user_id, thread=thread)
        events = self._runner.run_async(
            user_id=context.user_id,
            session_id=thread.id,
            new_message=types.Content(role="user", parts=[types.Part.from_text(text=text)]),
            run_config=ChatkitRunConfig(streaming_mode=StreamingMode.SSE, context=agent_context),
        )
        async for event in stream_agent_response(agent_context, events):
            yield event


chat = Chat()
app = FastAPI()


@app.post("/chatkit")
async def chatkit(request: Request) -> Response:
    """The one endpoint that ChatKit talks to."""
    result = await chat.process(await request.body(), ADKContext(app_name=NAME, user_id="user"))
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")
