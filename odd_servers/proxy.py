"""A reverse proxy in front of a server, as nginx stands there: late, with chunks and headers of its own.

python -m odd_servers.proxy 1.5 -- COMMAND      start COMMAND on a port of its own, and pass each request on 1.5 s late
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence

BUFFER = 1460
"""Bytes that are passed on at once at most, so that the server's own chunks are cut anew."""

UP_S = 30.0
"""Seconds in which the server behind has to listen."""

BODILESS = ("204", "304")
"""Statuses whose responses have no body, and so no framing (RFC 9110, 6.4.1)."""

HOP = ("connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "server", "x-accel-buffering")
"""Headers of a response that it keeps to itself or says anew (RFC 9110, 7.6.1)."""

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def proxy_to(port: int, *, late_s: float) -> Connected:
    """What answers connections by asking the server on `port`. `late_s`: seconds before each request is passed on."""

    async def connected(browser: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _pass(browser, back, port, late_s)
        back.close()

    return connected


async def _pass(browser: asyncio.StreamReader, back: asyncio.StreamWriter, port: int, late_s: float) -> None:
    head = await browser.readuntil(b"\r\n\r\n")
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    await asyncio.sleep(late_s)
    try:
        server, ahead = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        back.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        await back.drain()
        return
    kept = [line for line in lines if line.partition(":")[0].lower() != "connection"]
    ahead.write("\r\n".join([first, *kept, "Connection: close", "X-Forwarded-Proto: https", "", ""]).encode("latin-1"))
    sending = asyncio.create_task(_send(browser, ahead))
    answering = asyncio.create_task(_answer(server, back))
    await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
    for task in (sending, answering):
        task.cancel()
    await asyncio.gather(sending, answering, return_exceptions=True)
    ahead.close()


async def _send(browser: asyncio.StreamReader, ahead: asyncio.StreamWriter) -> None:
    """Pass on what the browser sends, until it leaves: then the server is left, too."""
    while data := await browser.read(BUFFER):
        ahead.write(data)
        await ahead.drain()


async def _answer(server: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    head = await server.readuntil(b"\r\n\r\n")
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    named = {line.partition(":")[0].lower(): line.partition(":")[2].strip().lower() for line in lines}
    chunked = named.get("transfer-encoding") == "chunked"
    kept = [line for line in lines if line.partition(":")[0].lower() not in HOP]
    bodiless = first.split(" ")[1] in BODILESS
    own = ["Server: nginx", "X-Accel-Buffering: no"]
    own += [] if bodiless or "content-length" in named else ["Transfer-Encoding: chunked"]
    back.write("\r\n".join([first, *kept, *own, "", ""]).encode("latin-1"))
    if bodiless:
        pass
    elif chunked:
        await _rechunked(server, back)
    elif "content-length" in named:
        back.write(await server.readexactly(int(named["content-length"])))
    else:
        while data := await server.read(BUFFER):
            _chunk(back, data)
        back.write(b"0\r\n\r\n")
    await back.drain()


async def _rechunked(server: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    while True:
        size = int((await server.readline()).split(b";")[0], 16)
        if not size:
            back.write(b"0\r\n\r\n")
            return
        while size:
            data = await server.read(min(size, BUFFER))
            if not data:
                raise asyncio.IncompleteReadError(b"", size)
            size -= len(data)
            _chunk(back, data)
            await back.drain()
        await server.readline()


def _chunk(back: asyncio.StreamWriter, data: bytes) -> None:
    back.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def _serve(late_s: float, command: Sequence[str], port: int) -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        behind = probe.getsockname()[1]
    child = await asyncio.create_subprocess_exec(*command, env={**os.environ, "PORT": str(behind)})
    ended = asyncio.create_task(child.wait())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, child.terminate)
    listening = asyncio.create_task(_listening(behind))
    await asyncio.wait({ended, listening}, return_when=asyncio.FIRST_COMPLETED)
    async with await asyncio.start_server(proxy_to(behind, late_s=late_s), "127.0.0.1", port):
        return await ended


async def _listening(port: int) -> None:
    async with asyncio.timeout(UP_S):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


def main(arguments: Sequence[str]) -> int:
    """Start the command behind a proxy on PORT; ends as it ends. Returns 2 where no command is given."""
    late, _, *command = (*arguments, "", "")
    command = [part for part in command if part]
    if not command:
        print("python -m odd_servers.proxy SECONDS -- COMMAND", file=sys.stderr)
        return 2
    return asyncio.run(_serve(float(late), command, int(os.environ["PORT"])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
