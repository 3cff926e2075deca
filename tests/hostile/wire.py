"""Hostile on the wire: connections, heads, lengths, encodings."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import struct
from asyncio import StreamWriter

from .hostility import answers
from .server import OK_STREAM, PAGE, Asked, answer, asked_model, delta, event, thread_event


@answers(says="did not answer|hangs|deadline")
async def silent(asked: Asked, writer: StreamWriter) -> None:
    """Takes the request and never answers."""
    await asyncio.Event().wait()


@answers()
async def dripping_head(asked: Asked, writer: StreamWriter) -> None:
    """Sends its head a byte at a time, for ever."""
    for byte in iter(lambda: b"HTTP/1.1 200 OK\r\nx: ", b""):
        for n in range(len(byte)):
            writer.write(byte[n : n + 1])
            await writer.drain()
            await asyncio.sleep(0.2)


@answers()
async def dripping_stream(asked: Asked, writer: StreamWriter) -> None:
    """Sends a stream a byte at a time, for ever."""
    if not asked.streams:
        writer.write(answer(PAGE))
        return
    writer.write(OK_STREAM + thread_event("thr_0") + delta(await asked_model(asked)))
    while True:
        for byte in delta("drop"):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.1)


def _reset(writer: StreamWriter) -> None:
    """Close with a reset in place of a goodbye."""
    held: socket.socket = writer.get_extra_info("socket")
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@answers(codes=(3,))
async def reset_at_once(asked: Asked, writer: StreamWriter) -> None:
    """Resets the connection as soon as the request was read."""
    _reset(writer)


@answers(codes=(3,))
async def reset_in_head(asked: Asked, writer: StreamWriter) -> None:
    """Resets the connection in the middle of its head."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-ty")
    await writer.drain()
    _reset(writer)


@answers()
async def reset_in_body(asked: Asked, writer: StreamWriter) -> None:
    """Answers lists, and resets every stream after its first event."""
    writer.write(OK_STREAM + thread_event("thr_0") if asked.streams else answer(PAGE))
    await writer.drain()
    if asked.streams:
        await asked_model(asked)
        _reset(writer)


@answers(codes=(3,))
async def redirects(asked: Asked, writer: StreamWriter) -> None:
    """Redirects every request to another host."""
    writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://192.0.2.1/x\r\ncontent-length: 0\r\n\r\n")


@answers(codes=(3,))
async def floods_of_headers(asked: Asked, writer: StreamWriter) -> None:
    """Sends headers without end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-flood: " + b"a" * 1000 + b"\r\n")
        await writer.drain()


@answers(codes=(3,))
async def switches_protocols(asked: Asked, writer: StreamWriter) -> None:
    """Answers 101 Switching Protocols to everything."""
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")
    await asyncio.Event().wait()


@answers()
async def http_1_0(asked: Asked, writer: StreamWriter) -> None:
    """Answers in HTTP/1.0 without a length."""
    if asked.streams:
        writer.write(b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + thread_event("thr_0"))
    else:
        writer.write(b'HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{"data": [], "has_more": false}')


@answers(codes=(3,))
async def length_too_long(asked: Asked, writer: StreamWriter) -> None:
    """Announces more bytes than it sends."""
    writer.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{"data": [')


@answers(codes=(3,))
async def bad_chunks(asked: Asked, writer: StreamWriter) -> None:
    """Sends chunks whose sizes are no numbers."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n")


@answers()
async def not_utf_8(asked: Asked, writer: StreamWriter) -> None:
    """Streams bytes that are no UTF-8, and letters that are split between events."""
    if not asked.streams:
        writer.write(answer(PAGE))
        return
    await asked_model(asked)
    writer.write(OK_STREAM + thread_event("thr_0") + b'data: {"type": "\xff\xfe"}\n\ndata: \xf0\x9f\n\n\x98\x80\n\n')


@answers()
async def gzip_bomb(asked: Asked, writer: StreamWriter) -> None:
    """Answers with a few kilobytes that inflate to hundreds of megabytes."""
    packed = gzip.compress(b'{"data": [' + b" " * (1 << 28), compresslevel=1)
    head = f"content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {len(packed)}\r\n\r\n"
    writer.write(b"HTTP/1.1 200 OK\r\n" + head.encode() + packed)


@answers(codes=(3,), says="401")
async def all_401(asked: Asked, writer: StreamWriter) -> None:
    """Refuses everybody with 401."""
    writer.write(answer({"detail": "who are you?"}, "401 Unauthorized"))


@answers(codes=(3,), says="429")
async def all_429(asked: Asked, writer: StreamWriter) -> None:
    """Refuses every request with 429."""
    writer.write(answer({"detail": "slower"}, "429 Too Many Requests"))


@answers(codes=(3,), says="web page|no ChatKit")
async def html(asked: Asked, writer: StreamWriter) -> None:
    """Answers every request with a web page."""
    writer.write(answer(b"<!doctype html><title>x</title><script>alert(1)</script>", kind="text/html"))


@answers()
async def dies(asked: Asked, writer: StreamWriter) -> None:
    """Ends its process at the first message."""
    if asked.streams:
        os._exit(7)
    writer.write(answer(PAGE))


@answers(host="::1")
async def ipv6_only(asked: Asked, writer: StreamWriter) -> None:
    """Listens on ::1 alone."""
    writer.write(OK_STREAM + thread_event("thr_0") + event(type="x") if asked.streams else answer(PAGE))
