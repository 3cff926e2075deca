"""The probe server: a server whose every event carries the moment at which it was sent, to measure the generator with.

    python -m chatkit_conformance.load_analysis.probe_server --first-s 0.2 --gap-s 0.01 --chunks 50

It speaks just enough ChatKit for a turn: `thread.created`, the user's message, and an answer whose text deltas are
`time.monotonic()` seconds, stamped just before the write. Whoever reads a delta at a later moment of the same clock
knows its own error. Each answer is on an absolute schedule. It keeps threads only to answer a reload.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
THREADS = 50_000
"""Threads remembered; the oldest go first."""

_IDS = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When deltas are due: seconds to the first, seconds between them, and how many."""

    first_s: float = 0.2
    gap_s: float = 0.01
    chunks: int = 50


@dataclass(slots=True)
class Memory:
    """The items of each thread, as a reload shows them."""

    threads: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, thread: str, item: dict[str, Any]) -> None:
        """Keep an item, and forget the oldest thread where there are too many."""
        self.threads.setdefault(thread, []).append(item)
        if len(self.threads) > THREADS:
            del self.threads[next(iter(self.threads))]


def event(value: Any) -> bytes:
    """An event as one chunk of the transfer."""
    data = b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(data), data)


class Speaker(asyncio.Protocol):
    """One connection: requests in, answers out, one after the other."""

    def __init__(self, schedule: Schedule, memory: Memory) -> None:
        self._schedule = schedule
        self._memory = memory
        self._loop = asyncio.get_running_loop()
        self._rest = b""
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = transport  # type: ignore[assignment]  # a TCP server's transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop speaking."""
        self._transport = None
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer a request once it is whole."""
        self._rest += data
        head, blank, body = self._rest.partition(b"\r\n\r\n")
        if not blank:
            return
        length = next((int(h[15:]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
        if len(body) < length:
            return
        self._rest = body[length:]
        self._answer(json.loads(body[:length] or b"{}"))

    def _answer(self, request: dict[str, Any]) -> None:
        params = request.get("params", {})
        kind = request.get("type")
        if kind in ("threads.create", "threads.add_user_message"):
            self._turn(params)
            return
        if kind == "threads.get_by_id":
            items = self._memory.threads.get(params.get("thread_id"), [])
            value: Any = {"id": params.get("thread_id"), "created_at": "2026-01-01T00:00:00", "items": page(items)}
        elif kind == "items.list":
            value = page(self._memory.threads.get(params.get("thread_id"), []))
        else:
            value = page([])
        body = json.dumps(value).encode()
        self._write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
        )

    def _turn(self, params: dict[str, Any]) -> None:
        begun = self._loop.time()
        thread = params.get("thread_id") or f"thr_{next(_IDS)}"
        created = "2026-01-01T00:00:00"
        user = {
            "id": f"msg_{next(_IDS)}",
            "thread_id": thread,
            "created_at": created,
            "type": "user_message",
            "content": params.get("input", {}).get("content", []),
            "attachments": [],
            "inference_options": {},
        }
        opening = (
            []
            if "thread_id" in params
            else [{"type": "thread.created", "thread": {"id": thread, "created_at": created, "items": page([])}}]
        )
        opening.append({"type": "thread.item.done", "item": user})
        self._memory.add(thread, user)
        item: dict[str, Any] = {
            "id": f"msg_{next(_IDS)}",
            "thread_id": thread,
            "created_at": created,
            "type": "assistant_message",
            "content": [],
        }
        opening.append({"type": "thread.item.added", "item": item})
        self._write(HEAD + b"".join(event(value) for value in opening))
        self._due(begun, 0, item, [])

    def _due(self, begun: float, n: int, item: dict[str, Any], said: list[str]) -> None:
        at = begun + self._schedule.first_s + n * self._schedule.gap_s
        self._timer = self._loop.call_at(at, self._say, begun, n, item, said)

    def _say(self, begun: float, n: int, item: dict[str, Any], said: list[str]) -> None:
        if self._transport is None:
            return
        if n < self._schedule.chunks:
            text = f"{time.monotonic():.6f} "
            said.append(text)
            data = (
                b'data: {"type":"thread.item.updated","item_id":"%b","update":'
                b'{"type":"assistant_message.content_part.text_delta","content_index":0,"delta":"%b"}}\n\n'
            ) % (item["id"].encode(), text.encode())
            self._write(b"%x\r\n%b\r\n" % (len(data), data))
            self._due(begun, n + 1, item, said)
            return
        item = {**item, "content": [{"type": "output_text", "text": "".join(said), "annotations": []}]}
        self._memory.add(item["thread_id"], item)
        self._write(event({"type": "thread.item.done", "item": item}) + b"0\r\n\r\n")

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def page(items: list[dict[str, Any]]) -> dict[str, Any]:
    """One page that holds everything."""
    return {"data": items, "has_more": False, "after": None}


async def serve(port: int, schedule: Schedule) -> None:
    """Listen, print the URL, and answer until cancelled."""
    loop = asyncio.get_running_loop()
    memory = Memory()
    server = await loop.create_server(lambda: Speaker(schedule, memory), "127.0.0.1", port, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201  # its only output
    await server.serve_forever()


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m chatkit_conformance.load_analysis.probe_server",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="where to listen; 0 for a free port")
    for name, kind in (("first_s", float), ("gap_s", float), ("chunks", int)):
        default = getattr(Schedule(), name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=default, help="default: %(default)s")
    given = parser.parse_args(argv)
    schedule = Schedule(first_s=given.first_s, gap_s=given.gap_s, chunks=given.chunks)
    runner = asyncio.run
    if sys.platform != "win32":
        import uvloop

        runner = uvloop.run
    try:
        runner(serve(given.port, schedule))
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
