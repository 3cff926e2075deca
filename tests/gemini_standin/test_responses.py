"""OpenAI's Responses API: not there, as at Gemini, unless it is asked for; then played for its own client."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import agents
import openai
import pytest

MODEL = "gemini-3.8-flash"
TOOL: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
SCHEMA: Any = {"type": "object", "properties": {"is_safe": {"type": "boolean"}}, "required": ["is_safe"]}


@pytest.fixture
def played(start_standin: Callable[..., Any]) -> Any:
    """A stand-in that plays it."""
    return start_standin("--also-responses")


def client_of(standin: Any) -> openai.OpenAI:
    """OpenAI's own client, led to a stand-in."""
    return openai.OpenAI(api_key="canary", base_url=standin.face, max_retries=0, timeout=30)


def test_it_is_not_there_unless_asked_for(standin: Any) -> None:
    """By default it is answered with 404, and the journal has the call under its nonce."""
    nonce = standin.script({"text": "Hello."})
    with pytest.raises(openai.NotFoundError):
        client_of(standin).responses.create(model=MODEL, input=f"Hi (ref {nonce})")
    (call,) = standin.calls(nonce)
    assert (call["status"], call["path"]) == (404, "/v1beta/openai/responses")


def test_a_text_comes_whole_and_streamed(played: Any) -> None:
    """The same script answers both ways, in events that the client reads, with its tokens counted."""
    client, text = client_of(played), "Hello there, how are you today?"
    whole = client.responses.create(model=MODEL, input=f"Hi (ref {played.script({'text': text})})")
    assert (whole.output_text, whole.status) == (text, "completed")
    asked = f"Hi (ref {played.script({'text': text, 'chunk_chars': 5})})"
    events = list(client.responses.create(model=MODEL, input=asked, stream=True))
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == text
    assert [e.sequence_number for e in events] == list(range(len(events)))
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == text
    assert last.response.usage is not None
    assert last.response.usage.total_tokens > 0


@pytest.mark.parametrize("streaming", [False, True])
async def test_the_agents_sdk_runs_a_tool_over_it(played: Any, streaming: bool) -> None:
    """An agent on the SDK's default model calls a tool, sends its result and its signature back, and answers."""
    agents.set_tracing_disabled(True)
    nonce = played.script(
        {"calls": [{"name": "get_weather", "arguments": {"city": "Rome"}}]}, {"text": "Sunny in Rome."}
    )

    @agents.function_tool
    def get_weather(city: str) -> str:
        """The weather."""
        return f"sunny in {city}"

    client = openai.AsyncOpenAI(base_url=played.face, api_key="canary")
    model = agents.OpenAIResponsesModel(model=MODEL, openai_client=client)
    agent = agents.Agent(name="weather", instructions="Be kind.", tools=[get_weather], model=model)
    if streaming:
        run = agents.Runner.run_streamed(agent, f"Weather? (ref {nonce})")
        async for _ in run.stream_events():
            pass
        said = run.final_output
    else:
        said = (await agents.Runner.run(agent, f"Weather? (ref {nonce})")).final_output
    assert said == "Sunny in Rome."
    first, second = played.calls(nonce, calls=2, finished=2, timeout=30)
    assert (first["position"], second["position"], second["complaints"]) == (0, 1, [])
    messages = second["body"]["messages"]
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "tool"]
    assert messages[3]["content"] == "sunny in Rome"


def test_a_schema_is_answered_with_what_fits(played: Any) -> None:
    """A format that names a schema gets JSON that fits it, as on the other faces."""
    made = client_of(played).responses.create(
        model=MODEL, input="Is it safe?", text={"format": {"type": "json_schema", "name": "verdict", "schema": SCHEMA}}
    )
    assert json.loads(made.output_text) == {"is_safe": True}


def test_an_error_is_an_object_and_not_a_list(played: Any) -> None:
    """A scripted refusal comes as the client's own error, with its message."""
    nonce = played.script({"fault": {"kind": "http", "status": 429}})
    with pytest.raises(openai.RateLimitError, match="quota"):
        client_of(played).responses.create(model=MODEL, input=f"Hi (ref {nonce})", tools=[TOOL])


def test_a_cut_stream_has_no_last_event(played: Any) -> None:
    """A fault breaks this stream as it breaks the other."""
    nonce = played.script({"text": "One two three four five.", "fault": {"kind": "cut", "after": 1}})
    events: list[Any] = []
    with pytest.raises(Exception, match=r"(?i)peer closed|incomplete|connection"):
        events += client_of(played).responses.create(model=MODEL, input=f"Hi (ref {nonce})", tools=[TOOL], stream=True)
    assert "response.completed" not in [event.type for event in events]
