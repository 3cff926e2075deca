"""Smoke: what is not ChatKit ends the run at once, with what came and what to type."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chatkit_conformance.http.client import Client
from chatkit_conformance.running.environment import Unreachable
from chatkit_conformance.running.process import free_port
from chatkit_conformance.running.smoke import smoke
from chatkit_conformance.target.target import Target, User


def http(status: str, kind: str, body: str) -> Callable[..., Any]:
    """Answers every request with this."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()

    return answer


def lacking(place: str, name: str) -> str:
    """FastAPI's words for something that a request lacks."""
    return json.dumps({"detail": [{"type": "missing", "loc": [place, name], "msg": "Field required"}]})


NAMED = 'event: thread.created\ndata: {"thread": {}}'
AG_UI = ('data: {"type": "RUN_STARTED"}', 'data: {"type": "TEXT_MESSAGE_CONTENT", "delta": "Hi"}')


def stream(*events: str) -> Callable[..., Any]:
    """Answers every request with a stream of these events."""
    return http("200 OK", "text/event-stream", "".join(f"{event}\n\n" for event in events))


def sent_on(status: str, location: str) -> Callable[..., Any]:
    """Answers every request with a redirect."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()

    return answer


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads and never answers."""
    await reader.read()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closes the connection without a word."""
    await reader.readuntil(b"\r\n\r\n")


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A stream of nothing that does not end."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
    while True:
        writer.write(b'data: {"type": "tick"}\n\n')
        await writer.drain()
        await asyncio.sleep(0.01)


async def refusal(url: str, path: str = "/chatkit", users: dict[str, User] | None = None) -> str:
    """What smoke says of the server at a URL."""
    target = Target(url=f"{url}{path}", users=users or {})
    async with Client(url, path) as client:
        with pytest.raises(Unreachable) as failure:
            await smoke(client, target, answer_s=0.6)
    return str(failure.value)


PAGE = '{"data": [], "has_more": false}'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("200 OK", "text/html", "<!doctype html><p>Hi"), ["HTTP 200, text/html", "that is a web page"]),
        (http("404 Not Found", "application/json", '{"detail":"Not Found"}'), ["HTTP 404", "no ChatKit there"]),
        (http("405 Method Not Allowed", "text/plain", "no"), ["HTTP 405", "Give the endpoint's complete URL"]),
        (http("401 Unauthorized", "application/json", "{}"), ["HTTP 401", "without credentials", "--header"]),
        (http("403 Forbidden", "application/json", "{}"), ["HTTP 403", "[users.a]"]),
        (http("200 OK", "application/json", '{"ok": 1}'), ["'{\"ok\": 1}'", "does not speak ChatKit"]),
        (http("426 Upgrade Required", "text/plain", "no"), ["HTTP 426", "WebSocket", "--path"]),
        (http("429 Too Many", "text/plain", "no"), ["HTTP 429", "Raise its limit"]),
        (http("502 Bad Gateway", "text/html", "<html>nginx"), ["HTTP 502", "the server behind it does not"]),
        (http("503 Away", "text/html", "<html>Maintenance"), ["HTTP 503", "takes no requests now"]),
        (http("400 No", "text/plain", "Missing required header: X-Tenant-Id"), ["--header 'X-Tenant-Id: ...'"]),
        (http("400 No", "application/json", '{"e": "x-api-version is required"}'), ["--header 'x-api-version: ..."]),
        (http("422 No", "application/json", lacking("header", "x-org")), ["it wants the header x-org"]),
        (http("422 No", "application/json", lacking("query", "request")), ["'request' in the URL", "body()"]),
        (http("422 No", "application/json", lacking("body", "message")), ["HTTP 422", "does not speak ChatKit"]),
        (http("500 Oops", "text/plain", "boom"), ["HTTP 500", "'boom'", "fails at both", "its log"]),
        (stream(NAMED), ["only in its `event:` line (thread.created)", 'data: {"type": "thread.created"']),
        (stream(*AG_UI), ["stream is AG-UI", "RUN_STARTED, TEXT_MESSAGE_CONTENT", "ChatKit sends"]),
        (sent_on("302 Found", "/login"), ["HTTP 302", "/login", "307 or 308"]),
        (sent_on("307 Moved", "http://10.0.0.1/chatkit"), ["another host", "no credentials"]),
        (sent_on("307 Moved", "/chatkit"), ["round in a circle"]),
        (hangs, ["did not answer threads.list within ", "hangs"]),
        (hangs_up, ["closed the connection without a response"]),
        (endless, ["does not speak ChatKit"]),
    ],
)
async def test_what_is_not_chatkit_is_told_apart(serving: Any, answer: Any, said: list[str]) -> None:
    """A page, a wrong path, a locked door, a hung server: each has its own message, within its deadline."""
    async with serving(answer) as url, asyncio.timeout(10):
        message = await refusal(url)
    for words in said:
        assert words in message


async def test_a_locked_door_is_told_with_what_was_shown_to_it(serving: Any) -> None:
    """Headers, cookies and parameters of the URL are named as the target file names them, and no value is."""
    told = {"headers": {"X-API-Key": "s3cret-h"}, "cookies": {"sid": "s3cret-c"}, "query": {"api_key": "s3cret-q"}}
    async with serving(http("401 Unauthorized", "application/json", "{}")) as url:
        message = await refusal(url, users={"a": User(name="a", **told)})
    assert "with X-API-Key, the cookie sid, api_key in the URL of user a" in message
    assert "headers, cookies or query under [users.a]" in message
    assert "s3cret" not in message


async def test_closed_port_says_how_to_start() -> None:
    """A closed port is named, with the command that lets the run start the server."""
    message = await refusal(f"http://127.0.0.1:{free_port()}")
    assert "Connection refused" in message
    assert "chatkit-conformance run -- COMMAND" in message


async def test_right_place_is_named(serving: Any) -> None:
    """Where another usual path answers as ChatKit, the message gives its URL."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = b"POST /api/chatkit " in head
        status, body = ("200 OK", PAGE) if found else ("404 Not Found", "{}")
        text = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
        writer.write(text.encode())
        await writer.drain()

    async with serving(answer) as url:
        assert f"--url {url}/api/chatkit" in await refusal(url)


