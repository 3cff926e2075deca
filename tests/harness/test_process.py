"""Programs that we start, and the egress proxy that they are given as a proxy."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time

import httpx
import pytest

from chatkit_conformance.running import process as process_module
from chatkit_conformance.running.egress_proxy import EgressProxy
from chatkit_conformance.running.process import Died, Process, free_port

STUBBORN = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, "http://127.0.0.1:1", flush=True)
signal.pause()
"""


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell who listens")


def program(code: str) -> Process:
    """A Python program."""
    return Process((sys.executable, "-u", "-c", code), env=dict(os.environ), name="the program")


async def test_stubborn_program_and_its_children_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that ignores SIGTERM is killed after its time, and so is what it started."""
    monkeypatch.setattr(process_module, "STOP_S", 0.3)
    stubborn = program(STUBBORN)
    await stubborn.start()
    await stubborn.first_url(30)
    child = int(stubborn.lines[0].split()[0])
    began = time.monotonic()
    await stubborn.stop()
    assert time.monotonic() - began < 5
    assert not stubborn.alive
    async with asyncio.timeout(10):
        while _runs(child):
            await stubborn_gone(child)


async def stubborn_gone(pid: int) -> None:
    """Give the system a moment to take an orphan down."""
    await asyncio.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_program_that_ends_shows_its_last_lines() -> None:
    """Waiting for a program that has ended tells its code and what it said last."""
    dying = program("import sys; print('half way'); sys.exit('no database')")
    await dying.start()
    with pytest.raises(Died, match=r"(?s)the program ended with code 1\..*no database"):
        await dying.listening(free_port(), 30)
    await dying.stop()


async def test_program_that_never_listens_is_given_up() -> None:
    """A program that listens nowhere is given up at its deadline, and the message says how to give it the port."""
    silent = program("import signal; signal.pause()")
    await silent.start()
    with pytest.raises(Died, match=r"did not listen on port \d+ .* within [\d.]+ s.*\{port\}"):
        await silent.listening(free_port(), 0.2)
    await silent.stop(kill=True)


async def test_printed_url_wins_over_the_given_port() -> None:
    """A program that chose another port, and printed its URL, is found there."""
    code = (
        "import http.server as h; s = h.HTTPServer(('127.0.0.1', 0), h.BaseHTTPRequestHandler);"
        "print('ready on http://127.0.0.1:%d/api' % s.server_port); s.serve_forever()"
    )
    chosen = program(code)
    await chosen.start()
    url = await chosen.listening(free_port(), 30)
    await chosen.stop()
    assert url.endswith("/api")
    assert url in chosen.lines[0]


BESIDE = """
import http.server as h, sys, threading, time
tools = h.HTTPServer(("127.0.0.1", 0), h.BaseHTTPRequestHandler)
threading.Thread(target=tools.serve_forever, daemon=True).start()
print("tools at http://127.0.0.1:%d/mcp" % tools.server_port, flush=True)
if port := int(sys.argv[1]):
    time.sleep(0.3)
    h.HTTPServer(("127.0.0.1", port), h.BaseHTTPRequestHandler).serve_forever()
threading.Event().wait()
"""
"""Serves something else on a port of its own, and then what was asked for, unless there is none."""


@pytest.mark.parametrize("there", [True, False])
async def test_the_url_of_something_else_is_passed_over(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed first may be a tool server's: the given port wins; without it the URL does, after a while."""
    monkeypatch.setattr(process_module, "ELSEWHERE_S", 30 if there else 0.1)
    port = free_port()
    command = (sys.executable, "-u", "-c", BESIDE, str(port if there else 0))
    two = Process(command, env=dict(os.environ), name="the program")
    await two.start()
    try:
        async with asyncio.timeout(30):
            url = await two.listening(port, 30, fits=_never)
    finally:
        await two.stop(kill=True)
    assert url == (f"http://127.0.0.1:{port}" if there else two.lines[0].removeprefix("tools at "))


