"""The client turns every way a server can behave into a value, in bounded time and memory."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from chatkit_conformance.http.client import Client
from chatkit_conformance.http.pending_reply import Limits

Say = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Say], Awaitable[str]]

DEADLINES_S = (0.3, 3.0, 30.0)
"""Tried in turn: on a busy machine an event may not come within the first."""

STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One whole request, head and body, as it came."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)


def answer(body: bytes, *, status: str = "200 OK", **headers: str) -> Say:
    """A server that reads a request and gives this answer, headers named with underscores."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return say


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server that talks as the given function does; gives its URL. All are stopped afterwards."""
    servers: list[asyncio.Server] = []

    async def start(say: Say) -> str:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await say(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


def frame(**data: Any) -> bytes:
    """One event's bytes."""
    return b"data: " + json.dumps(data).encode() + b"\n\n"


async def test_a_stream_is_read_as_it_comes(serve: Serve) -> None:
    """Each event is stamped when its own bytes came, not when the stream ended."""
    gate = asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(STREAM_HEAD + frame(type="notice", n=1))
        await gate.wait()
        writer.write(frame(type="notice", n=2))

    async with Client(await serve(say)) as client, client.open(label="x", payload={"type": "threads.create"}) as opened:
        first = await opened.wait_for(lambda event: event.type == "notice", 5)
        assert first is not None
        assert not opened.over
        released = time.monotonic()
        gate.set()
        reply = await opened.finish()
    assert [event.data and event.data["n"] for event in reply.events] == [1, 2]
    assert reply.sent_at < reply.events[0].at < released < reply.events[1].at
    assert (reply.ended, reply.trouble, reply.status, reply.type) == ("closed", None, 200, "threads.create")
    assert reply.headers_at is not None
    assert reply.ended_at is not None


async def test_waiting_ends_with_the_stream_or_the_time(serve: Serve) -> None:
    """`wait_for` gives None when the event does not come in time, and at once when the stream is over."""
    gate = asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(STREAM_HEAD)
        await gate.wait()

    async with Client(await serve(say)) as client, client.open(label="x", payload={}) as opened:
        assert await opened.wait_for(lambda event: True, 0.05) is None
        gate.set()
        began = time.monotonic()
        assert await opened.wait_for(lambda event: True, 30) is None
        assert time.monotonic() - began < 5


async def test_leaving_drops_the_connection(serve: Serve) -> None:
    """After `leave` the server sees the connection end, and the reply holds what came before."""
    gone = asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(STREAM_HEAD + frame(type="notice"))
        assert await reader.read() == b""
        gone.set()

    async with Client(await serve(say)) as client, client.open(label="x", payload={}) as opened:
        await opened.wait_for(lambda event: True, 5)
        reply = await opened.leave()
        async with asyncio.timeout(60):
            await gone.wait()
    assert (reply.ended, len(reply.events)) == ("left", 1)
    assert reply.ended_at is not None


async def test_an_unfinished_event_is_reported(serve: Serve) -> None:
    """An event without its empty line is no event, and the reply's trouble shows it."""
    async with Client(await serve(answer(b'data: {"type": "x"}\n', content_type="text/event-stream"))) as client:
        reply = await client.send(label="x", payload={})
    assert reply.events == ()
    assert "inside an event" in (reply.trouble or "")


async def test_a_closed_port_is_refused() -> None:
    """A port where nobody listens gives `refused` and the operating system's words."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with Client(f"http://127.0.0.1:{taken.getsockname()[1]}") as client:
            reply = await client.send(label="x", payload={})
    assert (reply.ended, reply.status) == ("refused", 0)
    assert "refused" in (reply.trouble or "").lower()


async def test_tls_where_there_is_none_is_refused(serve: Serve) -> None:
    """Speaking TLS to a plain port is a value, not an exception."""
    url = (await serve(answer(b"{}"))).replace("http", "https")
    async with Client(url, limits=Limits(connect_s=0.3)) as client:
        reply = await client.send(label="x", payload={})
    assert reply.ended in ("refused", "cut")
    assert reply.trouble


async def test_an_unusable_url_is_unsent() -> None:
    """A URL without a scheme that we speak is our own mistake, told in words."""
    async with Client("gopher://127.0.0.1") as client:
        reply = await client.send(label="x", payload={})
    assert reply.ended == "unsent"


@pytest.mark.parametrize("head", [b"", STREAM_HEAD, b"HTTP/1.1 200 OK\r\ncontent-le"])
async def test_a_hung_server_meets_the_idle_limit(serve: Serve, head: bytes) -> None:
    """Silence before, in, or after the headers ends at the idle limit."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head)
        await reader.read()

    async with Client(await serve(say), limits=Limits(idle_s=0.1)) as client:
        reply = await client.send(label="x", payload={})
    assert reply.ended == "deadline"
    assert "0.1 s" in (reply.trouble or "")


