"""A front that speaks HTTP/1.0: no chunks, no connection used twice, the end of an answer is the end of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading

import httpx

from chatkit_conformance.running.process import free_port

_BEHIND = "behind"
_HOPS = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


def in_front() -> None:
    """Listen on the server's port, and send the server itself to another one."""
    port = int(os.environ.get("PORT", "0"))
    behind = free_port()
    listener = socket.create_server(("127.0.0.1", port), backlog=512)
    threading.Thread(target=lambda: asyncio.run(_serve(listener, behind)), daemon=True).start()
    os.environ["PORT"] = str(behind)
    # The first address that a program prints is where it is asked.
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()


async def _serve(listener: socket.socket, behind: int) -> None:
    timeout = httpx.Timeout(120.0, connect=2.0)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=timeout, trust_env=False, limits=limits) as client:

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, EOFError, ValueError):
                asked = await _asked(reader)
                passing = asyncio.ensure_future(_pass(client, behind, asked, writer))
                # What comes behind the request's body is the caller's leaving.
                leaving = asyncio.ensure_future(reader.read(1))
                await asyncio.wait({passing, leaving}, return_when=asyncio.FIRST_COMPLETED)
                for task in (passing, leaving):
                    task.cancel()
                await asyncio.gather(passing, leaving, return_exceptions=True)
            writer.close()

        server = await asyncio.start_server(answer, sock=listener, limit=1 << 20)
        await server.serve_forever()


async def _asked(reader: asyncio.StreamReader) -> httpx.Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in head[1:]) if name]
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    kept = [(name, value) for name, value in headers if name.lower() not in _HOPS]
    return httpx.Request(method, f"http://{_BEHIND}{path}", headers=kept, content=await reader.readexactly(length))


async def _pass(client: httpx.AsyncClient, behind: int, asked: httpx.Request, writer: asyncio.StreamWriter) -> None:
    asked.url = asked.url.copy_with(host="127.0.0.1", port=behind)
    try:
        answer = await client.send(asked, stream=True)
        async with contextlib.aclosing(answer):
            told = [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() not in _HOPS]
            lines = [f"HTTP/1.0 {answer.status_code} {answer.reason_phrase}", *told, "connection: close", "", ""]
            writer.write("\r\n".join(lines).encode("latin-1"))
            async for piece in answer.aiter_raw():
                writer.write(piece)
                await writer.drain()
    except httpx.HTTPError:
        # Not up yet, or not any more.
        writer.write(b"HTTP/1.0 503 Service Unavailable\r\nconnection: close\r\n\r\n")
    await writer.drain()
