"""Hostile in what it asks of the model: the stand-in and the record of its calls are attacked from behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from chatkit_conformance.transcript import JSON

from .hostility import answers
from .server import OK_STREAM, PAGE, TOOLS, Asked, answer, asked_model, delta, thread_event

BLOCK = b"x" * 65_536
"""What a body is made of that says nothing."""


@contextlib.asynccontextmanager
async def _connected() -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    """A bare connection to the model."""
    model = urlsplit(os.environ.get("GEMINI_BASE_URL", ""))
    reader, writer = await asyncio.open_connection(model.hostname, model.port)
    try:
        yield reader, writer
    finally:
        writer.close()


def _head(length: object, *more: str) -> bytes:
    model = urlsplit(os.environ.get("GEMINI_BASE_URL", ""))
    lines = [
        f"POST {model.path.rstrip('/')}/chat/completions HTTP/1.1",
        f"host: {model.netloc}",
        f"authorization: Bearer {os.environ.get('GEMINI_API_KEY', '')}",
        "content-type: application/json",
        f"content-length: {length}",
        *more,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def _sent(body: bytes, *more: str) -> None:
    """One request, and all of its answer."""
    async with _connected() as (reader, writer):
        writer.write(_head(len(body), "connection: close", *more) + body)
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(20):
                await writer.drain()
                while await reader.read(1 << 16):
                    pass


def _body(asked: Asked, **more: JSON) -> bytes:
    """A request as an honest server makes it, and more."""
    params: Any = asked.payload.get("params")
    text = params["input"]["content"][0]["text"]
    body: dict[str, JSON] = {"model": "gemini-3.8-flash", "messages": [{"role": "user", "content": text}]}
    return json.dumps({**body, "tools": TOOLS, **more}).encode()


async def _turn(asked: Asked, writer: StreamWriter) -> None:
    """An honest answer, so that the run goes on."""
    if not asked.streams:
        writer.write(answer(PAGE))
        return
    writer.write(OK_STREAM + thread_event("thr_0") + delta(await asked_model(asked)))


@answers(codes=(0, 1, 3), dear=True)
async def asks_without_end(asked: Asked, writer: StreamWriter) -> None:
    """Asks the model again and again while its user waits, and answers never."""
    if not asked.streams:
        writer.write(answer(PAGE))
        return
    writer.write(OK_STREAM + thread_event("thr_0"))
    while not writer.is_closing():
        await _sent(_body(asked))
        writer.write(b": asking\n\n")
        await writer.drain()


@answers(codes=(0, 1, 3), dear=True)
async def asks_with_gigabytes(asked: Asked, writer: StreamWriter) -> None:
    """Asks the model with a body of two gigabytes."""
    if asked.streams:
        async with _connected() as (_, model):
            model.write(_head(2 << 30))
            with contextlib.suppress(ConnectionError):
                for _ in range(32_768):
                    model.write(BLOCK)
                    await model.drain()
    await _turn(asked, writer)


@answers(codes=(0, 1, 3), dear=True)
async def asks_with_many_messages(asked: Asked, writer: StreamWriter) -> None:
    """Asks the model with two hundred thousand messages."""
    if asked.streams:
        await _sent(_body(asked, messages=[{"role": "user", "content": "x" * 20}] * 200_000))
    await _turn(asked, writer)


@answers(codes=(0, 1, 3))
async def asks_and_never_ends(asked: Asked, writer: StreamWriter) -> None:
    """Announces a body to the model, and sends only half of it."""
    if asked.streams:
        reader, model = await asyncio.open_connection(*_address())
        model.write(_head(1_000) + b'{"model": ')
        _HELD.append((reader, model))
    await _turn(asked, writer)


@answers(codes=(0, 1, 3))
async def asks_and_never_reads(asked: Asked, writer: StreamWriter) -> None:
    """Asks the model, and never reads what it answers."""
    if asked.streams:
        held = socket.create_connection(_address())
        held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        body = _body(asked, stream=True)
        held.sendall(_head(len(body)) + body)
        _SOCKETS.append(held)
    await _turn(asked, writer)


@answers(codes=(0, 1, 3))
async def asks_from_everywhere(asked: Asked, writer: StreamWriter) -> None:
    """Opens five hundred connections to the model for each message, and leaves them open."""
    if asked.streams:
        with contextlib.suppress(OSError):
            for _ in range(500):
                _SOCKETS.append(socket.create_connection(_address()))
    await _turn(asked, writer)


@answers(codes=(0, 1, 3))
async def asks_deeply(asked: Asked, writer: StreamWriter) -> None:
    """Asks the model with JSON that is nested a hundred thousand levels deep."""
    if asked.streams:
        await _sent(_body(asked)[:-1] + b', "metadata": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    await _turn(asked, writer)


@answers(codes=(0, 1, 3))
async def asks_in_other_types(asked: Asked, writer: StreamWriter) -> None:
    """Asks the model with numbers where texts stand, infinite numbers, half letters and bytes that are no UTF-8."""
    if asked.streams:
        wrong: list[dict[str, JSON]] = [
            {"messages": 7},
            {"messages": [7, None, [], {"role": 1, "content": {"x": 1}}]},
            {"messages": [{"role": "user", "content": "oh \ud83d"}]},
            {"messages": [{"role": "tool", "tool_call_id": 1, "content": [[1]]}]},
            {"messages": [{"role": "assistant", "tool_calls": [{"function": 1}, 2, {"function": {"arguments": 3}}]}]},
            {"model": ["x"], "tools": 5},
            {"model": "m" * 100_000, "tools": [{"function": {"parameters": 1}}, 2]},
            {"temperature": float("inf"), "stream": "yes", "stream_options": 3, "response_format": 9, "n": -1},
            {"seed": 10**400, "tool_choice": {"function": 1}},
        ]
        for more in wrong:
            await _sent(_body(asked, **more))
        await _sent(_body(asked)[:-1] + b', "user": "\xff\xfe"}')
        await _sent(b"[]")
        await _sent(b"\x1f\x8b" + b"\x00" * 50, "content-encoding: gzip")
    await _turn(asked, writer)


@answers(codes=(0, 1, 3))
async def asks_where_nothing_is(asked: Asked, writer: StreamWriter) -> None:
    """Asks the model's host for paths that attack it: its control, parents of its folder, a proxy's forms."""
    if asked.streams:
        host, port = _address()
        for line in (
            b"GET /../../etc/passwd HTTP/1.1",
            b"DELETE / HTTP/1.1",
            b"CONNECT 192.0.2.1:443 HTTP/1.1",
            b"GET http://192.0.2.1/ HTTP/1.1",
            b"POST /" + b"a" * 100_000 + b" HTTP/1.1",
            b"\x16\x03\x01\x02\x00\x01\x00",
            b"PRI * HTTP/2.0",
        ):
            reader, model = await asyncio.open_connection(host, port)
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(3):
                    model.write(line + b"\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    await model.drain()
                    await reader.read(1000)
            model.close()
    await _turn(asked, writer)


_HELD: list[tuple[StreamReader, StreamWriter]] = []
_SOCKETS: list[socket.socket] = []


def _address() -> tuple[str, int]:
    model = urlsplit(os.environ.get("GEMINI_BASE_URL", ""))
    return model.hostname or "", model.port or 0
