"""A capability that was not declared: absent where a server says so, broken where it merely fails."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from chatkit_conformance.http.client import Client
from chatkit_conformance.running.capabilities import PROBES
from chatkit_conformance.running.environment import TestEnvironment
from chatkit_conformance.talk import Talk
from chatkit_conformance.target.target import Target
from chatkit_conformance.transcript import Event, Reply

ITEMS = ("user_message", "assistant_message")
FIRST = Reply(
    label="discovery",
    request={"type": "threads.create", "params": {}},
    status=200,
    headers={"content-type": "text/event-stream"},
    events=tuple(
        Event(
            index=n,
            at=0.0,
            raw="{}",
            data={"type": "thread.item.done", "item": {"id": f"i{n}", "type": kind, "thread_id": "t1"}},
        )
        for n, kind in enumerate(ITEMS)
    ),
)
"""A first turn with both its messages."""

Said = tuple[str, str]
"""The status line of an answer, and its body."""

CRASH = ("500 Internal Server Error", "Internal Server Error")
UNKNOWN = ("400 Bad Request", '{"error": "no such request"}')
NONE = ("501 Not Implemented", "{}")
TOLD = ("500 Internal Server Error", '{"error": "Retry is not supported."}')
ERROR = ("200 OK", 'data: {"type": "error", "code": "stream.error", "allow_retry": true}\n\n')
OFFERED_NOT = ("200 OK", 'data: {"type": "error", "code": "custom", "message": "Unsupported request."}\n\n')
SILENT = ("200 OK", 'data: {"type": "progress_update", "text": "Working"}\n\n')
REMOVED = ("200 OK", 'data: {"type": "thread.item.removed", "item_id": "i1"}\n\n')


def serves(asked: Said, unknown: Said) -> Any:
    """Answers a request of a known type with the one, and any other with the other."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(next(line.split(b":")[1] for line in head.lower().split(b"\r\n") if b"content-length" in line))
        told = json.loads(await reader.readexactly(length))
        status, body = unknown if "frobnicate" in told["type"] else asked
        kind = "text/event-stream" if body.startswith("data:") else "application/json"
        head_ = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write((head_ + body).encode())
        await writer.drain()

    return answer


@pytest.mark.parametrize(
    ("name", "asked", "unknown", "there"),
    [
        ("retry", REMOVED, UNKNOWN, True),
        ("retry", UNKNOWN, UNKNOWN, False),
        ("retry", NONE, UNKNOWN, False),
        ("retry", CRASH, UNKNOWN, True),
        ("retry", CRASH, CRASH, False),
        ("retry", TOLD, UNKNOWN, False),
        ("retry", ERROR, UNKNOWN, True),
        ("retry", ERROR, ERROR, False),
        ("retry", OFFERED_NOT, UNKNOWN, False),
        ("retry", SILENT, UNKNOWN, True),
        ("feedback", ("202 Accepted", "{}"), UNKNOWN, True),
        ("feedback", CRASH, UNKNOWN, True),
        ("feedback", UNKNOWN, UNKNOWN, False),
        ("attachments", CRASH, UNKNOWN, False),
    ],
)
async def test_what_fails_is_not_taken_for_what_is_not_there(
    serving: Any, name: str, asked: Said, unknown: Said, there: bool
) -> None:
    """A refusal, words that say so, and what any unknown type is answered with mean: not there. The rest is judged."""
    async with serving(serves(asked, unknown)) as url, Client(url, "/chatkit") as client:
        target = Target(url=f"{url}/chatkit", upstream="none")
        talk = Talk(exchange="x", dialect="gemini-3", target=target, client=client, server=TestEnvironment(target))
        found, seen = await PROBES[name](talk, FIRST)
    assert found is there
    assert asked[0].split()[0] in seen
