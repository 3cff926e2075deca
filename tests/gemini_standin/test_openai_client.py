"""The real openai client against the stand-in: what a server under test sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest


@pytest.fixture
async def client(standin: Any) -> AsyncIterator[openai.AsyncOpenAI]:
    """A client as a server makes it."""
    made = openai.AsyncOpenAI(api_key="canary", base_url=standin.face, max_retries=0, timeout=60)
    async with made:
        yield made


async def test_text_streams(standin: Any, client: openai.AsyncOpenAI) -> None:
    """A streamed text arrives in its chunks, over gzip, with usage in each."""
    text = "Hello, the sky is clear over Paris today."
    body = standin.body(standin.script({"text": text, "chunk_chars": 10}))
    body["stream_options"] = {"include_usage": True}
    chunks = [c async for c in await client.chat.completions.create(**body)]
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == text
    assert all(c.usage and c.usage.total_tokens > c.usage.prompt_tokens for c in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"


@pytest.mark.parametrize("profile", ["gemini-3", "gemini-3.8", "gemini-2.5", "gemini-2.5-pro-2025", "gemini-2.0"])
async def test_a_tool_round_trip(standin: Any, client: openai.AsyncOpenAI, profile: str) -> None:
    """The call goes out, its result and signature come back, and the second step answers, in every dialect."""
    nonce = standin.script(
        {"calls": [{"name": "get_weather", "arguments": {"city": "Paris"}}]}, {"text": "18 degrees."}, profile=profile
    )
    body = standin.body(nonce, stream=False)
    first = (await client.chat.completions.create(**body)).choices[0]
    assert first.finish_reason == "tool_calls"
    assert first.message.tool_calls
    call = first.message.tool_calls[0].model_dump(exclude_none=True)
    answer = {"role": "tool", "tool_call_id": call["id"], "content": "18"}
    body["messages"] += [{"role": "assistant", "content": None, "tool_calls": [call]}, answer]
    second = (await client.chat.completions.create(**body)).choices[0]
    assert second.message.content == "18 degrees."
    assert [c["position"] for c in standin.calls(nonce)] == [0, 1]
    assert [c["complaints"] for c in standin.calls(nonce)] == [[], []]


async def test_errors_arrive_as_the_right_classes(standin: Any, client: openai.AsyncOpenAI) -> None:
    """Statuses become the client's exceptions, whose body is Gemini's list."""
    classes = {
        400: openai.BadRequestError,
        403: openai.PermissionDeniedError,
        404: openai.NotFoundError,
        429: openai.RateLimitError,
        503: openai.InternalServerError,
    }
    for status, kind in classes.items():
        nonce = standin.script({"fault": {"kind": "http", "status": status}})
        with pytest.raises(kind) as caught:
            await client.chat.completions.create(**standin.body(nonce))
        assert isinstance(caught.value.body, list), status


async def test_models_list_reads(standin: Any, client: openai.AsyncOpenAI) -> None:
    """The client reads the model list."""
    assert "models/gemini-3.8-flash" in [model.id async for model in client.models.list()]