async def test_a_dripping_server_meets_the_deadline(serve: Serve) -> None:
    """A server that is never silent and never done ends at the deadline, with the events that came."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(STREAM_HEAD + frame(type="notice"))
        while not writer.is_closing():
            writer.write(b":\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with Client(await serve(say), limits=Limits(idle_s=60)) as client:
        for deadline_s in DEADLINES_S:
            reply = await client.send(label="x", payload={}, deadline_s=deadline_s)
            if reply.events:
                break
    assert (reply.ended, len(reply.events)) == ("deadline", 1)
    assert reply.ended_at is not None
    assert reply.ended_at - reply.sent_at >= deadline_s


@pytest.mark.parametrize(
    ("head", "piece", "words"),
    [
        (STREAM_HEAD, frame(type="notice"), "more than 50 events"),
        (STREAM_HEAD, b"data: " + b"x" * 65536, "larger than"),
        (STREAM_HEAD, b":\n" * 4096, "larger than"),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", b"[" * 65536, "larger than"),
    ],
    ids=["events", "one event", "comments", "body"],
)
async def test_an_endless_server_is_left(serve: Serve, head: bytes, piece: bytes, words: str) -> None:
    """Endless events, an endless event, endless heartbeats and an endless body are left at the bound."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()

    async with Client(await serve(say), limits=Limits(max_bytes=1_000_000, max_events=50)) as client:
        reply = await client.send(label="x", payload={}, deadline_s=60)
    assert reply.ended == "left"
    assert words in (reply.trouble or "")
    assert len(reply.events) <= 50


async def test_a_gzip_bomb_is_bounded(serve: Serve) -> None:
    """A megabyte of zeros in a kilobyte of gzip stops at the bound, and memory with it."""
    bomb = gzip.compress(b"\0" * 20_000_000)
    async with Client(
        await serve(answer(bomb, content_type="text/plain", content_encoding="gzip")), limits=Limits(max_bytes=100_000)
    ) as client:
        reply = await client.send(label="x", payload={})
    assert reply.ended == "left"
    assert "larger than 100000 bytes" in (reply.trouble or "")


@pytest.mark.parametrize("members", [1, 3])
async def test_gzip_is_undone(serve: Serve, members: int) -> None:
    """A gzipped stream, of one member or several, gives its events."""
    body = b"".join(gzip.compress(frame(type="notice", pad="x" * 200_000)) for _ in range(members))
    async with Client(await serve(answer(body, content_type="text/event-stream", content_encoding="gzip"))) as client:
        reply = await client.send(label="x", payload={})
    assert [event.type for event in reply.events] == ["notice"] * members
    assert reply.trouble is None


@pytest.mark.parametrize(("encoding", "words"), [("br", "only gzip was accepted"), ("gzip", "not gzip")])
async def test_a_wrong_encoding_is_reported(serve: Serve, encoding: str, words: str) -> None:
    """An encoding that was not accepted, or is not what the bytes are, is named."""
    async with Client(await serve(answer(b"plain", content_encoding=encoding))) as client:
        reply = await client.send(label="x", payload={})
    assert reply.ended == "cut"
    assert words in (reply.trouble or "")


async def test_a_reset_connection_is_cut(serve: Serve) -> None:
    """A connection that breaks off in mid-body is `cut`, and its events are kept."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        data = frame(type="notice")
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await writer.drain()

    async with Client(await serve(say)) as client:
        reply = await client.send(label="x", payload={})
    assert (reply.ended, len(reply.events)) == ("cut", 1)
    assert reply.trouble


async def test_what_is_not_http_is_cut(serve: Serve) -> None:
    """A server that does not speak HTTP is told apart from one that is not there."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        await reader.read()

    async with Client(await serve(say)) as client:
        reply = await client.send(label="x", payload={})
    assert reply.ended == "cut"
    assert "sent invalid HTTP" in (reply.trouble or "")


