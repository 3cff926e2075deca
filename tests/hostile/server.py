"""A ChatKit server on bare sockets, so that a hostile one can send any bytes it likes, at any moment.

It is honest where no hostility takes its place: it lists, opens and reads threads, and answers a message with what the
model answered. It starts in a tenth of a second and keeps everything in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatkit_conformance.transcript import JSON

LONGEST_HEAD = 1 << 20
"""Bytes of a request's head."""

OK_STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
"""The head of a stream that ends with its connection."""

PAGE: JSON = {"data": [], "has_more": False, "after": None}
"""A list with nothing in it."""

TOOLS: list[JSON] = [
    {
        "type": "function",
        "function": {
            "name": "add_todo",
            "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        },
    },
    {"type": "function", "function": {"name": "show_todos", "parameters": {"type": "object", "properties": {}}}},
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, as it came. `payload` is its JSON object, {} where it is none."""

    head: bytes
    body: bytes
    payload: Mapping[str, JSON]

    @property
    def type(self) -> str:
        """Its ChatKit type, or ""."""
        return str(self.payload.get("type", ""))

    @property
    def streams(self) -> bool:
        """Whether its answer is a stream."""
        return self.type in ("threads.create", "threads.add_user_message")


Act = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]
"""Answers one request, in bytes of its own. The connection is closed behind it."""


async def read_request(reader: asyncio.StreamReader) -> Asked | None:
    """The next request of a connection, or None where it ended."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        body = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return None
    payload: Any = None
    with contextlib.suppress(ValueError):
        payload = json.loads(body)
    return Asked(head=head, body=body, payload=payload if isinstance(payload, dict) else {})


def answer(value: JSON, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """A whole answer with a length."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body


def event(**data: JSON) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def delta(text: str) -> bytes:
    """The event that adds these words to the answer."""
    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": text}
    return event(type="thread.item.updated", item_id="m0", update=update)


def thread_event(thread_id: str) -> bytes:
    """The event with which a new thread begins."""
    thread = {"id": thread_id, "created_at": "2026-01-01T00:00:00Z", "status": {"type": "active"}, "metadata": {}}
    return event(type="thread.created", thread={**thread, "items": PAGE})


class Honest:
    """Answers as a small, right server does."""

    def __init__(self) -> None:
        self._threads: dict[str, list[JSON]] = {}
        self._ids = itertools.count()

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        params: Any = asked.payload.get("params") or {}
        if asked.type == "threads.list":
            writer.write(answer(PAGE))
        elif asked.type == "threads.get_by_id":
            page = {"data": self._threads.get(params.get("thread_id"), []), "has_more": False, "after": None}
            writer.write(answer({"id": params.get("thread_id"), "items": page}))
        elif asked.streams:
            writer.write(OK_STREAM)
            await self._turn(asked, params, writer)
        else:
            writer.write(answer({"detail": "not found"}, "404 Not Found"))
        await writer.drain()

    async def _turn(self, asked: Asked, params: Any, writer: asyncio.StreamWriter) -> None:
        thread_id = params.get("thread_id") or f"thr_{next(self._ids)}"
        if asked.type == "threads.create":
            writer.write(thread_event(thread_id))
        said = await asked_model(asked)
        writer.write(delta(said))
        item = {"id": f"m{next(self._ids)}", "type": "assistant_message", "text": said}
        self._threads.setdefault(thread_id, []).append(item)


async def asked_model(asked: Asked) -> str:
    """What the model answers to a message: who asks it can be directed, and is judged by what it does then."""
    params: Any = asked.payload.get("params") or {}
    return await asyncio.to_thread(_model, params["input"]["content"][0]["text"])


def _model(text: str) -> str:
    """The model's answer to a message, its tools called and answered."""
    base_url = os.environ.get("GEMINI_BASE_URL", "")
    messages: list[JSON] = [{"role": "user", "content": text}]
    said = ""
    for _ in range(4):
        body = {"model": "gemini-3.8-flash", "messages": messages, "tools": TOOLS}
        request = urllib.request.Request(
            base_url.rstrip("/") + "/chat/completions",
            json.dumps(body).encode(),
            {"content-type": "application/json", "authorization": f"Bearer {os.environ.get('GEMINI_API_KEY', '')}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with contextlib.suppress(OSError), opener.open(request, timeout=20) as response:
            message = json.loads(response.read())["choices"][0]["message"]
            said += message.get("content") or ""
            if not (made := message.get("tool_calls")):
                return said
            messages.append({"role": "assistant", "tool_calls": made})
            messages += [{"role": "tool", "tool_call_id": call["id"], "content": "done"} for call in made]
            continue
        return said
    return said


async def serve(act: Act, *, host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
    """Listen, and let `act` answer each connection's request. Returns the server, listening."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            asked = await read_request(reader)
            if asked is not None:
                await act(asked, writer)
        with contextlib.suppress(ConnectionError):
            writer.close()

    return await asyncio.start_server(connected, host, port, limit=LONGEST_HEAD)
