"""What is asked beside words is answered as Gemini answers it, and is no part of any conversation."""

from __future__ import annotations

import math
from typing import Any

import httpx
import openai
import pytest
from google import genai
from google.genai import types

MODEL = "gemini-embedding-001"


def near(a: list[float], b: list[float]) -> float:
    """The cosine of two vectors of length 1."""
    return sum(x * y for x, y in zip(a, b, strict=True))


async def test_openais_client_gets_vectors(standin: Any) -> None:
    """By default in base64, as floats where that is asked for, in the size that is asked for, each of length 1."""
    async with openai.AsyncOpenAI(api_key="canary", base_url=standin.face, max_retries=0) as client:
        texts = ["Feed the cat", "feed the cat!", "Quarterly figures"]
        made = await client.embeddings.create(model=MODEL, input=texts, dimensions=256)
        floats = await client.embeddings.create(model=MODEL, input="Feed the cat", encoding_format="float")
        listed = [model.id async for model in client.models.list()]
    first, second, other = (row.embedding for row in made.data)
    assert len(first) == 256
    assert len(floats.data[0].embedding) == 3072
    assert math.isclose(near(first, first), 1.0, abs_tol=1e-3)
    assert near(first, second) > 0.99 > 0.5 > near(first, other)
    assert made.usage.total_tokens > 0
    assert f"models/{MODEL}" in listed


def test_googles_client_gets_vectors_and_counts(standin: Any) -> None:
    """One text, several, and how many tokens there are."""
    client = genai.Client(api_key="canary", http_options=types.HttpOptions(base_url=standin.url))
    config = types.EmbedContentConfig(output_dimensionality=64)
    texts: Any = ["Feed the cat", "Buy milk"]
    made = client.models.embed_content(model=MODEL, contents=texts, config=config)
    assert [len(row.values or ()) for row in made.embeddings or ()] == [64, 64]
    counted = client.models.count_tokens(model="gemini-3.8-flash", contents="Feed the cat, please.")
    assert (counted.total_tokens or 0) > 2


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"input": []}', '{"input": [1, 2]}'])
def test_what_has_no_text_is_refused(standin: Any, body: str) -> None:
    """400, and not a vector of nothing."""
    answer = httpx.post(f"{standin.face}embeddings", content=body)
    assert answer.status_code == 400


def test_no_conversation_has_them(standin: Any) -> None:
    """A text that a conversation's message stands in takes no step of its script, and is none of its requests."""
    nonce = standin.script({"text": "Hello."})
    httpx.post(f"{standin.face}embeddings", json={"model": MODEL, "input": f"Hi (ref {nonce})"}).raise_for_status()
    assert standin.calls(nonce) == []
    assert any(call["path"].endswith("/embeddings") and call["matched"] for call in standin.calls())
