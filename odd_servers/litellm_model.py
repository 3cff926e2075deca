"""Asks Gemini through its own API, with LiteLLM's provider gemini/, which takes its address from GEMINI_API_BASE.

The server that is right asks for no stream. Asked for one, LiteLLM 1.106.12 loses U+2028 and U+2029 of a text, at which
its reader breaks lines, and gives a stream that was cut off a finish of its own: stream.text-other-scripts,
stream.answer-from-model and errors.fault-reported find that, and nothing else was found.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from typing import Any

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it asks the internet for prices when it is loaded

import litellm

from .model import Answer, Model, ModelFailed

JSON = Any

BUSY = (
    litellm.RateLimitError,
    litellm.ServiceUnavailableError,
    litellm.InternalServerError,
    litellm.BadGatewayError,
    litellm.Timeout,
    litellm.APIConnectionError,
)
"""What may succeed when it is asked again."""


class LiteLLMModel(Model):
    """Gemini, asked by LiteLLM: OpenAI's messages on this side, generateContent on the other."""

    def __init__(self, *, streams: bool) -> None:
        self.streams = streams
        self.name = f"gemini/{os.environ.get('GEMINI_MODEL', 'gemini-3.5-flash')}"

    async def ask(self, messages: list[JSON], answer: Answer, **more: JSON) -> AsyncGenerator[str, None]:
        """The text as it comes; `answer` holds all of it at the end. Raises ModelFailed."""
        try:
            said = await litellm.acompletion(
                model=self.name,
                messages=messages,
                stream=self.streams,
                api_base=os.environ["GEMINI_API_BASE"],
                api_key=os.environ["GEMINI_API_KEY"],
                timeout=30,
                num_retries=0,
                max_retries=0,
                **more,
            )
            if self.streams:
                async for chunk in said:
                    if new := _take(answer, chunk, "delta"):
                        yield new
            elif new := _take(answer, said, "message"):
                yield new
        except BUSY as error:
            raise ModelFailed("The model is busy.", retry=True) from error
        except litellm.APIError as error:
            raise ModelFailed("The model refused the request.") from error
        except Exception as error:  # LiteLLM raises whatever its parsers trip over
            raise ModelFailed("The model's answer could not be read.", retry=True) from error
        if answer.finish == "length" and answer.text:
            return
        if answer.finish not in ("stop", "tool_calls") or not (answer.text or answer.calls):
            raise ModelFailed("The model gave no answer.", retry=True)


def _take(answer: Answer, said: JSON, where: str) -> str:
    new = ""
    for choice in said.choices:
        part = getattr(choice, where).model_dump(exclude_none=True)
        new += answer.take(part)
        answer.finish = choice.finish_reason or answer.finish
    return new
