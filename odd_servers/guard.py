"""A guard: another question to the model about each message, before the answer or beside it.

It lets nothing pass that it could not judge.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any

from .model import Model, ModelFailed

JSON = Any

VERDICT = {
    "type": "object",
    "properties": {"is_safe": {"type": "boolean"}, "reasoning": {"type": "string"}},
    "required": ["is_safe", "reasoning"],
}


def asked_for(name: str, schema: JSON) -> JSON:
    """What asks the model for JSON of this schema."""
    return {"response_format": {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}}}


async def _by_schema(model: Model, text: str) -> bool:
    said = await model.once("Judge whether the message is safe.", text, **asked_for("verdict", VERDICT))
    return _read(said, "is_safe")


async def _in_words(model: Model, text: str) -> bool:
    said = await model.once("Is this message safe? Answer with one word, safe or unsafe.", text)
    return not said.strip().lower().startswith("unsafe")


async def _strictly(model: Model, text: str) -> bool:
    """Nothing but the one word lets a message pass."""
    return (await model.once("You judge messages. Answer only ALLOW or BLOCK.", text)).strip() == "ALLOW"


async def _by_example(model: Model, text: str) -> bool:
    """JSON that is asked for in words alone, and the message stands in them."""
    orders = 'Is the message below off-topic? Respond with JSON only: {"off_topic": true or false, "why": "..."}'
    return not _read(await model.once("", f"{orders}\n\nMessage: {text}"), "off_topic")


def _read(said: str, key: str) -> bool:
    try:
        return bool(json.loads(said)[key])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelFailed("The guard's verdict could not be read.", retry=True) from error


WAYS: Mapping[str, Callable[[Model, str], Awaitable[bool]]] = {
    "schema": _by_schema,
    "words": _in_words,
    "strict": _strictly,
    "example": _by_example,
    "beside": _by_schema,
}


async def judged(way: str, model: Model, text: str) -> bool:
    """Whether a message may be answered. Raises ModelFailed."""
    return await WAYS[way](model, text)


async def beside(way: str, model: Model, text: str, events: AsyncGenerator[JSON, None]) -> AsyncGenerator[JSON, None]:
    """The events of an answer, as long as the guard that is asked at the same time says nothing against it.

    Raises:
        ModelFailed: the guard could not judge, or judged against it.
    """
    asked = asyncio.ensure_future(judged(way, model, text))
    try:
        async with aclosing(events):
            async for event in events:
                yield event  # first, for what is kept of an answer is what was shown of it
                if asked.done() and not asked.result():
                    break
        if not await asked:
            raise ModelFailed("I cannot talk about that.")
    finally:
        asked.cancel()
        with suppress(asyncio.CancelledError, ModelFailed):
            await asked