@pytest.mark.parametrize(
    ("body", "kind", "parsed", "text", "trouble"),
    [
        (b'{"a": [1, null]}', "application/json", {"a": [1, None]}, "", None),
        (b'{"a": 1}', "text/plain", {"a": 1}, "", None),
        (b"null", "application/json", None, "null", None),
        (b'{"a": NaN}', "application/json", None, '{"a": NaN}', "not JSON"),
        (b'{"a": ', "application/json", None, '{"a": ', "not JSON"),
        (b"\xff{}", "application/json", None, "\ufffd{}", "not JSON"),
        (b"[" * 200_000, "application/json", None, "[" * 65536, "not JSON"),
        (b"<!doctype html><title>Bad gateway</title>", "text/html", None, None, "HTML page"),
        (b"Internal Server Error", "text/plain", None, "Internal Server Error", None),
        (b"data: {}\n\n", "text/plain", None, "data: {}\n\n", "looks like an event stream"),
        (b"", "application/json", None, "", None),
    ],
)
async def test_a_body_is_read_for_what_it_is(
    serve: Serve, body: bytes, kind: str, parsed: Any, text: str | None, trouble: str | None
) -> None:
    """JSON becomes a value; what is not JSON stays text, with the reason where one was to be expected."""
    async with Client(await serve(answer(body, status="500 No", content_type=kind))) as client:
        reply = await client.send(label="x", payload={})
    assert reply.status == 500
    assert reply.body == parsed
    assert text is None or reply.text == text
    assert (trouble is None) == (reply.trouble is None)
    assert (trouble or "") in (reply.trouble or "")


async def test_cookies_are_hidden_and_never_sent_back(serve: Serve) -> None:
    """A cookie's value is in no header of the reply, and one user's cookie travels with no later request."""
    asked: list[bytes] = []

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await read_request(reader))
        writer.write(
            b"HTTP/1.1 200 OK\r\nSet-Cookie: session=topsecret; HttpOnly\r\nset-cookie: b=2nd; Path=/\r\n"
            b"content-length: 2\r\nconnection: close\r\n\r\n{}"
        )
        await writer.drain()

    async with Client(await serve(say)) as client:
        reply = await client.send(label="x", payload={})
        await client.send(label="y", payload={})
    assert "topsecret" not in str(reply)
    assert "session=" in reply.headers["set-cookie"]
    assert "HttpOnly" in reply.headers["set-cookie"]
    assert b"cookie" not in asked[1].lower()


async def test_bytes_are_sent_as_they_are(serve: Serve) -> None:
    """Raw bytes reach the server untouched, with the method, path and headers that were asked for."""
    asked: list[bytes] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await read_request(reader))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        await writer.drain()

    async with Client(await serve(once)) as client:
        reply = await client.send(label="x", payload=b"{bad\xff", method="PUT", path="/other", headers={"X-Odd": "1"})
    assert asked[0].startswith(b"PUT /other HTTP/1.1\r\n")
    assert asked[0].endswith(b"\r\n\r\n{bad\xff")
    assert b"x-odd: 1" in asked[0].lower()
    assert (reply.request, reply.status) == ("{bad\ufffd", 204)


async def test_a_proxy_in_the_environment_is_ignored(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client talks to the server itself, whatever the proxy variables say."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with Client(await serve(answer(b"{}"))) as client:
        assert (await client.send(label="x", payload={})).status == 200


async def test_a_redirect_is_not_followed(serve: Serve) -> None:
    """A redirect is the answer: credentials go nowhere else."""
    async with Client(await serve(answer(b"", status="307 Away", location="http://127.0.0.1:1/"))) as client:
        assert (await client.send(label="x", payload={})).status == 307


async def test_cancelling_the_caller_drops_the_connection(serve: Serve) -> None:
    """An exchange cut by its own deadline leaves no reader behind, and what came can still be had."""
    gone = asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(STREAM_HEAD + frame(type="notice"))
        await reader.read()
        gone.set()

    async with Client(await serve(say)) as client:
        opened = client.open(label="x", payload={})

        async def hold() -> None:
            async with asyncio.timeout(60) as deadline, opened:
                assert await opened.wait_for(lambda event: event.type == "notice", 60) is not None
                deadline.reschedule(asyncio.get_running_loop().time())  # it is over now, in mid-answer
                await opened.finish()

        with pytest.raises(TimeoutError):
            await hold()
        async with asyncio.timeout(60):
            await gone.wait()
    assert (opened.reply.ended, len(opened.reply.events)) == ("left", 1)
