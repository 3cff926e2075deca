"""The stand-in on a port: uvicorn with uvloop and httptools, one process, stopped at once when told to stop."""

from __future__ import annotations

import gc
import socket
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .app import Standin
from .listening import BACKLOG
from .wire import LINE, Line

KEEP_ALIVE_S = 240
"""Google's front end keeps idle connections for four minutes; a shorter time makes clients lose races."""


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 whose application may reach below it, to the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {LINE: Line(self.transport)}  # type: ignore[dict-item]  # an extension of our own


class Server(uvicorn.Server):
    """A server that does not wait for open streams when it is stopped."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Scripts and journal live long: without this the collector walks them during paced streams.
        gc.collect()
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not kept for raising again, as uvicorn does: the process ends with status 0.
        self.should_exit = self.force_exit = True


def serve(standin: Standin, sock: socket.socket, certfile: str | None = None, keyfile: str | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        standin,
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        backlog=BACKLOG,
        ssl_certfile=certfile,
        ssl_keyfile=keyfile,
        timeout_graceful_shutdown=1,
    )
    Server(config).run(sockets=[sock])
