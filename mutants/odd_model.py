"""What near misses do towards the model: other roles and shapes of messages, summaries, requests beside the turn's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import httpx
from chatkit.types import UserMessageItem

from reference_server.chat import TaskChat

from .inside import Method, around
from .instruction_lies import Rows
from .model_lies import turn_start
from .mutant import Event

WINDOW = 12
"""Messages of the past that go to the model as they are; those before are told in the instructions."""

ASIDE_S = 10.0
"""Seconds that a request beside the conversation may take."""


def developer(rows: Rows) -> Rows:
    """The instructions are the developer's."""
    return [{**m, "role": "developer"} if m.get("role") == "system" else m for m in rows]


def in_parts(rows: Rows) -> Rows:
    """Texts are lists of one part."""
    for m in rows:
        if m.get("role") in ("user", "system") and isinstance(m.get("content"), str):
            m["content"] = [{"type": "text", "text": m["content"]}]
    return rows


def named_in_full(body: Event) -> Event:
    """The model is called by its whole name."""
    return {**body, "model": f"models/{str(body['model']).removeprefix('models/')}"}


def thinking(body: Event) -> Event:
    """The model is told how much to think, and how warm to be."""
    return {**body, "reasoning_effort": "low", "temperature": 0.4, "max_tokens": 8192}


def summarised(rows: Rows) -> Rows:
    """Of a long thread the older messages are told in the instructions, word by word, the newest as they are."""
    spoken = [m for m in rows if m.get("role") != "system"]
    start = max(len(spoken) - WINDOW, 0)
    while start > 0 and spoken[start].get("role") != "user":
        start -= 1
    if start == 0:
        return rows
    told = "\n".join(f"{m['role']}: {m.get('content')}" for m in spoken[:start] if m.get("content"))
    system = [dict(m) for m in rows if m.get("role") == "system"]
    system[0]["content"] = f"{system[0]['content']}\nThe conversation so far, in short:\n{told}"
    return [*system, *spoken[start:]]


def in_instructions(rows: Rows) -> Rows:
    """All that was said before is told in the instructions."""
    start = turn_start({"messages": rows})
    past = [m for m in rows[:start] if m.get("role") != "system"]
    if not past or any(not isinstance(m.get("content"), str) for m in past):
        return rows
    told = "\n".join(f"{m['role']}: {m['content']}" for m in past)
    system = [dict(m) for m in rows if m.get("role") == "system"]
    system[0]["content"] = f"{system[0]['content']}\nWhat was said so far:\n{told}"
    return [*system, *rows[start:]]


def with_clock(rows: Rows) -> Rows:
    """The instructions tell the time."""
    for m in rows:
        if m.get("role") == "system":
            m["content"] = f"It is {datetime.now().isoformat()}.\n{m['content']}"
    return rows


def dated(rows: Rows) -> Rows:
    """A line above each message of the user's tells where it comes from."""
    for m in rows:
        if m.get("role") == "user" and isinstance(m.get("content"), str):
            m["content"] = f"[web, signed in]\n{m['content']}"
    return rows


# Beside the conversation


async def _aside(chat: TaskChat, asked: str, order: str, schema: dict[str, Any] | None) -> None:
    body: dict[str, Any] = {
        "model": chat._settings.gemini_model,
        "messages": [{"role": "system", "content": order}, {"role": "user", "content": asked}],
    }
    if schema is not None:
        wanted = {"name": "judgement", "schema": schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": wanted}
    headers = {"authorization": f"Bearer {chat._settings.gemini_api_key}"}
    with suppress(httpx.HTTPError):
        # The model's address is the environment's own: no proxy is for this leg.
        async with httpx.AsyncClient(timeout=ASIDE_S, trust_env=False) as client:
            await client.post(f"{chat._settings.gemini_base_url}chat/completions", json=body, headers=headers)


def _typed(message: UserMessageItem | None) -> str:
    return " ".join(part.text for part in message.content) if message else ""


def guarded(real: Method) -> Method:
    """A second model is asked before each turn whether the message is about tasks, and answers in JSON."""
    schema = {"type": "object", "properties": {"allowed": {"type": "boolean"}}, "required": ["allowed"]}

    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        if message is not None:
            await _aside(self, _typed(message), "Judge whether this message may be answered.", schema)
        async for event in real(self, thread, message, context):
            yield event

    return instead


def titled_by_model(real: Method) -> Method:
    """A second model is asked for a title beside the first turn."""
    asking: set[asyncio.Task[None]] = set()

    async def instead(self: TaskChat, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        if thread.title is None:
            order = "Write a title of at most five words for this conversation."
            task = asyncio.create_task(_aside(self, _typed(message), order, None))
            asking.add(task)
            task.add_done_callback(asking.discard)
        async for event in real(self, thread, message, context):
            yield event

    return instead


guard = around(TaskChat, "respond", guarded)
title_by_model = around(TaskChat, "respond", titled_by_model)


# Not streamed


def unstreamed(body: Event) -> Event:
    """The model is asked for its answer in one piece. The gateway makes a stream of it again."""
    return {k: v for k, v in body.items() if k not in ("stream", "stream_options")}


def as_stream(answer: bytes) -> bytes:
    """An answer in one piece as the stream of one chunk; anything else as it is."""
    try:
        value = json.loads(answer)
        choices = [
            {"index": c.get("index", 0), "delta": c["message"], "finish_reason": c.get("finish_reason")}
            for c in value["choices"]
        ]
    except (ValueError, KeyError, TypeError):
        return answer
    chunk = {**value, "object": "chat.completion.chunk", "choices": choices}
    return f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode()