async def test_a_path_that_the_server_lists_is_named(serving: Any) -> None:
    """Where no usual path answers, those that the server's own openapi.json says are posted to are tried."""
    listed = '{"paths": {"/shop/{id}": {"post": {}}, "/health": {"get": {}}, "/shop/talk": {"post": {}}}}'

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = listed if b"GET /openapi.json " in head else PAGE if b"POST /shop/talk " in head else ""
        status = "200 OK" if body else "404 Not Found"
        text = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
        writer.write(text.encode())
        await writer.drain()

    async with serving(answer) as url:
        assert f"--url {url}/shop/talk" in await refusal(url)


async def test_page_of_threads_is_chatkit(serving: Any) -> None:
    """A page of threads is all that smoke asks for."""
    async with serving(http("200 OK", "application/json", PAGE)) as url, Client(url, "/chatkit") as client:
        reply = await smoke(client, replace(Target(), url=url + "/chatkit"))
    assert reply.status == 200


@pytest.mark.parametrize("code", [307, 308])
async def test_a_post_that_is_sent_on_to_the_same_host_is_followed(serving: Any, code: int) -> None:
    """The client goes on at the path that answers, as a browser does, with what it sent before."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"POST /chatkit/ " in head:
            kind = f"content-type: application/json\r\ncontent-length: {len(PAGE)}"
            writer.write(f"HTTP/1.1 200 OK\r\n{kind}\r\n\r\n{PAGE}".encode())
        else:
            writer.write(f"HTTP/1.1 {code} Moved\r\nlocation: /chatkit/\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()

    async with serving(answer) as url, Client(url, "/chatkit") as client:
        assert (await smoke(client, Target(url=url + "/chatkit"))).status == 200
        assert client.endpoint_path == "/chatkit/"
