"""One hostile target, as a program: `python -m tests.hostile NAME [--after N] [-- COMMAND]`.

It is honest for the first N messages, and hostile from then on, in its process too. With a command it stands in front
of the server that this starts; else it is a small server itself. It listens on PORT, as every target does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys

from chatkit_conformance.running.process import free_port

from .behind import passing_on, started
from .catalogue import MAKES
from .server import Act, Asked, Honest, serve


async def main(name: str, after: int, command: list[str]) -> None:
    """Serve until it is ended."""
    hostility = MAKES[name]
    if hostility.begin and not after:
        hostility.begin()
    honest, behind = Honest(), None
    act: Act = honest
    if command:
        port = free_port()
        behind = await started(command, port)
        act = passing_on(port)
    met = 0

    async def answered(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal met
        turned = met >= after
        met += asked.streams
        if hostility.begin and after and met == after and asked.streams:
            hostility.begin()
        await (hostility.act if turned and hostility.act else act)(asked, writer)

    server = await serve(answered, host=hostility.host, port=int(os.environ.get("PORT", "0")))
    where = server.sockets[0].getsockname()
    print(f"http://{f'[{where[0]}]' if ':' in where[0] else where[0]}:{where[1]}", flush=True)
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)
    try:
        await asyncio.Event().wait()
    finally:
        if behind:
            behind.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(MAKES))
    parser.add_argument("--after", type=int, default=0)
    arguments = sys.argv[1:]
    at = arguments.index("--") if "--" in arguments else len(arguments)
    given = parser.parse_args(arguments[:at])
    asyncio.run(main(given.name, given.after, arguments[at + 1 :]))
