"""The stand-in on a port: uvicorn, one process, stopped at once when told to stop.

uvicorn reads HTTP with httptools and runs on uvloop where the extra `native` has installed them, and with h11 on
asyncio's own loop elsewhere, as on Windows: slower, and the same bytes.
"""

from __future__ import annotations

import gc
import socket
from types import FrameType

import uvicorn

from .app import Standin
from .listening import BACKLOG
from .on_line import OnLine, most_open

KEEP_ALIVE_S = 240
"""Google's front end keeps idle connections for four minutes; a shorter time makes clients lose races."""

HEAD_BYTES = 1 << 20
"""Most that a request's head may have where h11 reads it; httptools knows no such bound."""


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
        http=OnLine,
        h11_max_incomplete_event_size=HEAD_BYTES,
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
    OnLine.most_open = most_open()
    Server(config).run(sockets=[sock])
