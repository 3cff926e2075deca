"""What a server makes of a user's cookies in mid-run is sent from then on, for that user and for nobody else."""

from __future__ import annotations

import asyncio

import pytest

from chatkit_conformance.http.client import Client
from chatkit_conformance.http.sessions import Sessions

PAST = "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "lines", "sent"),
    [
        (200, ["sid=new; HttpOnly"], "sid=new; theme=dark"),
        (200, ["sid=new", "sid=newer"], "sid=newer; theme=dark"),
        (200, ["session=new; Path=/", "sid=; Max-Age=0"], "theme=dark; session=new"),
        (200, ["session=new; Path=/", f"sid=gone; expires={PAST}"], "theme=dark; session=new"),
        (200, ["session=new; Max-Age=60; Expires=" + PAST], "sid=old; theme=dark; session=new"),
        (200, ["sid=; Max-Age=0"], "sid=old; theme=dark"),
        (401, ["sid=nobodys"], "sid=old; theme=dark"),
        (404, ["sid=new"], "sid=new; theme=dark"),
        (400, ["session=new", "sid=; Max-Age=0"], "theme=dark; session=new"),
        (200, ["nonsense", "=x", ""], "sid=old; theme=dark"),
        (200, ["sid=new; expires=never"], "sid=new; theme=dark"),
    ],
)
def test_what_an_answer_sets_is_held(status: int, lines: list[str], sent: str) -> None:
    """A new value, another name, a value taken away beside a new one, by refusals too; not what knows nobody."""
    sessions = Sessions()
    sessions.take("sid=old; theme=dark", status, lines)
    assert sessions.header("sid=old; theme=dark") == sent
    assert sessions.header("sid=another") == "sid=another"


def test_nobody_without_a_cookie_is_signed_in() -> None:
    """Whoever sends none is given none later, whatever a server sets."""
    sessions = Sessions()
    sessions.take("", 200, ["sid=new"])
    assert sessions.header("") == ""


async def test_a_session_that_ends_as_the_next_begins_is_followed() -> None:
    """A server that takes each value once answers a user's every request; a forged one stays as it was forged."""
    good, given, asked = "s-0", 0, []

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal good, given
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        cookie = next((line[8:] for line in head.split("\r\n") if line.lower().startswith("cookie: ")), "")
        asked.append(cookie)
        status, more = "401 No", ""
        if cookie == f"sid={good}":
            given += 1
            good, status, more = f"s-{given}", "200 OK", f"Set-Cookie: sid=s-{given}; HttpOnly\r\n"
        writer.write(f"HTTP/1.1 {status}\r\n{more}content-length: 2\r\nconnection: close\r\n\r\n{{}}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    seen: dict[str, str] = {}
    async with server, Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:
        client.sessions.on_new = seen.__setitem__
        cookies = ["sid=s-0", "sid=s-0", "sid=forged", "", "sid=s-0"]
        replies = [
            await client.send(label="x", payload={}, headers={"Cookie": cookie} if cookie else {}, method="GET")
            for cookie in cookies
        ]
    assert [reply.status for reply in replies] == [200, 200, 401, 401, 200]
    assert asked == ["sid=s-0", "sid=s-1", "sid=forged", "", "sid=s-2"]
    assert seen == {"sid": "s-3"}
    assert "s-3" not in str(replies)


async def test_a_request_that_a_renewal_crossed_is_asked_again() -> None:
    """Two requests leave with one session, and the first renews it: the second goes again with the newer, once."""
    good, asked, both = ["s-0"], [], asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(next(line[8:] for line in head.split("\r\n") if line.lower().startswith("cookie: ")))
        first = len(asked) == 1
        if len(asked) == 2:
            both.set()
        await both.wait()
        if not first:
            await renewed.wait()
        status, more = ("200 OK", "") if first or asked[-1] == f"sid={good[0]}" else ("401 No", "")
        if first:
            good[0], more = "s-1", "Set-Cookie: sid=s-1\r\n"
        writer.write(f"HTTP/1.1 {status}\r\n{more}content-length: 2\r\nconnection: close\r\n\r\n{{}}".encode())
        await writer.drain()
        writer.close()

    renewed = asyncio.Event()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    async with server, Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:

        async def ask(label: str) -> int:
            made = await client.send(label=label, payload={}, headers={"Cookie": "sid=s-0"}, method="GET")
            renewed.set()
            return made.status

        statuses = await asyncio.gather(ask("one"), ask("two"))
    assert list(statuses) == [200, 200]
    assert asked == ["sid=s-0", "sid=s-0", "sid=s-1"]
