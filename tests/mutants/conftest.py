"""Streams and applications to lie about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from mutants.between import Between, Message, Receive, Send
from mutants.mutant import Event, Memory, Wire

THREAD = {
    "id": "thr_1",
    "created_at": "2026-01-01T00:00:00",
    "status": {"type": "active"},
    "items": {"data": [], "has_more": False},
}
SHARED = {"thread_id": "thr_1", "created_at": "2026-01-01T00:00:00"}
QUESTION = {**SHARED, "id": "msg_u", "type": "user_message", "content": [{"type": "input_text", "text": "Hello?"}]}
TEXT = ("Hello ", "there, ", "friend.")


def answer(text: str) -> dict[str, Any]:
    """An assistant message with that text, or without content."""
    content = [{"type": "output_text", "text": text, "annotations": []}] if text else []
    return {**SHARED, "id": "msg_a", "type": "assistant_message", "content": content}


def update(kind: str, **fields: Any) -> Event:
    """An update of the assistant message."""
    made = {"type": f"assistant_message.content_part.{kind}", "content_index": 0, **fields}
    return {"type": "thread.item.updated", "item_id": "msg_a", "update": made}


def a_stream() -> list[Event]:
    """A new thread, the user's message, a progress update, an answer in three pieces."""
    whole = "".join(TEXT)
    part = {"type": "output_text", "text": whole, "annotations": []}
    return [
        {"type": "thread.created", "thread": THREAD},
        {"type": "thread.item.done", "item": QUESTION},
        {"type": "stream_options", "stream_options": {"allow_cancel": True}},
        {"type": "progress_update", "text": "Looking"},
        {"type": "thread.item.added", "item": answer("")},
        update("added", content={**part, "text": ""}),
        *(update("text_delta", delta=piece) for piece in TEXT),
        update("done", content=part),
        {"type": "thread.item.done", "item": answer(whole)},
    ]


class Played:
    """What came out of an application: status, headers, body, and whether it broke."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.writes: list[bytes] = []
        self.broke = False

    @property
    def body(self) -> bytes:
        """All that was written."""
        return b"".join(self.writes)

    @property
    def events(self) -> list[Event]:
        """The events of the stream."""
        blocks = self.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n")
        lines = [[x for x in b.split(b"\n") if x.startswith(b"data:")] for b in blocks]
        return [json.loads(b"\n".join(x.removeprefix(b"data:") for x in found)) for found in lines if found]


class Stage:
    """Plays an application through a `Wire`; one stage is one server, so it remembers between requests."""

    def __init__(self, wire: Wire) -> None:
        self.asked: list[Any] = []
        self.seen_headers: list[dict[str, str]] = []
        self._answer: tuple[int, str, list[bytes]] = (200, "application/json", [b"{}"])
        self._app = Between(self._serve, wire)

    async def stream(self, events: Iterable[Event], request: Any = None, **headers: str) -> Played:
        """Ask, and let the application answer with a stream."""
        pieces = [b"data: " + json.dumps(e, ensure_ascii=False).encode() + b"\n\n" for e in events]
        self._answer = (200, "text/event-stream", pieces)
        return await self._play(request or {"type": "threads.create", "params": {}}, headers)

    async def answer(self, body: Any, request: Any, *, status: int = 200, **headers: str) -> Played:
        """Ask, and let the application answer with JSON."""
        self._answer = (status, "application/json", [json.dumps(body).encode()])
        return await self._play(request, headers)

    async def _play(self, request: Any, headers: dict[str, str]) -> Played:
        played = Played()
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                played.status = message["status"]
                played.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            elif message.get("body"):
                played.writes.append(message["body"])

        sent = [(k.encode(), v.encode()) for k, v in headers.items()]
        try:
            await self._app({"type": "http", "method": "POST", "path": "/chatkit", "headers": sent}, receive, send)
        except ConnectionAbortedError:
            played.broke = True
        return played

    async def _serve(self, scope: Any, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        self.asked.append(json.loads(body) if body.endswith(b"}") else body)
        self.seen_headers.append({k.decode(): v.decode() for k, v in scope["headers"]})
        status, kind, pieces = self._answer
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]})
        for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@pytest.fixture
def events() -> list[Event]:
    """A stream in order."""
    return a_stream()


@pytest.fixture
def memory() -> Memory:
    """A server that remembers nothing yet."""
    return Memory()


@pytest.fixture
def stage() -> type[Stage]:
    """Makes a stage for a wire."""
    return Stage
