"""Hostile in how an answer is packed and framed: encodings that nobody asked for, bombs, heads and ends without end."""

from __future__ import annotations

import asyncio
import zlib
from asyncio import StreamWriter

from .hostility import answers
from .server import OK_STREAM, PAGE, Asked, answer, asked_model, delta, thread_event

BOMB_BYTES = 1 << 28


def _packed(encoding: str, body: bytes) -> bytes:
    head = f"content-type: application/json\r\ncontent-encoding: {encoding}\r\ncontent-length: {len(body)}\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\n" + head.encode() + body


def zeros_in_zstd(blocks: int) -> bytes:
    """A frame of Zstandard (RFC 8878) whose blocks of four bytes each repeat a zero 131,072 times."""
    block = (1 << 17 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    last = (1 << 17 << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x58" + block * (blocks - 1) + last


@answers()
async def deflate_bomb(asked: Asked, writer: StreamWriter) -> None:
    """Answers with a little deflate that inflates to hundreds of megabytes."""
    writer.write(_packed("deflate", zlib.compress(b'{"data": [' + b" " * BOMB_BYTES, 1)))


@answers()
async def gzip_without_end(asked: Asked, writer: StreamWriter) -> None:
    """Streams gzip that holds spaces for ever."""
    packer = zlib.compressobj(1, wbits=31)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n"
    writer.write(head)
    while True:
        writer.write(packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH))
        await writer.drain()
        await asyncio.sleep(0)


@answers(codes=(3,))
async def brotli_unasked(asked: Asked, writer: StreamWriter) -> None:
    """Answers in Brotli, which nobody asked for."""
    writer.write(_packed("br", b"\x0b\x02\x80{}\x03"))


@answers(codes=(3,))
async def zstd_bomb(asked: Asked, writer: StreamWriter) -> None:
    """Answers in Zstandard, which nobody asked for, and which inflates to half a gigabyte."""
    writer.write(_packed("zstd", zeros_in_zstd(4096)))


@answers()
async def early_hints_without_end(asked: Asked, writer: StreamWriter) -> None:
    """Sends one 103 Early Hints after the other, and no answer."""
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n" * 100)
        await writer.drain()
        await asyncio.sleep(0.01)


@answers()
async def trailers_without_end(asked: Asked, writer: StreamWriter) -> None:
    """Ends a chunked answer with trailers that never end."""
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    )
    while True:
        writer.write(b"x-trailer: " + b"a" * 1000 + b"\r\n")
        await writer.drain()


@answers()
async def comments_without_end(asked: Asked, writer: StreamWriter) -> None:
    """Keeps every stream alive with comments and never says another word."""
    if not asked.streams:
        writer.write(answer(PAGE))
        return
    writer.write(OK_STREAM + thread_event("thr_0") + delta(await asked_model(asked)))
    while True:
        writer.write(b": still here\n\n")
        await writer.drain()
        await asyncio.sleep(0.02)


@answers()
async def never_closes(asked: Asked, writer: StreamWriter) -> None:
    """Sends everything without a length, and keeps the connection open."""
    if asked.streams:
        writer.write(OK_STREAM + thread_event("thr_0") + delta(await asked_model(asked)))
    else:
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"data": [], "has_more": false}')
    await writer.drain()
    await asyncio.Event().wait()


@answers(codes=(3,))
async def redirects_in_a_circle(asked: Asked, writer: StreamWriter) -> None:
    """Redirects every request to another path of its own, for ever."""
    path = asked.head.split(b" ", 2)[1]
    where = b"/b" if path.endswith(b"/a") else b"/a"
    writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nlocation: " + where + b"\r\ncontent-length: 0\r\n\r\n")
