"""Answers that would fill the memory: what a server sends is counted while it comes, by everything that asks."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from asyncio import StreamWriter
from collections.abc import Awaitable

import pytest

from chatkit_conformance.http.client import Client
from chatkit_conformance.running.list_request import ASKED_S, may_be_chatkit
from tests.hostile.server import OK_STREAM, Act, Asked, serve

PATIENCE_S = 30.0
BOMB = gzip.compress(b'{"data": [' + b" " * 200_000_000, 1)
"""Two hundred megabytes in two hundred kilobytes."""


async def bombs(asked: Asked, writer: StreamWriter) -> None:
    """Answer with the bomb."""
    head = f"content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {len(BOMB)}\r\n\r\n"
    writer.write(b"HTTP/1.1 200 OK\r\n" + head.encode() + BOMB)
    await writer.drain()


async def streams_spaces(asked: Asked, writer: StreamWriter) -> None:
    """Answer with a packed stream that never ends, of a line that never ends."""
    writer.write(OK_STREAM.replace(b"connection", b"content-encoding: gzip\r\nconnection"))
    packer = zlib.compressobj(1, wbits=31)
    while True:
        writer.write(packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH))
        await writer.drain()
        await asyncio.sleep(0)


async def drips(asked: Asked, writer: StreamWriter) -> None:
    """Answer a byte at a time, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def answered(act: Act, ask: str) -> tuple[object, float]:
    """What is made of an answer, and the megabytes that it took at most."""
    server = await serve(act)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    tracemalloc.start()
    try:
        asking: Awaitable[object] = may_be_chatkit(f"{url}/chatkit", {}) if ask == "is it" else _sent(url)
        made = await asyncio.wait_for(asking, PATIENCE_S)
        return made, tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
        server.close()


async def _sent(url: str) -> str:
    async with Client(url, kept_mb=4) as client:
        reply = await client.send(label="turn-1", payload={"type": "threads.list"}, deadline_s=PATIENCE_S)
    return f"{reply.ended}: {reply.trouble}"


@pytest.mark.parametrize("act", [bombs, streams_spaces])
async def test_what_inflates_is_counted_while_it_does(act: Act) -> None:
    """A kilobyte that becomes a megabyte is a megabyte: the answer is left where the run keeps no more."""
    made, mb = await answered(act, "send")
    assert str(made).startswith("left: the harness disconnected: the run keeps no more"), made
    assert mb < 16


@pytest.mark.parametrize("act", [bombs, streams_spaces, drips])
async def test_a_look_whether_it_is_the_server_is_bounded_too(act: Act) -> None:
    """What is only asked to know the server is read to its deadline and to a megabyte."""
    began = asyncio.get_running_loop().time()
    made, mb = await answered(act, "is it")
    assert made is False
    assert mb < 16
    assert asyncio.get_running_loop().time() - began < ASKED_S + 8  # a busy machine is no fault