async def _never(url: str) -> bool:
    return False


async def test_egress_proxy_refuses_and_remembers() -> None:
    """What goes through the egress proxy is refused with 403, and its host, port and method are known."""
    egress = EgressProxy()
    proxy = await egress.start()
    try:
        async with httpx.AsyncClient(proxy=proxy, trust_env=False) as http:
            assert (await http.get("http://example.test:8080/x")).status_code == 403
            with pytest.raises(httpx.ProxyError):
                await http.get("https://api.openai.com/v1/models")
    finally:
        await egress.stop()
    seen = [(attempt.method, attempt.host, attempt.port) for attempt in egress.attempts]
    assert seen == [("GET", "example.test", 8080), ("CONNECT", "api.openai.com", 443)]


def test_a_free_port_is_none_that_the_system_gives_to_connections() -> None:
    """Between the choice and the server's start, and while it restarts, no connection of ours can take it."""
    ports = {free_port() for _ in range(20)}
    assert len(ports) > 10
    assert all(1024 < port < 32_768 for port in ports), "Linux gives ports from 32,768 on to connections"


@pytest.mark.parametrize(
    ("host", "printed", "asked"),
    [("::", "[::]", "127.0.0.1"), ("::1", "[::]", "[::1]"), ("::1", "[::1]", "[::1]"), ("::1", "localhost", "[::1]")],
)
async def test_a_server_on_every_address_is_called_at_one(host: str, printed: str, asked: str) -> None:
    """What a server prints that listens on all addresses, or on IPv6 alone, becomes a URL that can be asked."""
    port = free_port()
    code = f"import socket, time; s = socket.create_server(({host!r}, {port}), family=socket.AF_INET6, "
    code += f"dualstack_ipv6={host == '::'}); print('Now listening on: http://{printed}:{port}/chat'); time.sleep(60)"
    server = program(code)
    await server.start()
    try:
        assert await server.listening(free_port(), 30) == f"http://{asked}:{port}/chat"
    finally:
        await server.stop(kill=True)


async def _always(url: str) -> bool:
    return True


LISTENS = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); port = s.getsockname()[1]; "
"""Listens on a port of its own choice."""


@pytest.mark.parametrize(
    "said",
    [
        "print(f'  Local: \\x1b[36mhttp://127.0.0.1:\\x1b[1m{port}\\x1b[22m/\\x1b[39m')",
        "print('http://127.0.0.1:%d/' % port)",
        pytest.param("print(f'listening on port {port}')", marks=on_linux),
        pytest.param("print(f'listening at localhost:{port}')", marks=on_linux),
        pytest.param("pass", marks=on_linux),
    ],
)
async def test_a_server_on_a_port_of_its_own_is_found(said: str) -> None:
    """Whatever it prints of its port, in colours, as a number or not at all, what fits there is the server."""
    server = program(f"{LISTENS}{said}; time.sleep(60)")
    await server.start()
    try:
        url = await server.listening(free_port(), 30, fits=_always)
    finally:
        await server.stop(kill=True)
    assert re.fullmatch(r"http://(127\.0\.0\.1|localhost):\d+/?", url)


@on_linux
async def test_a_port_where_nothing_fits_is_named() -> None:
    """A server that listens elsewhere, and is none of ChatKit's there, is told on which port it was found."""
    server = program(f"{LISTENS}time.sleep(60)")
    await server.start()
    try:
        with pytest.raises(Died, match=r"It listens on port \d+, where no ChatKit answers"):
            await server.listening(free_port(), 3, fits=_never, stretched=False)
    finally:
        await server.stop(kill=True)


async def test_a_program_that_goes_into_the_background_is_told_what_to_do() -> None:
    """One that ends without a fault before anything listens is told to stay in the foreground."""
    server = program("print('started in background')")
    await server.start()
    with pytest.raises(Died, match="foreground"):
        await server.listening(free_port(), 30)
