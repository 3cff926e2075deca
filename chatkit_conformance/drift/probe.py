"""Ask a Gemini endpoint the few questions that show its wire: text, tool calls, both whole, a mistake, its models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from ..cassette.scrub import scrub_text

GOOGLE = "https://generativelanguage.googleapis.com/v1beta/openai/"
ANSWER_S = 60.0
MOST_TOKENS = 2_000
"""Of each answer. Thinking counts, so a smaller number would leave answers empty."""

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as it came, scrubbed."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Unanswered(Exception):
    """The endpoint could not be asked. The message says what came."""


def questions(model: str) -> dict[str, dict[str, Any]]:
    """The questions by name: the body of each request to chat/completions."""
    text = {"model": model, "max_tokens": MOST_TOKENS, "messages": [{"role": "user", "content": "Count to twenty."}]}
    call = {
        **text,
        "messages": [
            {"role": "user", "content": "What is the weather in Paris, and what is it in London? Use the tool."}
        ],
        "tools": [TOOL],
    }
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    return {
        "text, streamed": {**text, **streamed},
        "tool calls, streamed": {**call, **streamed},
        "text, whole": text,
        "tool calls, whole": call,
        "unknown model": {**text, "model": "gemini-there-is-none"},
    }


async def ask_all(base_url: str, key: str, model: str) -> dict[str, Answer]:
    """Every answer by the name of its question, and the list of models. Raises Unanswered."""
    headers = {"authorization": f"Bearer {key}"}
    made: dict[str, Answer] = {}
    async with httpx.AsyncClient(base_url=base_url.rstrip("/") + "/", headers=headers, timeout=ANSWER_S) as http:
        try:
            for name, body in questions(model).items():
                made[name] = _answer(await http.post("chat/completions", json=body), key)
            made["models"] = _answer(await http.get("models"), key)
        except httpx.HTTPError as error:
            raise Unanswered(f"{base_url} cannot be reached: {type(error).__name__}: {error}") from error
    return made


def _answer(response: httpx.Response, key: str) -> Answer:
    headers = {name.lower(): scrub_text(value, [key]) for name, value in response.headers.items()}
    return Answer(status=response.status_code, text=scrub_text(response.text, [key]), headers=headers)
